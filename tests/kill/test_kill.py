"""`kill -9` in the middle of the story: nothing is lost, no mail leaves twice, and it goes on.

Every random moment follows from the seed in the test's own name: a failure can be repeated.
"""

import os
import random
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.command import UNHIJACK, surroundings
from tests.support.house import open_store
from unhijack.core.case import Case, Kind, State
from unhijack.core.data import objects
from unhijack.core.fold import fold
from unhijack.core.journal import first_broken
from unhijack.core.site import parse_address
from unhijack.lab.sink import count

SEED = 7
"""Of the town."""
AT_ANY_MOMENT = 8
"""Kills by the clock, in a story each."""
IN_A_ROW = 6
"""Kills in one and the same story, spread over its length."""
AT_DELICATE_MOMENTS = 6
"""Kills aimed at a mail that is leaving, and at files that are being written."""
KILLS = AT_ANY_MOMENT + IN_A_ROW + AT_DELICATE_MOMENTS
SECONDS = 40
"""One life may take this long."""

pytestmark = pytest.mark.timeout(180)

RECEIPT = re.compile(rb"receipt (R-[0-9A-Z-]{17})")
TALLY = re.compile(r"^(reports +verified .*)\n([ \d]+)$", re.MULTILINE)


@dataclass(slots=True)
class Story:
    """One folder, and the lives that were spent on it."""

    folder: Path
    receipts: set[str] = field(default_factory=set)
    kills: int = 0
    last_words: str = ""

    def begin_anew(self) -> None:
        self.folder = self.folder.with_name(self.folder.name + "-again")
        self.receipts.clear()

    def live(self, until: Callable[[], bool] | None = None) -> bool:
        """Play until the end, or until killed; whether it came to the end."""
        command = [UNHIJACK, "demo", "--keep", str(self.folder), "--seed", str(SEED)]
        command += ["--sites", "20", "--hijacked", "5"]
        log = self.folder.with_suffix(f".{self.kills}")
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=surroundings(PYTHONUNBUFFERED="1", COLUMNS="200"),
                start_new_session=True,
            )
        try:
            self._watch(process, until)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                self.kills += 1
            code = process.wait()
        said = log.read_bytes()
        self.receipts |= {found.decode() for found in RECEIPT.findall(said)}
        self.last_words = said.decode()
        assert code in (0, -signal.SIGKILL), self.last_words
        self.nothing_is_lost()
        return code == 0

    def _watch(self, process: "subprocess.Popen[bytes]", until: Callable[[], bool] | None) -> None:
        deadline = time.monotonic() + SECONDS
        while process.poll() is None and not (until and until()):
            assert time.monotonic() < deadline, "the story does not come to its end"
            time.sleep(0.0001 if until else 0.02)

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Read the database beside whoever writes it; nothing where there is none yet."""
        path = self.folder / "state" / "unhijack.sqlite3"
        if not path.exists():
            return []
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            connection.close()

    @property
    def events(self) -> int:
        return len(self.ask("SELECT 1 FROM case_events"))

    def nothing_is_lost(self) -> None:
        kept = {str(receipt) for (receipt,) in self.ask("SELECT receipt FROM reports")}
        assert self.receipts <= kept


@dataclass(frozen=True, slots=True)
class End:
    """How a story ended."""

    tally: dict[str, int]
    cases: dict[str, Case]
    """By host."""


def judge(story: Story) -> End:
    """Everything that must hold at the end of a story, whatever happened in it."""
    assert all(times == 1 for times in count(story.folder / "mails").values())
    store = open_store(story.folder / "state")
    cases = {}
    for number in store.numbers():
        journal = store.journal(number)
        assert first_broken(number, journal) is None
        moments = [event.at for event, _ in journal]
        assert moments == sorted(moments)
        for event, _ in journal:
            evidence = event.data.get("evidence")
            if isinstance(evidence, dict):
                kept = story.folder / "state" / "evidence" / str(evidence["name"])
                assert sha256(kept.read_bytes()).hexdigest() == evidence["sealed_sha256"]
        case = fold(number, (event for event, _ in journal))
        cases[parse_address(case.url).host] = case
        queued = [event.data["notices"] for event, _ in journal if event.kind is Kind.QUEUED]
        notices = {one["notice"] for some in queued for one in objects(some)}
        assert len(notices) == len(case.messages)
    assert store.waiting(9, 9) == []
    store.close()
    states = Counter(str(state) for (state,) in story.ask("SELECT state FROM outbox"))
    withdrawn = story.ask(
        "SELECT 1 FROM case_events WHERE kind = 'notice-bounced' AND data LIKE '%\"withdrawn: %'"
    )
    assert states.pop("failed", 0) == len(withdrawn), "nothing fails but what is not true any more"
    assert states.keys() <= {"sent", "uncertain"}
    assert "Honest sites accused: 0. Hijacked sites missed: 0." in story.last_words
    found = TALLY.search(story.last_words)
    assert found, story.last_words
    numbers = map(int, found[2].split())
    return End(dict(zip(found[1].split(), numbers, strict=True)), cases)


def compare(story: Story, undisturbed: End) -> None:
    """It ends as it would have ended; but for mails of which nobody can know whether they left."""
    end = judge(story)
    uncertain = {host for host, case in end.cases.items() if case.uncertain}
    assert end.cases.keys() == undisturbed.cases.keys()
    for host, case in end.cases.items():
        before = undisturbed.cases[host]
        assert (case.reports, bool(case.verdict)) == (before.reports, True)
        if host not in uncertain:
            assert (case.state, case.notices, case.refuted, case.claims) == (
                before.state,
                before.notices,
                before.refuted,
                before.claims,
            )
        else:
            assert f"{case.notices} (uncertain)" in story.last_words
            assert case.state in (before.state, State.NOTIFIED, State.DELIVERED)
    if not uncertain:
        assert end.tally == undisturbed.tally
    else:
        assert end.tally.pop("uncertain") == sum(c.uncertain for c in end.cases.values())
        for name in ("reports", "verified"):
            assert end.tally[name] == undisturbed.tally[name]


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """How the story goes when nobody is killed."""

    end: End
    seconds: float
    events: int


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    story = Story(tmp_path_factory.mktemp("undisturbed") / "demo")
    start = time.monotonic()
    assert story.live()
    end = judge(story)
    assert (end.tally["caught"], end.tally["verified"], "uncertain" in end.tally) == (1, 5, False)
    return Undisturbed(end, time.monotonic() - start, story.events)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = Story(tmp_path / "demo")
    yield told
    print(f"{told.kills} kills in {told.folder}")  # noqa: T201 - shown by a failure


def after(seconds: float) -> Callable[[], bool]:
    deadline = time.monotonic() + seconds

    def passed() -> bool:
        time.sleep(0.005)
        return time.monotonic() >= deadline

    return passed


@pytest.mark.parametrize("seed", range(AT_ANY_MOMENT))
def test_killed_at_any_moment(story: Story, undisturbed: Undisturbed, seed: int):
    """One in each part of the story's length."""
    share = (seed + random.Random(seed).random()) / AT_ANY_MOMENT
    while story.live(after(share * undisturbed.seconds)):
        share *= 0.8  # it was quicker this time
        story.begin_anew()
    assert story.kills == 1
    assert story.live()
    compare(story, undisturbed.end)


