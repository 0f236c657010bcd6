"""The command that says who would be told, and why."""

import json
from pathlib import Path

from tests.support.command import unhijack
from tests.support.people import PAGES, SITE, people
from tests.support.street_of_sites import Said, said_json


def test_a_table_says_who_would_be_told_and_why(tmp_path: Path):
    with people(tmp_path) as town:
        done = unhijack("contacts", town.url, env=town.environment())

    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    line = next(line for line in said.splitlines() if "owner@lindner.test" in line)
    assert line.split()[:4] == ["owner", "owner@lindner.test", "0.78", "yes"]
    assert "registrant contact of the domain (rdap-domain)" in line
    assert "hosting country: NL (rdap-network)" in said
    assert not (tmp_path / "state" / "unhijack.sqlite3").exists()


def test_json_has_a_line_for_each_and_a_summary(tmp_path: Path):
    with people(tmp_path) as town:
        done = unhijack("contacts", "--json", town.url, env=town.environment())

    *contacts, last = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 0
    assert contacts[0]["mail"] == "owner@lindner.test"
    assert set(contacts[0]) == {
        *("mail", "role", "source", "confidence", "independent", "language", "found_at", "why")
    }
    assert last["summary"]["site"] == "bakery.test"
    assert last["summary"]["network"] == "HOST-NET"


def test_nothing_of_a_strangers_reaches_the_terminal_as_it_is(tmp_path: Path):
    escape = "\x1b]0;pwned\x07\N{RIGHT-TO-LEFT OVERRIDE}[bold]x"
    network = {"objectClassName": "ip network", "name": escape, "country": escape}
    registry = {"rdap.test/ip/127.0.0.1": said_json(network)}
    pages = dict(PAGES)
    pages[f"{SITE}/.well-known/security.txt"] = Said(
        f"Contact: mailto:{escape}@evil.test\n".encode(), "text/plain"
    )
    with people(tmp_path, pages=pages, registry=registry) as town:
        done = unhijack("contacts", town.url, env=town.environment())

    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert all(line.isprintable() for line in said.splitlines())
    assert "[bold]x" in said, "markup is shown, not obeyed"


def test_nobody_to_tell_is_said(tmp_path: Path):
    zone = {("bakery.test", "MX"): ["0 ."]}
    with people(tmp_path, pages={}, registry={}, zone=zone) as town:
        done = unhijack("contacts", town.url, env=town.environment())

    assert done.returncode == 2
    assert b"nobody was found" in done.stdout


def test_wrong_use_is_one_line(tmp_path: Path):
    wrong = {
        "no address": ((), {}),
        "is not an address": (("ftp://a.test/",), {}),
        "dns_servers": (("http://a.test/",), {"UNHIJACK_DNS_SERVERS": "somewhere"}),
        "MMDB": (("http://a.test/",), {"UNHIJACK_NETWORKS": str(tmp_path / "none")}),
        "--refresh": (("http://a.test/",), {"UNHIJACK_RDAP_BOOTSTRAP": str(tmp_path / "none")}),
        "national teams": (("http://a.test/",), {"UNHIJACK_NATIONAL_TEAMS": str(tmp_path)}),
    }
    for words, (given, env) in wrong.items():
        done = unhijack("contacts", *given, state=tmp_path / "state", env=env)

        assert done.returncode == 2
        assert words in done.stderr.decode(), done.stderr
        assert done.stderr.count(b"\n") == 1, done.stderr


def test_a_refresh_that_cannot_be_done_is_said(tmp_path: Path):
    (tmp_path / "hosts").write_text("127.0.0.1 data.iana.org")
    env = {"UNHIJACK_HOSTS": str(tmp_path / "hosts")}
    done = unhijack("contacts", "--refresh", state=tmp_path / "state", env=env)

    assert done.returncode == 2
    assert b"cannot be fetched: not visited: 127.0.0.1 is a loopback address" in done.stderr
