"""``unhijack check`` as scripts are built on it: lines, fields, exit codes, evidence."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import unhijack
from tests.support.lab import Lab, running_lab
from unhijack.lab.town import Kind, TownSite

FIELDS = {
    *("url", "verdict", "confidence", "destinations", "conditions", "reasons"),
    *("visits", "bound", "error", "lab"),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


def check(lab: Lab, state: Path, *words: str) -> tuple[int, list[dict[str, Any]], str]:
    done = unhijack("check", "--json", *words, state=state, env=lab.environment(state))
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return done.returncode, lines, done.stderr.decode()


def honest(lab: Lab) -> TownSite:
    return next(s for s in lab.town.sites if s.kind is Kind.PLAIN and s.gate is None)


def test_a_hijacked_site_is_one_line_with_every_field_and_exit_code_1(lab: Lab, tmp_path: Path):
    site = lab.town.hijacked[0]
    url = lab.server.url(site.host)

    code, (line,), _ = check(lab, tmp_path, url)

    assert code == 1
    assert set(line) == FIELDS
    assert line["url"] == url, "as it was given"
    assert line["verdict"] == "hijacked"
    assert 0 < line["confidence"] <= 1
    assert site.chain is not None
    (destination,) = line["destinations"]
    assert destination["host"] == site.chain.end
    assert destination["via"] == [site.chain.entry]
    assert destination["unread"] is True
    assert len(destination["url_hmac"]) == 64
    assert line["conditions"]
    assert {"code", "text", "visit"} == set(line["reasons"][0])
    assert line["bound"] is None
    assert line["error"] is None


def test_a_clean_site_says_what_that_is_worth_and_exits_0(lab: Lab, tmp_path: Path):
    code, (line,), said = check(lab, tmp_path, lab.server.url(honest(lab).host))

    assert code == 0
    assert line["verdict"] == "clean"
    assert line["bound"]["visits"] == 4
    assert line["bound"]["rate_below"] == 0.75
    assert "scripts were not run" not in line["bound"]["not_covered"], "they are, by default"
    assert "lab run" in said, "a lifted guard is said aloud"


def test_a_list_gets_a_line_for_each_address_whatever_becomes_of_the_others(
    lab: Lab, tmp_path: Path
):
    urls = [
        lab.server.url(honest(lab).host),
        "http://192.168.0.1/",
        "http://nowhere.invalid/",
        "no address at all",
    ]
    listed = tmp_path / "list.txt"
    listed.write_text("\ufeff# a comment\n\n" + "\n".join(urls) + "\n")

    code, lines, _ = check(lab, tmp_path, "--file", str(listed))

    assert code == 2, "nothing was found, and not everything could be judged"
    found = {line["url"]: line for line in lines}
    assert set(found) == set(urls)
    assert found[urls[0]]["verdict"] == "clean"
    for url in urls[1:]:
        assert found[url]["verdict"] == "unreachable"
        assert found[url]["error"]


def test_what_was_found_outweighs_what_could_not_be_judged(lab: Lab, tmp_path: Path):
    code, lines, _ = check(
        lab, tmp_path, "http://10.0.0.1/", lab.server.url(lab.town.hijacked[0].host)
    )
    assert code == 1
    assert len(lines) == 2


def test_the_same_destination_has_the_same_hash_in_the_same_house_alone(lab: Lab, tmp_path: Path):
    url = lab.server.url(lab.town.hijacked[0].host)

    def hashed(state: Path) -> str:
        _, (line,), _ = check(lab, state, url)
        return str(line["destinations"][0]["url_hmac"])

    assert hashed(tmp_path / "a") == hashed(tmp_path / "a")
    assert hashed(tmp_path / "a") != hashed(tmp_path / "b")


def test_evidence_is_sealed_and_named_by_host(lab: Lab, tmp_path: Path):
    site = lab.town.hijacked[0]
    folder = tmp_path / "evidence"
    check(lab, tmp_path / "state", "--evidence", str(folder), lab.server.url(site.host))

    (kept,) = folder.iterdir()
    assert kept.name.startswith(site.host)
    assert site.chain is not None
    assert site.chain.entry.encode() not in kept.read_bytes(), "no destination in clear"


def test_a_person_reads_the_same_in_words(lab: Lab, tmp_path: Path):
    site = lab.town.hijacked[0]
    done = unhijack(
        "check", lab.server.url(site.host), state=tmp_path, env=lab.environment(tmp_path)
    )
    said = done.stdout.decode()

    assert done.returncode == 1
    assert said.startswith("HIJACKED")
    assert site.chain is not None
    assert site.chain.entry.replace(".", "[.]") in said
    assert site.chain.entry not in said, "defanged for people"
    assert "whom:" in said
    assert "because:" in said
