"""A journal holds planted code and passwords: it never lies where the site could serve it."""

from pathlib import Path

import pytest

from unhijack.adapters.tree.safe_place import check_place, repairs_folder
from unhijack.core.errors import WrongUse


def test_beside_the_site_is_fine(tmp_path: Path):
    (tmp_path / "site").mkdir()
    check_place(tmp_path / "state" / "repairs", tmp_path / "site")


@pytest.mark.parametrize("below", ["", "a", "a/b"])
def test_inside_of_the_site_is_refused(tmp_path: Path, below: str):
    site = tmp_path / "site"
    site.mkdir()
    with pytest.raises(WrongUse, match="inside of the site"):
        check_place(site / below, site)


def test_by_way_of_a_link_too(tmp_path: Path):
    site = tmp_path / "site"
    (site / "deep").mkdir(parents=True)
    (tmp_path / "innocent").symlink_to(site / "deep")
    (tmp_path / "alias").symlink_to(site)
    for base, root in (("innocent/x", "site"), ("site/x", "alias")):
        with pytest.raises(WrongUse, match="inside of the site"):
            check_place(tmp_path / base, tmp_path / root)


@pytest.mark.parametrize("sign", ["index.php", "wp-config.php", ".htaccess", "index.html"])
def test_in_the_website_around_the_folder_that_is_mended(tmp_path: Path, sign: str):
    (tmp_path / "shop" / "wp-content").mkdir(parents=True)
    (tmp_path / "shop" / sign).touch()
    with pytest.raises(WrongUse, match=f"has {sign}"):
        check_place(tmp_path / "shop" / "journals", tmp_path / "shop" / "wp-content")


def test_in_a_folder_that_hosters_serve(tmp_path: Path):
    (tmp_path / "public_html" / "blog").mkdir(parents=True)
    with pytest.raises(WrongUse, match="by its name"):
        check_place(tmp_path / "public_html" / "j", tmp_path / "public_html" / "blog")


def test_the_default_is_the_state_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert repairs_folder() == Path("/var/state/unhijack/repairs")
