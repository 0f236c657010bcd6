"""What a look at a folder's names, rights and settings tells, before a file is judged."""

from collections.abc import Mapping

import pytest

from unhijack.jobs.survey import survey
from unhijack.parse.server.cms import Product
from unhijack.ports import Entry
from unhijack.remediate.harden import Facts

RUNS = b"<?php echo 1;"
SILENT = b"<?php\n// Silence is golden.\n"


def seen(files: Mapping[str, bytes], product: Product | None = None, mode: int = 0o644) -> Facts:
    entries = [
        Entry(path, len(content), 0, 0, number, 1, mode, 0, 0)
        for number, (path, content) in enumerate(files.items())
    ]
    return survey(entries, [product] if product else [], files.__getitem__, None)


@pytest.mark.parametrize(
    ("path", "root", "folder"),
    [
        ("wp-content/uploads/2024/x.php", "", "wp-content/uploads"),
        ("blog/wp-content/uploads/x.php", "blog", "blog/wp-content/uploads"),
        ("images/x.phtml", "", "images"),
        ("sites/default/files/a/x.php", "", "sites/default/files"),
    ],
)
def test_php_among_visitors_files_is_named_with_its_folder(path: str, root: str, folder: str):
    facts = seen({path: RUNS}, Product("wordpress", "6.4", root))
    assert facts.php_in_uploads == (path,)
    assert facts.upload_folders == (folder,)


@pytest.mark.parametrize(
    "path", ["wp-includes/images/x.php", "wp-content/themes/a/images/x.php", "lib/upload/x.php"]
)
def test_a_programs_own_pictures_are_no_visitors_files(path: str):
    facts = seen({path: RUNS}, Product("wordpress", "6.4", ""))
    assert (facts.php_in_uploads, facts.upload_folders) == ((), ())


def test_a_file_that_only_hides_a_listing_is_no_php_among_them():
    files = {"wp-content/uploads/index.php": SILENT, "wp-content/uploads/a.jpg": b"\xff\xd8"}
    assert seen(files).php_in_uploads == ()


def test_what_strangers_can_fetch_is_named():
    files = {".git/HEAD": b"", "shop.sql": b"", "wp-config.php.bak": b"", "index.php": b""}
    assert seen(files).exposed == (".git/HEAD", "shop.sql", "wp-config.php.bak")


def test_a_core_that_everybody_may_write_is_named():
    files = {"wp-includes/a.php": b"", "wp-content/a.php": b""}
    assert seen(files, mode=0o666).writable_core == ("wp-includes/a.php",)
    assert seen(files).writable_core == ()


def test_settings_tell_of_sample_keys_and_of_the_editor():
    sample = b"define('AUTH_KEY', 'put your unique phrase here');"
    facts = seen({"wp-config.php": sample})
    assert facts.default_keys
    assert facts.file_editor_on
    off = seen({"wp-config.php": b"define('DISALLOW_FILE_EDIT', true);"})
    assert not off.default_keys
    assert not off.file_editor_on
