"""Many folders go through the same few processes, and what is known is not sought again."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.hosting import PLANTED
from unhijack.collect.scan.look import Looked, Scanner, Surroundings
from unhijack.core.errors import WrongUse
from unhijack.jobs import scan_bench
from unhijack.jobs.crew import Crew
from unhijack.jobs.scan import Done, Failed, Seen, Walked, scan, scan_folders
from unhijack.ports import Entry
from unhijack.wiring.scans import ScanSpec, make_tree


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number for each process that is started."""
    count: list[int] = []
    start = Crew._start

    def counted(crew: Crew[object, object]) -> object:
        count.append(len(count))
        return start(crew)

    monkeypatch.setattr(Crew, "_start", counted)
    return count


def folder(path: Path, files: dict[str, str], cache: Path | None = None) -> ScanSpec:
    path.mkdir(parents=True)
    for name, text in files.items():
        (path / name).write_text(text)
    return ScanSpec(
        str(path), prefix=f"{path}/", cache=str(cache) if cache else None, strangers=True
    )


def by_folder(seen: Iterator[Seen], count: int) -> list[list[object]]:
    found: list[list[object]] = [[] for _ in range(count)]
    for number, one in seen:
        found[number].append(one)
    return found


def findings(seen: list[object]) -> list[str]:
    return [one.path for looked in seen if isinstance(looked, Looked) for one in looked.findings]


def test_processes_are_started_once_for_all_folders(tmp_path: Path, started: list[int]):
    specs = [folder(tmp_path / f"c{n}", {"a.php": PLANTED, "b.php": "<?php"}) for n in range(9)]

    seen = by_folder(scan_folders(specs, hands=2), 9)

    assert len(started) <= 2
    for number, one in enumerate(seen):
        assert findings(one) == [f"{tmp_path}/c{number}/a.php"]
        assert isinstance(one[0], Walked)
        assert one[0].files == 2
        assert isinstance(one[-1], Done)


def test_what_did_not_change_is_not_read_again(tmp_path: Path, started: list[int]):
    cache = tmp_path / "cache"
    files = {"a.php": PLANTED, "b.php": "<?php"}
    specs = [folder(tmp_path / f"c{n}", files, cache) for n in range(3)]
    first = by_folder(scan_folders(specs, hands=1), 3)
    started.clear()

    again = by_folder(scan_folders(specs, hands=1), 3)

    assert started == []
    assert [findings(one) for one in again] == [findings(one) for one in first]
    (tmp_path / "c1" / "b.php").write_text("<?php // another")
    list(scan_folders(specs, hands=1))
    assert started == [0]


def test_a_content_is_judged_once_whosever_folder_it_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """In the process of the test: the pieces are looked at as a worker looks at them."""
    judged: list[str] = []
    marks = Scanner._judged

    def counted(scanner: Scanner, path: str, *rest: object) -> object:
        judged.append(path)
        return marks(scanner, path, *rest)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(Scanner, "_judged", counted)
    bench = scan_bench.Bench()
    for number in range(5):
        spec = folder(tmp_path / f"c{number}", {"a.php": "<?php echo 1;"})
        spec = replace(spec, around=Surroundings(own_hosts=frozenset({f"site{number}.test"})))
        tree = make_tree(spec)
        for entry in tree.walk():
            assert isinstance(entry, Entry)
            bench.look(scan_bench.Piece(number, spec, entry))
        tree.close()

    assert judged == ["a.php"]


def test_what_leads_to_the_sites_own_name_is_judged_by_its_owner_alone(tmp_path: Path):
    text = (
        "<?php if (preg_match('/google/', $_SERVER['HTTP_REFERER'])) "
        "{ header('Location: http://shop.test/x'); exit; }"
    )
    specs = [
        replace(
            folder(tmp_path / name, {"a.php": text}, tmp_path / "cache"),
            around=Surroundings(own_hosts=frozenset({host})),
        )
        for name, host in (("c0", "other.test"), ("c1", "shop.test"), ("c2", "other.test"))
    ]

    seen = by_folder(scan_folders(specs, hands=1), 3)

    assert [len(findings(one)) for one in seen] == [1, 0, 1]


def test_a_folder_that_cannot_be_opened_is_an_answer(tmp_path: Path):
    good = folder(tmp_path / "good", {"a.php": PLANTED})
    gone = replace(good, root=str(tmp_path / "gone"))

    seen = by_folder(scan_folders([gone, good], hands=1), 2)

    (failed,) = seen[0]
    assert isinstance(failed, Failed)
    assert "No such file" in failed.why
    assert len(findings(seen[1])) == 1
    with pytest.raises(WrongUse, match="No such file"):
        list(scan(gone, hands=1))


def test_a_folder_that_vanishes_after_it_was_walked_costs_its_files(tmp_path: Path):
    spec = folder(tmp_path / "c", {"a.php": "<?php"})
    tree = make_tree(spec)
    (entry,) = tree.walk()
    assert isinstance(entry, Entry)
    tree.close()
    (tmp_path / "c" / "a.php").unlink()
    (tmp_path / "c").rmdir()

    _, _, looked, _ = scan_bench.Bench().look(scan_bench.Piece(0, spec, entry))

    assert [one.code for one in looked.skipped] == ["unreadable"]
    assert not looked.lasting


def test_no_process_and_no_descriptor_is_left(tmp_path: Path):
    specs = [folder(tmp_path / f"c{n}", {"a.php": "<?php"}, tmp_path / "cache") for n in range(4)]
    before = len(list(Path("/proc/self/fd").iterdir()))
    list(scan_folders(specs, hands=2))
    seen = scan_folders(specs, hands=2)
    next(seen)
    seen.close()  # type: ignore[attr-defined]  # a generator
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2  # the interpreter's tracker
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    names = [Path(f"/proc/{pid}/cmdline").read_text() for pid in children]
    assert not [name for name in names if "spawn_main" in name]
