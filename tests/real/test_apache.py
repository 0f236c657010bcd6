"""Hijacked and honest sites behind a real Apache httpd, found or left alone by the real command.

The rules are written as hijackers and owners write them, in .htaccess; targets are names on loopback.
"""

from pathlib import Path

import pytest

from tests.real.sites import (
    DOOR,
    END,
    LURE,
    PAGE,
    assert_found,
    assert_one_look_each,
    doors_url,
    ends_url,
)
from tests.support.certificates import authority, issue, self_signed
from tests.support.checking import Outcome, check
from tests.support.servers import Server, apache

REFERRER = "RewriteCond %{HTTP_REFERER} (google|bing|yahoo) [NC]"
PHONES = 'RewriteCond %{HTTP_USER_AGENT} "android|iphone" [NC]'
AWAY = "RewriteRule .* {door} [R=302,L,NE]"

SEARCH, PHONE = "comes from a search engine", "uses a phone"
FIRST = "visits for the first time"
BOT = "is a search engine's crawler"

HIJACKED: dict[str, tuple[str, tuple[str, ...]]] = {
    "referrer.test": (f"RewriteEngine On\n{REFERRER}\n{AWAY}", (SEARCH,)),
    "agent.test": (f"RewriteEngine On\n{PHONES}\n{AWAY}", (PHONE,)),
    "both.test": (f"RewriteEngine On\n{REFERRER}\n{PHONES}\n{AWAY}", (SEARCH, PHONE)),
    "cookie.test": (
        "RewriteEngine On\nRewriteCond %{HTTP_COOKIE} !seen=1\n"
        "RewriteRule .* {door} [R=302,L,NE,CO=seen:1:cookie.test]",
        (FIRST,),
    ),
    "refresh.test": (
        'SetEnvIfNoCase Referer "google|bing|yahoo" lead\n'
        'Header always set Refresh "0; url={door}" env=lead',
        (SEARCH,),
    ),
    "agent-refresh.test": (
        'BrowserMatchNoCase "android|iphone" lead\n'
        "Header always set Refresh \"3;URL='{door}'\" env=lead",
        (PHONE,),
    ),
    "on-site.test": (
        f"RewriteEngine On\n{REFERRER}\nRewriteRule ^$ /wp-content/go [R=301,L]\n"
        "RewriteRule ^wp-content/go$ {door} [R=307,L,NE]",
        (SEARCH,),
    ),
    "cloaked.test": (
        f"RewriteEngine On\nRewriteCond %{{HTTP_USER_AGENT}} googlebot|bingbot [NC]\n{AWAY}",
        (BOT,),
    ),
    "hides.test": (
        "RewriteEngine On\nRewriteCond %{HTTP_USER_AGENT} !googlebot|bingbot [NC]\n"
        f"{REFERRER}\n{AWAY}",
        (SEARCH,),
    ),
    "missing.test": (
        f"RewriteEngine On\nRewriteCond %{{REQUEST_FILENAME}} !-f\n{REFERRER}\n{AWAY}",
        (SEARCH,),
    ),
    "errors.test": (
        '<If "%{HTTP_REFERER} =~ /google|bing/">\nErrorDocument 404 {door}\n</If>',
        (SEARCH,),
    ),
}
TARGETS = {"missing.test": "/no/such/page.html", "errors.test": "/no/such/page.html"}

EVERYBODY = "same-for-everyone"
HONEST: dict[str, tuple[str, str]] = {
    "plain.test": ("", "nothing-seen"),
    "bare.test": (
        "RewriteEngine On\nRewriteCond %{HTTP_HOST} ^bare\nRewriteRule ^ http://www.bare.test:{port}/ [R=301,L]",
        "nothing-seen",
    ),
    "language.test": (
        "RewriteEngine On\nRewriteCond %{HTTP:Accept-Language} ^en\nRewriteRule ^$ /en/ [R=302,L]",
        "nothing-seen",
    ),
    "slash.test": ("", "nothing-seen"),
    "moved.test": ("RedirectMatch 301 (.*) http://newhome.example:{port}$1", EVERYBODY),
    "login.test": (
        "RewriteEngine On\nRewriteCond %{HTTP_COOKIE} !session=\n"
        "RewriteRule .* http://identity.example:{port}/login?back=login.test [R=302,L,CO=asked:1:login.test]",
        EVERYBODY,
    ),
    "mobile.test": (
        "RewriteEngine On\nRewriteCond %{HTTP_HOST} ^mobile\n"
        f"{PHONES}\nRewriteRule ^ http://m.mobile.test:{{port}}/ [R=302,L]",
        "nothing-seen",
    ),
    "brandname.test": (
        f"RewriteEngine On\n{PHONES}\nRewriteRule ^ http://brandname.example:{{port}}/ [R=302,L]",
        "same-name",
    ),
    "home404.test": ("RedirectMatch 404 ^/$", "nothing-seen"),
    "secure.test": (
        'RewriteEngine On\nRewriteCond %{HTTPS} off\nRewriteRule ^ https://secure.test:{tls}/ [R=301,L]\n'
        "Header always set Strict-Transport-Security max-age=600",
        "nothing-seen",
    ),
    "open.test": (
        "RewriteEngine On\nRewriteCond %{QUERY_STRING} ^u=(http://[^&]+)\n"
        "RewriteRule ^out$ %1 [R=302,L,NE,QSD]",
        "open-redirect",
    ),
}  # fmt: skip
HONEST_TARGETS = {"slash.test": "/de", "open.test": "/out?u=http://x.example:{port}/"}

