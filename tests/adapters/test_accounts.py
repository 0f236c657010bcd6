"""Customers, out of a list or out of a panel's own folder."""

from pathlib import Path

import pytest

from unhijack.core.account import Account, Refused
from unhijack.core.errors import WrongUse
from unhijack.wiring.scans import make_accounts

HOME = "/".join(("", "home"))
"""Where DirectAdmin has its users: no path of this machine."""


def read(path: Path) -> list[Account | Refused]:
    return list(make_accounts(path).read())


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_file_says_itself_what_it_is(tmp_path: Path):
    write(tmp_path / "list.csv", "c1,/srv/c1\n")
    write(
        tmp_path / "userdatadomains", "a.test: u==root==main==a.test==/homes/u/web==192.0.2.1:80\n"
    )

    assert read(tmp_path / "list.csv") == [Account("c1", "/srv/c1")]
    assert read(tmp_path / "userdatadomains") == [Account("u", "/homes/u/web", ("a.test",))]


def test_a_name_that_is_no_text_is_kept_as_it_is_on_the_disk(tmp_path: Path):
    (tmp_path / "list.csv").write_bytes(b"c1,/srv/\xff\n")
    assert read(tmp_path / "list.csv") == [Account("c1", "/srv/\udcff")]


def test_cpanels_folder(tmp_path: Path):
    write(tmp_path / "u1" / "a.test", "documentroot: /homes/u1/web\nservername: a.test\n")
    write(tmp_path / "u1" / "a.test.cache", "documentroot: /homes/other\n")
    write(tmp_path / "u1" / "main", "main_domain: a.test\n")
    assert read(tmp_path) == [Account("u1", "/homes/u1/web", ("a.test",))]


def test_directadmins_folder(tmp_path: Path):
    write(tmp_path / "u1" / "domains.list", "a.test\n")
    assert read(tmp_path) == [Account("u1", f"{HOME}/u1/domains/a.test/public_html", ("a.test",))]


def test_plesks_folder(tmp_path: Path):
    (tmp_path / "vhosts" / "a.test" / "httpdocs").mkdir(parents=True)
    (tmp_path / "vhosts" / "system").mkdir()
    (found,) = read(tmp_path / "vhosts")
    assert isinstance(found, Account)
    assert (found.customer, found.domains) == ("a.test", ("a.test",))


def test_ispconfigs_folder(tmp_path: Path):
    for name in ("client1/web1", "client2/web2"):
        (tmp_path / "clients" / name).mkdir(parents=True)
    (tmp_path / "clients" / "client1" / "a.test").symlink_to("web1")
    found = read(tmp_path / "clients")
    assert [one.customer for one in found if isinstance(one, Account)] == ["client1", "client2"]


def test_a_folder_of_no_panel_and_a_file_that_is_gone_are_wrong_use(tmp_path: Path):
    with pytest.raises(WrongUse, match="no panel"):
        read(tmp_path)
    with pytest.raises(WrongUse, match="cannot be read"):
        read(tmp_path / "gone")
