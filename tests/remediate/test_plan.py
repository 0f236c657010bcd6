"""What is planned about findings: in which order, and what a person has to decide."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.repairs import Book, Site
from unhijack.core.finding import Finding, Kind, Mend, Span
from unhijack.core.plan_text import plan_text
from unhijack.core.repair import Act, Plan
from unhijack.remediate.plan import relative

BLOCK = b"<?php /* planted */ ?>"
PAGE = b"<?php echo 'bread';\n"


def acts(plan: Plan) -> list[tuple[str, str]]:
    return [(str(step.act), step.path) for step in plan.steps]


def infected(site: Site, path: str, **more: Any) -> Finding:
    site.write(path, BLOCK + PAGE)
    return site.found(path, (0, len(BLOCK)), **more)


def planted(
    site: Site, path: str, content: bytes = b"<?php /* all planted */", **more: Any
) -> Finding:
    site.write(path, content)
    return site.found(path, **more)


def test_several_blocks_of_a_file_are_one_step(site: Site):
    site.write("a.php", BLOCK + PAGE + b"/*x*/")
    first = site.found("a.php", (0, len(BLOCK)))
    last = site.found("a.php", (len(BLOCK + PAGE), len(BLOCK + PAGE) + 5))
    (step,) = site.plan(last, first, first).steps
    assert step.spans == (Span(0, 22), Span(42, 47))


def test_what_brings_it_back_goes_first(site: Site):
    findings = [
        planted(site, "uploads/z.php"),
        infected(site, "index.php"),
        planted(site, "wp-content/mu-plugins/m.php"),
        planted(site, "tmp/drop.php", kind=Kind.DROPPER),
        infected(site, "b/.user.ini", kind=Kind.CONFIG),
    ]
    plan = site.plan(*findings)
    assert [path for _, path in acts(plan)] == [
        "b/.user.ini", "tmp/drop.php", "wp-content/mu-plugins/m.php", "index.php", "uploads/z.php",
    ]  # fmt: skip
    assert [bool(step.note) for step in plan.steps] == [True, True, False, True, True]


def test_whoever_loads_a_planted_file_goes_before_it(site: Site):
    block = b"<?php require 'inc/.cache.php'; ?>"
    site.write("wp-content/x.php", block + PAGE)
    loader = site.found("wp-content/x.php", (0, len(block)))
    loaded = planted(site, "inc/.cache.php")
    one, two = site.plan(loaded, loader).steps
    assert (one.path, two.path, two.needs) == (
        "wp-content/x.php", "inc/.cache.php", ("wp-content/x.php",)
    )  # fmt: skip


def test_a_file_that_a_directive_still_loads_is_not_set_aside(site: Site):
    site.write(".user.ini", b"auto_prepend_file = inc/p.php\n")
    plan = site.plan(planted(site, "inc/p.php"))
    assert plan.steps == ()
    assert "every page would fail without it" in plan.held[0].note


def test_a_file_whose_directive_is_cut_waits_for_that(site: Site):
    line = b"auto_prepend_file = inc/p.php\n"
    site.write(".user.ini", line)
    directive = site.found(".user.ini", (0, len(line)), kind=Kind.CONFIG)
    one, two = site.plan(planted(site, "inc/p.php"), directive).steps
    assert (one.path, two.path, two.needs) == (".user.ini", "inc/p.php", (".user.ini",))


def test_what_is_not_certain_is_held_with_its_step(site: Site):
    plan = site.plan(infected(site, "a.php", confidence=0.89))
    assert plan.steps == ()
    (held,) = plan.held
    assert held.repair is not None
    assert held.repair.act is Act.CUT
    assert "Only 89% sure" in held.note
    assert "#cut" in plan_text(plan)


def test_what_a_person_has_to_review_is_never_a_step(site: Site):
    plan = site.plan(infected(site, "a.php", repair=Mend.REVIEW))
    assert plan.steps == ()
    assert plan.held[0].repair is None
    assert "it sends visitors away" in plan_text(plan)


def test_a_released_file_is_restored_and_never_set_aside(site: Site):
    book = Book({"a.php": PAGE, "b.php": PAGE})
    plan = site.plan(infected(site, "a.php"), planted(site, "b.php"), known=book)
    assert acts(plan) == [("restore", "a.php"), ("restore", "b.php")]


def test_a_released_file_that_is_as_released_stays(site: Site):
    plan = site.plan(planted(site, "a.php", PAGE), known=Book({"a.php": PAGE}))
    assert plan.steps == ()
    assert "exactly as it was released" in plan.held[0].note


def test_digests_alone_prove_a_cut_that_was_only_suspected(site: Site):
    site.write("a.php", BLOCK + b"\n" + PAGE)
    guess = site.found("a.php", (0, len(BLOCK)), confidence=0.6)
    (step,) = site.plan(guess, known=Book({"a.php": PAGE}, digests_only=True)).steps
    assert step.spans == (Span(0, len(BLOCK) + 1),)
    assert "exactly the released file" in step.note


@pytest.mark.parametrize(
    "name", ["wp-config.php", "configuration.php", "app/.env", "config.inc.php"]
)
def test_settings_with_a_password_are_never_set_aside(site: Site, name: str):
    secret = b"<?php define('DB_PASSWORD', 'x'); // all planted"
    plan = site.plan(planted(site, name, secret, confidence=1.0))
    assert plan.steps == ()
    assert "database password" in plan.held[0].note


def test_settings_lose_their_block_and_keep_their_password(site: Site):
    site.write("wp-config.php", BLOCK + b"<?php define('DB_PASSWORD', 'x');")
    cut = site.found("wp-config.php", (0, len(BLOCK)))
    whole = site.found("wp-config.php")
    assert acts(site.plan(cut, whole)) == [("cut", "wp-config.php")]


def test_a_cut_that_would_take_the_password_is_held(site: Site):
    content = b"<?php define('DB_PASSWORD', 'x');"
    site.write("wp-config.php", content)
    plan = site.plan(site.found("wp-config.php", (6, len(content))))
    assert plan.steps == ()
    assert "would be cut out too" in plan.held[0].note


def test_index_goes_whole_only_where_that_is_certain(site: Site):
    sure = site.plan(planted(site, "index.php"))
    assert acts(sure) == [("quarantine", "index.php")]
    assert "Nothing of the site is left" in sure.steps[0].note
    guess = site.plan(planted(site, "index.php", confidence=0.8))
    assert guess.steps == ()
    assert guess.held[0].repair is None


def test_a_cut_after_which_php_could_not_be_read_is_held(site: Site):
    site.write("a.php", b"<?php if ($a) { echo 1; }\n")
    plan = site.plan(site.found("a.php", (6, 16)))
    assert plan.steps == ()
    assert "no longer be read" in plan.held[0].note


def test_modified_without_its_release_asks_for_it(site: Site):
    plan = site.plan(planted(site, "a.php", repair=Mend.RESTORE, kind=Kind.MODIFIED_CORE))
    assert plan.steps == ()
    assert "--known" in plan.held[0].note


def test_the_byte_order_mark_is_not_cut(site: Site):
    site.write("a.php", b"\xef\xbb\xbf" + BLOCK + PAGE)
    (step,) = site.plan(site.found("a.php", (0, 3 + len(BLOCK)))).steps
    assert step.spans == (Span(3, 3 + len(BLOCK)),)


def test_what_changed_or_went_since_the_scan_is_held(site: Site):
    changed, gone = infected(site, "a.php"), infected(site, "b.php")
    site.write("a.php", PAGE)
    (site.root / "b.php").unlink()
    plan = site.plan(changed, gone)
    assert plan.steps == ()
    assert [held.note for held in plan.held] == [
        "It changed since the scan: scan again.", "It is gone since the scan.",
    ]  # fmt: skip


def test_what_lies_in_an_archive_or_a_dump_is_for_a_person(site: Site):
    inside = replace(planted(site, "a.zip", repair=Mend.REVIEW), path=f"{site.root}/a.zip!/x.php")
    row = replace(planted(site, "a.sql", repair=Mend.REVIEW), sha256="0" * 64)
    plan = site.plan(inside, row)
    assert plan.steps == ()
    assert all("A person has to look" in held.note for held in plan.held)


def test_a_link_is_not_followed(site: Site, tmp_path: Path):
    finding = infected(site, "a.php")
    outside = tmp_path / "outside.php"
    (site.root / "a.php").rename(outside)
    (site.root / "a.php").symlink_to(outside)
    plan = site.plan(finding)
    assert plan.steps == ()
    assert "link" in plan.held[0].note


@pytest.mark.parametrize(
    ("root", "path", "inside"),
    [
        ("/srv", "/srv/a/b.php", "a/b.php"),
        ("/srv/", "/srv/a.php", "a.php"),
        ("/", "/a.php", "a.php"),
        (".", "a.php", "a.php"),
        (".", "./a.php", "a.php"),
        ("x", "x/a.php", "a.php"),
        ("/srv", "/srvx/a.php", None),
        ("/srv", "/srv/../etc/passwd", None),
        ("/srv", "/srv", None),
    ],
)
def test_paths_below_the_root(root: str, path: str, inside: str | None):
    assert relative(root, path) == inside
