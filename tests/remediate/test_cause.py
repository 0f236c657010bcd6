"""A break-in hidden among 20,000 ordinary requests, in logs that were rotated and packed."""

import gzip
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.remediate.town_logs import BEGIN, PHONE, MemoryLogs, line, ordinary
from unhijack.adapters.logs import LogFolder
from unhijack.core.finding import Finding, Kind, Mend
from unhijack.core.text import printable
from unhijack.remediate.cause import Cause, find_cause
from unhijack.remediate.telling import statements
from unhijack.remediate.trail import Planted, planted_of, target_path

BREAK_IN = BEGIN + timedelta(days=11, hours=3, minutes=14, seconds=15)
INTRUDER = "203.0.113.66"
CONTROLLER = "2001:db8::bad"
UPLOAD = "/wp-content/plugins/oven-gallery/inc/upload-handler.php"
SHELL = "wp-content/uploads/2026/11/crumbs.php"
SECOND = timedelta(seconds=1)


def attack() -> list[tuple[datetime, bytes]]:
    """A plugin's upload, the planted file, then searchers and phones sent away."""
    lines = [
        line(BREAK_IN - 3600 * SECOND, INTRUDER, "GET /wp-content/plugins/oven-gallery/readme.txt"),
        line(BREAK_IN, INTRUDER, f"POST {UPLOAD}", agent="python-requests/2.0"),
        line(BREAK_IN + 4 * SECOND, INTRUDER, f"GET /{SHELL}", agent="python-requests/2.0"),
        line(BREAK_IN + 9 * SECOND, INTRUDER, f"POST /{SHELL}?a=1", agent="python-requests/2.0"),
        line(
            BREAK_IN + timedelta(days=2),
            CONTROLLER,
            f"POST //{SHELL.replace('crumbs', 'cr%75mbs')}",
        ),
    ]
    for number in range(40):
        when = BREAK_IN + timedelta(hours=1 + number)
        search = "https://www.google.com/"
        lines.append(line(when, f"198.51.200.{number % 30}", "GET /bread/", 302, search))
        lines.append(line(when, f"198.51.201.{number}", "GET /rolls/", 302, "-", PHONE))
        lines.append(line(when, f"198.51.202.{number}", "GET /shop", 301, search))  # everybody's
        lines.append(line(when, f"198.51.203.{number}", "GET /shop", 301))
    return lines


