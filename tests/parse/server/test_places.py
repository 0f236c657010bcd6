"""What is known of a file's place changes what its contents mean."""

import time

from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.apache import apache_marks
from unhijack.parse.server.ini import ini_marks
from unhijack.parse.server.nginx import nginx_marks
from unhijack.parse.server.pages import html_marks, script_marks, wants_running
from unhijack.parse.server.place import Place

OWN = frozenset({"parish.example"})
LIKELY = 0.5


def likely(marks: list[Mark]) -> list[str]:
    return [mark.rule for mark in marks if mark.confidence >= LIKELY]


def test_a_firewalls_own_file_is_fine_where_it_is():
    setting = b"auto_prepend_file = '/var/www/html/wordfence-waf.php'\n"
    there = Place(".user.ini", exists=lambda path: path == "/var/www/html/wordfence-waf.php")
    assert ini_marks(setting, there) == []
    assert [mark.rule for mark in ini_marks(setting, Place(".user.ini"))] == ["ini-prepend-missing"]


def test_a_name_beside_the_settings_is_looked_for_beside_them():
    setting = b"php_value auto_prepend_file firewall.php\n"
    there = Place("shop/.htaccess", exists=lambda path: path == "shop/firewall.php")
    assert apache_marks(setting, there) == []


def test_a_firewalls_name_in_a_temporary_folder_is_none():
    assert likely(ini_marks(b"auto_prepend_file=/tmp/wordfence-waf.php\n", Place(".user.ini")))


def test_a_redirect_to_the_own_site_leads_nowhere_else():
    rules = (
        b"RewriteEngine On\nRewriteCond %{HTTP_REFERER} google\nRewriteCond %{HTTP_USER_AGENT} iphone\n"
        b"RewriteRule .* https://www.parish.example/hello [R]\n"
    )
    assert likely(apache_marks(rules, Place(".htaccess")))
    assert apache_marks(rules, Place(".htaccess", OWN)) == []


def test_a_file_that_names_its_hosts_needs_not_be_told():
    rules = (
        b"RewriteCond %{HTTP_HOST} ^parish\\.example$\nRewriteCond %{HTTP_REFERER} google\n"
        b"RewriteRule .* https://www.parish.example/ [R]\n"
    )
    assert apache_marks(rules, Place(".htaccess")) == []


def test_own_hosts_hold_for_nginx_scripts_and_pages():
    place = Place("x", OWN)
    test = b"if ($http_referer ~* google) { return 302 https://new.parish.example/; }"
    script = b'if(/google/.test(document.referrer))location.href="https://new.parish.example/"'
    page = b"<html><body><script>" + script + b"</script></body></html>"
    for reader, content in ((nginx_marks, test), (script_marks, script), (html_marks, page)):
        assert likely(reader(content, Place("x")))
        assert likely(reader(content, place)) == []


def test_php_switched_on_among_uploads_is_odd():
    assert likely(apache_marks(b"php_flag engine on\n", Place("wp-content/uploads/.htaccess")))
    assert likely(apache_marks(b"php_flag engine on\n", Place(".htaccess"))) == []


def test_an_honest_handler_beside_a_planted_one_is_not_cut_away():
    content = b"AddType application/x-httpd-php .php .jpg\n"
    (mark,) = apache_marks(content, Place(".htaccess"))
    assert mark.confidence >= LIKELY
    assert mark.cut is None
    assert not mark.whole


def test_a_page_with_a_scripts_name_is_read_as_a_page():
    content = b"<script>eval(atob('dmFyIGE9MTtjb25zb2xlLmxvZyhhKTs='))</script>"
    assert likely(script_marks(content, Place("a.js")))


def test_a_script_whose_aim_is_out_of_sight_wants_to_be_run():
    gate = b"if(/android/i.test(navigator.userAgent)&&document.referrer){location.href=atob(k)}"
    assert wants_running(gate)
    assert wants_running(b"<html><script>" + gate + b"</script></html>")
    assert not wants_running(b"document.querySelector('a').focus();")
    assert not wants_running(b"a" * 2_000_000)


def test_two_megabytes_of_ordinary_script_take_no_time():
    line = b'function f%d(e){return e&&e.location?"https://www.w3.org/1999/xlink":document.title+"\\u2026"}\n'
    content = b"".join(line % number for number in range(22_000))
    begun = time.process_time()
    assert likely(script_marks(content, Place("a.js"))) == []
    assert time.process_time() - begun < 2.5
