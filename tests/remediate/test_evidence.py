"""What was found is kept, sealed, before anything is changed."""

import io
import json
import os
import stat
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.repairs import Site
from unhijack.adapters.secrets import FileSecrets
from unhijack.core.errors import WrongUse
from unhijack.remediate import evidence
from unhijack.remediate.evidence import archives, exhibits, log_exhibits, seal_evidence

BLOCK = b"<?php /* planted */ ?>"
PAGE = b"<?php echo 'bread';\n"


@pytest.fixture
def broken_into(site: Site) -> Site:
    site.write("a.php", BLOCK + PAGE)
    site.write("b.php", BLOCK + PAGE)
    site.write("p\n.php", b"<?php /* all planted */")
    os.setxattr(site.root / "a.php", "user.x", b"y")
    return site


def pieces(site: Site, *logs: evidence.Exhibit):
    findings = [
        site.found("a.php", (0, len(BLOCK))),
        site.found("b.php", (0, len(BLOCK)), confidence=0.5),
        site.found("p\n.php"),
    ]
    return exhibits(site.plan(*findings), findings, site.mender(), logs)


def opened(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        found = {}
        for member in tar:
            file = tar.extractfile(member)
            assert file
            found[member.name] = file.read()
        return found


def test_files_findings_plan_and_logs_are_in_it(broken_into: Site):
    log = list(log_exhibits(1, "/var/log/access.log", [b"one\n", b"two\n"]))
    (plain,) = archives(pieces(broken_into, *log), "/srv", "now")
    members = opened(plain)
    manifest = json.loads(members["manifest.json"])
    digest = sha256(BLOCK + PAGE).hexdigest()
    assert members[f"files/{digest}"] == BLOCK + PAGE
    assert members["logs/0001-access.log.part00000"] == b"one\n"
    assert len(members["findings.jsonl"].splitlines()) == 3
    assert b"cut " in members["plan.txt"]
    by_path = {one["path"]: one for one in manifest["members"] if "path" in one}
    original = by_path["a.php"]["original"]
    assert original["mtime_ns"] == (broken_into.root / "a.php").stat().st_mtime_ns
    assert original["xattrs"] == [["user.x", "eQ=="]]
    assert by_path["b.php"]["same_as"] == f"files/{digest}"
    assert "p\n.php" in by_path
    for one in manifest["members"]:
        if "name" in one:
            assert sha256(members[one["name"]]).hexdigest() == one["sha256"]


def test_equal_input_gives_equal_bytes(broken_into: Site):
    first = list(archives(pieces(broken_into), "/srv", "now"))
    assert first == list(archives(pieces(broken_into), "/srv", "now"))


def test_large_evidence_comes_in_parts(broken_into: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(evidence, "PART_BYTES", 100)
    log = log_exhibits(1, "x.log", [b"." * 90] * 3)
    parts = [opened(part) for part in archives(log, "/srv", "now")]
    assert [json.loads(part["manifest.json"])["part"] for part in parts] == [1, 2, 3]
    assert [len(part) for part in parts] == [2, 2, 2]


def test_a_file_that_cannot_be_read_is_named(site: Site):
    site.write("a.php", BLOCK + PAGE)
    finding = site.found("a.php", (0, len(BLOCK)))
    plan = site.plan(finding)
    (site.root / "a.php").unlink()
    (plain,) = archives(exhibits(plan, [finding], site.mender(), ()), "/srv", "now")
    assert b"it is not there" in opened(plain)["manifest.json"]


def test_it_is_sealed_and_on_record(broken_into: Site, tmp_path: Path):
    bench = broken_into.bench()
    secrets = FileSecrets(tmp_path / "keys")
    (name,) = seal_evidence(pieces(broken_into), "/srv", secrets, bench)
    file = Path(bench.journal.name) / name
    sealed = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"planted" not in sealed
    plain = secrets.unseal(sealed)
    assert "manifest.json" in opened(plain)
    record = bench.journal.records()[-1]
    assert record["files"] == [
        {
            "name": name,
            "sealed_sha256": sha256(sealed).hexdigest(),
            "plain_sha256": sha256(plain).hexdigest(),
        }
    ]


def test_without_room_for_it_nothing_is_begun(broken_into: Site, tmp_path: Path):
    bench = broken_into.bench()
    bench.journal.close()
    with pytest.raises(WrongUse):
        seal_evidence(pieces(broken_into), "/srv", FileSecrets(tmp_path / "k"), bench)