CLOSED = {
    "basic.test": (
        'AuthType Basic\nAuthName "members"\nAuthUserFile {folder}/users\nRequire valid-user',
        "it answered with status 401",
    ),
    "repairs.test": (
        "RewriteEngine On\nRewriteRule .* - [R=503,L]",
        "it answered with status 503: it is being worked on",
    ),
}

OFFSITE = {
    DOOR: "RewriteEngine On\nRewriteRule .* {end} [R=302,L,NE,QSD]",
    END: "RewriteEngine On\nRewriteRule .* /index.html [L]",
    "newhome.example": "",
    "identity.example": "",
    "brandname.example": "",
    "x.example": "",
    "www.bare.test": "",
    "m.mobile.test": "",
}
UNTRUSTED = (
    "no trustworthy TLS connection: its certificate has expired, is self-signed, is for another "
    "name, or comes from an authority that is not trusted"
)
TLS = {
    "secure.test": None,
    "expired.test": UNTRUSTED,
    "other-name.test": UNTRUSTED,
    "self-signed.test": UNTRUSTED,
}
"""By name, what an operator is told of its certificate."""


def _configured(folder: Path, port: int, tls_port: int) -> str:
    """A folder with its .htaccess for each name, and a certificate for those that have one."""
    root = authority()
    (folder / "ca.pem").write_bytes(root.write(folder / "root.pem").read_bytes())
    rules = {name: rule for name, (rule, _) in (HIJACKED | HONEST | CLOSED).items()}
    blocks = []
    for name, rule in {**rules, **OFFSITE, **dict.fromkeys(TLS.keys() - rules.keys(), "")}.items():
        home = folder / name
        (home / "de").mkdir(parents=True, exist_ok=True)
        (home / "en").mkdir(exist_ok=True)
        page = LURE if name in (DOOR, END) else PAGE
        for where in (home, home / "de", home / "en"):
            (where / "index.html").write_text(page)
        filled = {"door": doors_url(port), "end": ends_url(port), "folder": str(folder)}
        for word, value in {**filled, "port": str(port), "tls": str(tls_port)}.items():
            rule = rule.replace(f"{{{word}}}", value)
        (home / ".htaccess").write_text(rule + "\n")
        blocks.append(_block(name, home, port, ""))
        if name in TLS:
            pem = _pair(root, name).write(folder / f"{name}.pem")
            blocks.append(_block(name, home, tls_port, f"SSLEngine on\nSSLCertificateFile {pem}"))
    (folder / "users").write_text("nobody:!\n")
    return "\n".join(blocks)


def _block(name: str, home: Path, port: int, more: str) -> str:
    return (
        f"<VirtualHost 127.0.0.1:{port}>\nServerName {name}\nDocumentRoot {home}\n"
        f"{more}\n</VirtualHost>"
    )


def _pair(root, name):
    match name:
        case "expired.test":
            return issue(root, name, days=-1)
        case "other-name.test":
            return issue(root, "somebody-else.test")
        case "self-signed.test":
            return self_signed(name)
    return issue(root, name)


def _target(name: str, port: int) -> str:
    return {**TARGETS, **HONEST_TARGETS}.get(name, "/").replace("{port}", str(port))


@pytest.fixture(scope="module")
def server():
    with apache(_configured) as running:
        yield running


@pytest.fixture(scope="module")
def visited(server: Server, tmp_path_factory) -> Outcome:
    """One run of the command over every site."""
    names = [*HIJACKED, *HONEST, *CLOSED]
    urls = [server.url(name, _target(name, server.port)) for name in names]
    urls += [server.url(name, scheme="https") for name in TLS]
    hosts = dict.fromkeys([*names, *OFFSITE, *TLS], "127.0.0.1")
    folder = tmp_path_factory.mktemp("apache")
    return check(folder, *urls, hosts=hosts, ca_file=server.folder / "ca.pem")


@pytest.mark.parametrize("name", HIJACKED)
def test_a_hijacked_site_is_found_with_its_conditions(name: str, server: Server, visited: Outcome):
    line = visited.line(server.url(name, _target(name, server.port)))
    assert_found(line, *HIJACKED[name][1])


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_site_is_left_alone(name: str, server: Server, visited: Outcome):
    line = visited.line(server.url(name, _target(name, server.port)))
    assert line["verdict"] == "clean", line
    assert [reason["code"] for reason in line["reasons"]] == [HONEST[name][1]]
    assert line["error"] is None


@pytest.mark.parametrize("name", CLOSED)
def test_a_site_that_lets_nobody_in_is_not_judged(name: str, server: Server, visited: Outcome):
    line = visited.line(server.url(name))
    assert (line["verdict"], line["error"]) == ("inconclusive", CLOSED[name][1])


@pytest.mark.parametrize("name", TLS)
def test_a_certificate_is_insisted_on(name: str, server: Server, visited: Outcome):
    line = visited.line(server.url(name, scheme="https"))
    if TLS[name] is None:
        assert line["verdict"] == "clean"
        return
    assert line["verdict"] == "unreachable"
    shown = name.replace(".", "[.]")
    assert line["error"] == f"{shown}: {TLS[name]}"


def test_of_the_hijackers_own_servers_nothing_but_headers_is_asked(
    server: Server, visited: Outcome
):
    assert visited.code == 1
    assert_one_look_each(server, set(HIJACKED))


def test_honest_sites_alone_are_exit_code_0_and_a_closed_one_makes_it_2(
    server: Server, tmp_path: Path
):
    hosts = {"plain.test": "127.0.0.1", "repairs.test": "127.0.0.1"}
    plain, closed = (server.url(name) for name in hosts)
    assert check(tmp_path / "one", plain, hosts=hosts).code == 0
    assert check(tmp_path / "two", plain, closed, hosts=hosts).code == 2
