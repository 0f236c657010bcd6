"""Hijacked and honest sites behind a real nginx, and what its owner sees when they repeat it."""

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
from tests.support.certificates import authority, issue
from tests.support.checking import Outcome, check
from tests.support.servers import Server, nginx

SEARCH, PHONE = "comes from a search engine", "uses a phone"
FIRST = "visits for the first time"
BOT = "is a search engine's crawler"
DESKTOP = "uses a desktop computer"

MAPS = """
map $http_user_agent $phone { default 0; "~*android|iphone" 1; }
map $http_user_agent $crawler { default 0; "~*googlebot|bingbot" 1; }
map "$phone:$http_referer" $lured { default 0; "~*^1:.*(google|bing|yahoo)" 1; }
map $http_referer $refresh { default ""; "~*google|bing" "0; url={door}"; }
map $http_referer $meta {
    default "</head>";
    "~*google|bing" '<meta http-equiv="refresh" content="1;url={door}"></head>';
}
"""
HIJACKED: dict[str, tuple[str, tuple[str, ...]]] = {
    "referrer.test": ("if ($http_referer ~* google) { return 302 {door}; }", (SEARCH,)),
    "agent.test": ("if ($phone) { return 302 {door}; }", (PHONE,)),
    "both.test": ("if ($lured) { return 302 {door}; }", (SEARCH, PHONE)),
    "refresh.test": ("add_header Refresh $refresh always;", (SEARCH,)),
    "meta.test": ("sub_filter </head> $meta;\nsub_filter_once on;", (SEARCH,)),
    "on-site.test": (
        "if ($http_referer ~* google) { rewrite ^/$ /go redirect; }\n"
        "location = /go { return 307 {door}; }",
        (SEARCH,),
    ),
    "cookie.test": (
        'add_header Set-Cookie "seen=1; Path=/" always;\n'
        'if ($http_cookie !~ "seen=1") { return 303 {door}; }',
        (FIRST,),
    ),
    "cloaked.test": ("if ($crawler) { return 301 {door}; }", (BOT,)),
    "desktop.test": ("if ($http_user_agent ~ Windows) { return 302 {door}; }", (DESKTOP,)),
}
EVERYBODY = "same-for-everyone"
HONEST = {
    "plain.test": ("", "nothing-seen"),
    "moved.test": ("return 308 http://newhome.example:{port}$request_uri;", EVERYBODY),
    "language.test": (
        'if ($http_accept_language ~* "^en") { rewrite ^/$ /en/ redirect; }',
        "nothing-seen",
    ),
    "secure.test": ("if ($scheme = http) { return 301 https://$host:{tls}/; }", "nothing-seen"),
    "mobile.test": (
        "if ($phone) { return 302 http://m.mobile.test:{port}/; }",
        "nothing-seen",
    ),
}
CLOSED = {
    "repairs.test": ("return 503;", "it answered with status 503: it is being worked on"),
    "forbidden.test": ("deny all;", "it answered with status 403"),
}
OFFSITE = {
    DOOR: "return 302 {end};",
    END: "rewrite ^ /index.html break;",
    "newhome.example": "",
    "m.mobile.test": "",
}


def _configured(folder: Path, port: int, tls_port: int) -> str:
    root = authority()
    root.write(folder / "ca.pem")
    pem = issue(root, "secure.test").write(folder / "secure.pem")
    rules = {name: rule for name, (rule, _) in (HIJACKED | HONEST | CLOSED).items()} | OFFSITE
    blocks = ["map_hash_bucket_size 256;", MAPS]
    for name, rule in rules.items():
        home = folder / name
        (home / "en").mkdir(parents=True, exist_ok=True)
        for where in (home, home / "en"):
            (where / "index.html").write_text(LURE if name in (DOOR, END) else PAGE)
        tls = (
            f"listen 127.0.0.1:{tls_port} ssl;\nssl_certificate {pem};\nssl_certificate_key {pem};"
        )
        blocks.append(
            f"server {{\nlisten 127.0.0.1:{port};\n{tls if name == 'secure.test' else ''}\n"
            f"server_name {name};\nroot {home};\nindex index.html;\n{rule}\n}}"
        )
    text = "\n".join(blocks)
    words = {"door": doors_url(port), "end": ends_url(port), "port": port, "tls": tls_port}
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", str(value))
    return text


@pytest.fixture(scope="module")
def server():
    with nginx(_configured) as running:
        yield running


@pytest.fixture(scope="module")
def visited(server: Server, tmp_path_factory) -> Outcome:
    names = [*HIJACKED, *HONEST, *CLOSED]
    hosts = dict.fromkeys([*names, *OFFSITE], "127.0.0.1")
    urls = map(server.url, names)
    folder = tmp_path_factory.mktemp("nginx")
    return check(folder, *urls, hosts=hosts, ca_file=server.folder / "ca.pem")


@pytest.mark.parametrize("name", HIJACKED)
def test_a_hijacked_site_is_found_with_its_conditions(name: str, server: Server, visited: Outcome):
    assert_found(visited.line(server.url(name)), *HIJACKED[name][1])


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_site_is_left_alone(name: str, server: Server, visited: Outcome):
    line = visited.line(server.url(name))
    assert line["verdict"] == "clean", line
    assert [reason["code"] for reason in line["reasons"]] == [HONEST[name][1]]


@pytest.mark.parametrize("name", CLOSED)
def test_a_site_that_lets_nobody_in_is_not_judged(name: str, server: Server, visited: Outcome):
    line = visited.line(server.url(name))
    assert (line["verdict"], line["error"]) == ("inconclusive", CLOSED[name][1])


def test_of_the_hijackers_own_servers_nothing_but_headers_is_asked(
    server: Server, visited: Outcome
):
    assert visited.code == 1
    assert_one_look_each(server, set(HIJACKED))