PLANTED = [
    Planted(SHELL, BREAK_IN + SECOND, BREAK_IN + SECOND),
    Planted("index.php", BREAK_IN + 11 * SECOND, BREAK_IN + 11 * SECOND, whole=False),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five files of a series: the oldest are packed."""
    folder = tmp_path_factory.mktemp("logs")
    lines = [text for _, text in sorted(ordinary(20_000) + attack(), key=lambda one: one[0])]
    fifth = len(lines) // 5 + 1
    for number in range(5):
        content = b"\n".join(lines[number * fifth : (number + 1) * fifth]) + b"\n"
        age = 4 - number
        name = "access.log" + (f".{age}" if age else "") + (".gz" if age > 1 else "")
        (folder / name).write_bytes(gzip.compress(content) if age > 1 else content)
    (folder / "error.log").write_bytes(
        b"[Thu Nov 12 03:13:00 2026] [core:notice] [pid 1] started\n"
        b"[Thu Nov 12 03:14:20 2026] [php:warn] [pid 1] [client 203.0.113.66:5000] PHP Warning: "
        b"Undefined index in /srv/www/" + SHELL.encode() + b" on line 1\n"
    )
    return folder


@pytest.fixture(scope="module")
def cause(folder: Path) -> Cause:
    return find_cause(PLANTED, LogFolder([folder]))


def test_the_plugin_that_took_the_upload_is_named_with_the_line_that_proves_it(
    cause: Cause, folder: Path
):
    best = cause.ways[0]
    assert (best.name, best.plugin) == ("wp-plugin-upload", "oven-gallery")
    assert best.confidence >= 0.9
    proof = best.proofs[0]
    content = Path(proof.file).read_bytes()
    lines = (gzip.decompress(content) if proof.file.endswith(".gz") else content).split(b"\n")
    assert UPLOAD.encode() in lines[proof.line - 1]
    assert lines[proof.line - 1].startswith(INTRUDER.encode())
    assert (proof.address, proof.when) == (INTRUDER, BREAK_IN)
    assert [way.name for way in cause.ways if way.confidence >= 0.6] == ["wp-plugin-upload"]


def test_the_first_request_to_the_planted_file_is_found_however_it_is_written(cause: Cause):
    (use,) = cause.first_uses
    assert (use.path, use.proof.when, use.visitors) == (SHELL, BREAK_IN + 4 * SECOND, 2)
    assert use.agent == "python-requests/2.0"


def test_an_error_that_names_the_planted_file_is_found(cause: Cause):
    ((path, proof),) = cause.named
    assert (path, proof.line, proof.address) == (SHELL, 2, INTRUDER)
    assert proof.when == BREAK_IN + 5 * SECOND


def test_who_used_what_was_planted_is_a_suspect_and_nobody_else(cause: Cause):
    assert {one.address: one.used for one in cause.suspects} == {
        INTRUDER: (SHELL,),
        CONTROLLER: (SHELL,),
    }
    intruder = next(one for one in cause.suspects if one.address == INTRUDER)
    assert (intruder.requests, intruder.posts) == (4, 2)
    assert intruder.first == BREAK_IN - 3600 * SECOND


def test_visitors_who_were_sent_away_are_counted_and_the_site_s_own_redirects_are_not(cause: Cause):
    search, phone = cause.sent_away
    assert (search.who, search.requests, search.visitors, search.pages) == (
        "from a search engine",
        *(40, 30, 1),
    )
    assert (phone.who, phone.requests, phone.since) == (
        "by phone",
        40,
        BREAK_IN + timedelta(hours=1),
    )
    assert len(search.proofs) == 5


def test_the_story_shows_addresses_to_the_owner_alone(cause: Cause):
    for_owner, for_others = statements(cause, owner=True), statements(cause, owner=False)
    told = [one.text for one in for_owner]
    assert "probably came through an upload of a plugin or theme (oven-gallery)" in " ".join(told)
    assert any(INTRUDER in line for one in for_owner for line in one.proofs)
    shown = str(for_others)
    assert INTRUDER not in shown
    assert CONTROLLER not in shown
    assert "203.0.113.…" in shown
    assert cause.gaps == ()


def test_a_file_whose_time_was_set_back_is_dated_by_its_inode(folder: Path):
    forged = Planted(SHELL, datetime(2019, 1, 1, tzinfo=UTC), BREAK_IN + SECOND)
    cause = find_cause([forged], LogFolder([folder]))
    assert cause.change == BREAK_IN + SECOND
    assert cause.ways[0].plugin == "oven-gallery"
    assert "set back" in cause.gaps[0]


def test_logs_that_begin_too_late_say_so():
    logs = MemoryLogs({"access.log": [line(BREAK_IN + timedelta(days=9), "192.0.2.7", "GET /")[1]]})
    cause = find_cause(PLANTED, logs)
    assert cause.ways == ()
    assert [gap.partition(":")[0] for gap in cause.gaps] == ["the logs begin after the change"]


def test_no_logs_and_no_dates_are_said():
    assert "no access logs" in find_cause(PLANTED, MemoryLogs({})).gaps[0]
    logs = MemoryLogs({"a": [line(BREAK_IN, "192.0.2.7", "GET /")[1]]})
    assert "nothing dates the change" in find_cause([Planted("x.php")], logs).gaps[0]


def test_a_change_without_any_fitting_request_names_the_other_roads():
    lines = [line(BEGIN + timedelta(hours=hour), "192.0.2.7", "GET /")[1] for hour in range(999)]
    (gap,) = find_cause(PLANTED, MemoryLogs({"access.log": lines})).gaps
    assert "FTP" in gap


def test_guessed_passwords_then_the_editor_are_told_in_that_order():
    zone = timezone(timedelta(hours=2))
    when = BREAK_IN.astimezone(zone)
    lines = [line(when - (500 - n) * SECOND, INTRUDER, "POST /wp-login.php") for n in range(300)]
    lines += [
        line(when - 100 * SECOND, INTRUDER, "POST /wp-login.php", 302),
        line(when, INTRUDER, "POST /wp-admin/theme-editor.php", 302),
        line(when + timedelta(days=1), "192.0.2.7", "GET /"),
    ]
    logs = MemoryLogs({"access.log": [text for _, text in lines]})
    changed = Planted("wp-content/themes/oven/404.php", BREAK_IN, BREAK_IN, whole=False)
    cause = find_cause([changed], logs)
    ways = {way.name: way for way in cause.ways}
    assert cause.ways[0].name == "wp-editor"
    assert ways["wp-editor"].refused_logins == 300
    assert ways["wp-login"].confidence <= 0.5
    assert "DISALLOW_FILE_EDIT" in ways["wp-editor"].advice
    assert cause.suspects[0].refused_logins == 300


@pytest.mark.parametrize(
    ("request_line", "status", "name"),
    [
        ("POST /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", 200, "phpunit"),
        ("POST /wp-content/plugins/files/lib/php/connector.minimal.php", 200, "elfinder"),
        ("GET /index.php?s=/index/%5Cthink%5Capp/invokefunction&x=1", 200, "thinkphp"),
        ("POST /index.php?option=com_media&task=file.upload", 303, "joomla-media"),
        (
            "POST /user/register?element_parents=account/mail/%23value&ajax_form=1",
            200,
            "drupal-forms",
        ),
        ("POST /customer/address_file/upload", 200, "magento-upload"),
        ("POST /adminer-4.8.php?server=x", 302, "database-tool"),
        ("PUT /x.php", 201, "put"),
        ("POST /wp-admin/update.php?action=upload-plugin", 200, "wp-plugin-install"),
        ("POST /assets/kcfinder/upload.php", 200, "upload-script"),
        ("POST /ajax/render/widget_php", 200, "vbulletin"),
        ("POST /odd/thing.php", 200, "unknown-post"),
    ],
)
def test_each_known_way_in_is_told_by_its_request(request_line: str, status: int, name: str):
    lines = [
        line(BREAK_IN, INTRUDER, request_line, status),
        line(BREAK_IN + 5 * SECOND, INTRUDER, f"GET /{SHELL}"),
    ]
    cause = find_cause(PLANTED[:1], MemoryLogs({"access.log": [text for _, text in lines]}))
    assert cause.ways[0].name == name


def test_in_a_log_of_many_sites_the_lines_of_the_others_are_left_out():
    own = line(BREAK_IN, INTRUDER, f"POST {UPLOAD}")[1]
    other = line(BREAK_IN, "203.0.113.7", "POST /eval-stdin.php")[1]
    lines = [b"www.bakery.test:443 " + own, b"other.test:443 " + other]
    logs = MemoryLogs({"vhosts.log": lines})
    assert find_cause(PLANTED, logs, ["www.bakery.test"]).lines == 1
    assert find_cause(PLANTED, logs).lines == 2


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a/b.php?x=/c", "/a/b.php"),
        ("//a///b.php", "/a/b.php"),
        ("/%61.php", "/a.php"),
        ("HTTP://bakery.test/a.php", "/a.php"),
        ("*", "*"),
    ],
)
def test_a_path_is_one_however_it_is_written(target: str, path: str):
    assert target_path(target) == path


def test_findings_become_planted_files_with_their_times():
    def finding(path: str, kind: Kind, repair: Mend) -> Finding:
        return Finding(path, 1, kind, "rule", 0.9, "reason", "", "", repair)

    planted = planted_of(
        [
            finding("/srv/www/a/x.php", Kind.REDIRECT, Mend.REVIEW),
            finding("/srv/www/a/x.php", Kind.WEBSHELL, Mend.QUARANTINE),
            finding("/srv/www/index.php", Kind.INJECTION, Mend.REMOVE_BLOCK),
        ],
        "/srv/www",
        {"/srv/www/a/x.php": (BREAK_IN, None)},
    )
    assert planted == (Planted("a/x.php", BREAK_IN), Planted("index.php", whole=False))


HOSTILE = st.builds(
    lambda path, agent: line(BREAK_IN, INTRUDER, f"POST {path}", agent=agent)[1],
    st.text(max_size=60),
    st.text(max_size=20),
)


@given(st.lists(st.one_of(HOSTILE, st.binary(max_size=80)), max_size=8))
def test_whatever_logs_hold_a_cause_is_told_harmlessly(lines: list[bytes]):
    logs = MemoryLogs({"access.log": [line(BREAK_IN, "192.0.2.7", "GET /")[1], *lines]})
    told = statements(find_cause(PLANTED, logs), owner=True)
    texts = [text for one in told for text in (one.text, *one.proofs)]
    assert all(printable(text, 2000) == text for text in texts)