def test_killed_again_and_again(story: Story, undisturbed: Undisturbed):
    """Each life gets a little further."""
    chance = random.Random(SEED)
    for goal in sorted(chance.sample(range(undisturbed.events - 2), IN_A_ROW)):
        pause = chance.random() * 0.03

        def reached(goal: int = goal, pause: float = pause) -> bool:
            if story.events <= goal:
                time.sleep(0.01)
                return False
            time.sleep(pause)
            return True

        assert not story.live(reached)
    assert story.kills == IN_A_ROW
    assert story.live()
    compare(story, undisturbed.end)


LEAVING = "SELECT key FROM outbox WHERE state = 'leaving'"


def about_to_leave(story: Story) -> bool:
    return bool(story.ask(LEAVING))


def stored_but_not_settled(story: Story) -> bool:
    """The mail server has the message, and we have not written down yet that it does."""
    here = len(list((story.folder / "mails" / "new").glob("*")))
    return here > 0 and here > len(
        story.ask("SELECT 1 FROM outbox WHERE state NOT IN ('waiting', 'leaving')")
    )


@pytest.mark.parametrize("moment", [about_to_leave, stored_but_not_settled])
def test_killed_while_a_mail_is_leaving(
    story: Story, undisturbed: Undisturbed, moment: Callable[[Story], bool]
):
    """Whether it left is not known, and said so; it is not sent again, and a later word counts."""
    for _ in range(5):
        assert not story.live(lambda: moment(story))
        caught = story.ask(LEAVING)
        if caught:
            break
    assert caught, "no mail was ever caught on its way"
    assert story.live()
    assert story.ask("SELECT key FROM outbox WHERE state = 'uncertain'") == caught
    told = story.ask("SELECT data FROM case_events WHERE kind = 'notice-uncertain'")
    assert len(told) == 1
    compare(story, undisturbed.end)


DRAFTS = ("mails/tmp/*", "state/evidence/.*", "state/keys/.*", ".swept.*")
"""What lies there for a moment only, while a file is being written."""


@pytest.mark.parametrize("pattern", DRAFTS)
def test_killed_while_a_file_is_being_written(story: Story, undisturbed: Undisturbed, pattern: str):
    for _ in range(4):
        if not story.live(lambda: any(story.folder.glob(pattern))):
            break
        story.begin_anew()  # it was too quick to be seen
    if not story.kills:
        pytest.skip(f"no {pattern} was there for long enough to be seen, in four stories")
    assert story.kills == 1
    assert story.live()
    compare(story, undisturbed.end)


def test_a_story_that_is_over_is_told_again_and_nothing_happens(
    tmp_path: Path, undisturbed: Undisturbed
):
    story = Story(tmp_path / "demo")
    assert story.live()
    before = story.ask("SELECT * FROM case_events")
    mails = count(story.folder / "mails")
    assert story.live()
    assert story.ask("SELECT * FROM case_events") == before
    assert count(story.folder / "mails") == mails
    compare(story, undisturbed.end)


def test_the_kills_add_up():
    assert KILLS == 20
    assert len(DRAFTS) + 2 == AT_DELICATE_MOMENTS
