"""Dumps as the usual tools write them, and as nobody should."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.rows import Routine, RoutineKind, Row
from unhijack.parse.server import sql_source
from unhijack.parse.server.sql import read_dump
from unhijack.parse.server.sql_text import closing, quoted_text, unquoted_text

MYSQLDUMP = rb"""-- MySQL dump 10.19
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `wp_posts`;
/*!40101 SET character_set_client = utf8 */;
CREATE TABLE `wp_posts` (
  `ID` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'a, (b',
  `post_content` longtext NOT NULL DEFAULT ';',
  `post_title` text,
  PRIMARY KEY (`ID`),
  KEY `title` (`post_title`(191))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
LOCK TABLES `wp_posts` WRITE;
/*!40000 ALTER TABLE `wp_posts` DISABLE KEYS */;
INSERT INTO `wp_posts` VALUES (1,'It\'s; (fine)\n','A'),
(2,'say ''hi''',NULL),(-3,_binary 'x\0y',0x4142);
UNLOCK TABLES;
/*!50003 SET sql_mode = '' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `again`
AFTER INSERT ON `wp_comments` FOR EACH ROW BEGIN
  IF NEW.comment_content LIKE '%word;;%' THEN UPDATE wp_users SET user_email='a@b.test'; END IF;
END */;;
DELIMITER ;
INSERT INTO `wp_posts` VALUES (4,'after','D');
"""


def rows(dump: bytes) -> list[Row]:
    return [one for one in read_dump([dump]) if isinstance(one, Row)]


def routines(dump: bytes) -> list[Routine]:
    return [one for one in read_dump([dump]) if isinstance(one, Routine)]


def test_a_dump_of_mysqldump_gives_rows_with_the_columns_of_their_table():
    found = rows(MYSQLDUMP)
    assert [row.values for row in found] == [
        (b"1", b"It's; (fine)\n", b"A"),
        (b"2", b"say 'hi'", None),
        (b"-3", b"x\0y", b"AB"),
        (b"4", b"after", b"D"),
    ]
    assert found[0].table.columns == ("ID", "post_content", "post_title")
    assert found[0].table.key == ("ID",)
    assert found[1].value("post_content") == b"say 'hi'"


def test_each_value_knows_where_it_is_written():
    row = rows(MYSQLDUMP)[0]
    assert [MYSQLDUMP[a:b] for a, b in row.spans] == [b"1", rb"'It\'s; (fine)\n'", b"'A'"]
    assert MYSQLDUMP[row.offset :].startswith(b"(1,")
    assert MYSQLDUMP.splitlines()[row.line - 1].startswith(b"INSERT")
    binary = rows(MYSQLDUMP)[2]
    assert [MYSQLDUMP[a:b] for a, b in binary.spans] == [b"-3", rb"_binary 'x\0y'", b"0x4142"]


def test_a_trigger_in_version_comments_is_read_whole():
    (trigger,) = routines(MYSQLDUMP)
    assert (trigger.kind, trigger.name, trigger.table) == (
        RoutineKind.TRIGGER,
        "again",
        "wp_comments",
    )
    assert trigger.text.startswith(b"CREATE")
    assert trigger.text.endswith(b"END")
    assert MYSQLDUMP.splitlines()[trigger.line - 1].startswith(b"/*!50003 CREATE")


def test_column_lists_win_over_the_definition_and_unknown_columns_get_numbers():
    dump = b'INSERT INTO shop."t" (`b`, a) VALUES (1, 2); INSERT IGNORE INTO u VALUES (1,2);'
    first, second = rows(dump)
    assert (first.table.name, first.table.columns) == ("t", ("b", "a"))
    assert second.table.columns == ("column 1", "column 2")


def test_a_dump_of_sqlite_has_no_backslashes_and_writes_line_ends_as_calls():
    dump = rb"""PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE wp_options (option_id INTEGER PRIMARY KEY, option_name TEXT, option_value);
INSERT INTO wp_options VALUES(1,'path','C:\');
INSERT INTO "wp_options" VALUES(2,'x',replace(replace('a\r\nb','\r',char(13)),'\n',char(10)));
INSERT INTO wp_options VALUES(3,'y',X'00ff');
CREATE TRIGGER back AFTER DELETE ON wp_users BEGIN
  INSERT INTO wp_users(user_login) VALUES ('END'); UPDATE x SET y = CASE z WHEN 1 THEN 2 END;
END;
INSERT INTO wp_options VALUES(4,'z','last');
COMMIT;
"""
    assert [row.values[2] for row in rows(dump)] == [b"C:\\", b"a\r\nb", b"\x00\xff", b"last"]
    assert rows(dump)[0].table.key == ("option_id",)
    (trigger,) = routines(dump)
    assert (trigger.name, trigger.table) == ("back", "wp_users")
    assert trigger.text.endswith(b"END")


def test_events_procedures_and_functions_are_told_apart():
    dump = b"""DELIMITER $$
CREATE DEFINER=`a`@`%` PROCEDURE `p` () BEGIN SELECT 1; END$$
CREATE FUNCTION f() RETURNS INT RETURN 1$$
/*!50106 CREATE*/ /*!50117 DEFINER=`a`@`%`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 2 */$$
CREATE VIEW v AS SELECT 1$$
"""
    assert [(one.kind.value, one.name) for one in routines(dump)] == [
        ("procedure", "p"),
        ("function", "f"),
        ("event", "e"),
    ]


def test_tables_that_nobody_wants_are_passed_over():
    found = [
        one
        for one in read_dump([MYSQLDUMP], lambda name: name != "wp_posts")
        if isinstance(one, Row)
    ]
    assert found == []


def test_what_is_not_understood_costs_its_statement_alone():
    dump = b"INSERT INTO t VALUES (,@x ?? '),('); INSERT INTO t VALUES (2); nonsense '; INSERT"
    assert [row.values for row in rows(dump)] == [(b"2",)]


def test_remarks_end_nothing_and_begin_nothing_in_strings():
    dump = (
        b"/*/ ; INSERT INTO t VALUES (0); */ SELECT 1 /* '; */ -- '; \n # `;\n, 5--3, 6/2;"
        b"INSERT INTO t VALUES ('-- /* #', 1);"
    )
    assert [row.values for row in rows(dump)] == [(b"-- /* #", b"1")]


def test_a_delimiter_may_be_a_word():
    dump = b"DELIMITER END_OF\nCREATE PROCEDURE p() SELECT 'END_OF'; SELECT 2END_OF\nDELIMITER ;\nINSERT INTO t VALUES (1);"
    (procedure,) = routines(dump)
    assert procedure.text.endswith(b"SELECT 2")
    assert [row.values for row in rows(dump)] == [(b"1",)]


def test_a_value_is_kept_up_to_its_limit_and_the_rest_is_still_read(monkeypatch):
    monkeypatch.setattr(sql_source, "MOST_VALUE", 1000)
    monkeypatch.setattr(sql_source, "WINDOW", 100)
    dump = b"INSERT INTO t VALUES ('" + b"\\\\x" * 5000 + b"\\'','b'); INSERT INTO t VALUES (3);"
    pieces = (dump[at : at + 64] for at in range(0, len(dump), 64))
    first, second = [one for one in read_dump(pieces) if isinstance(one, Row)]
    assert first.cut
    assert len(first.values[0] or b"") <= 1000
    assert first.values[1] == b"b"
    assert second.values == (b"3",)


@given(st.binary(max_size=200), st.booleans())
def test_what_is_written_is_read_back(value: bytes, escapes):
    written = quoted_text(value, escapes=escapes)
    end, _ = closing(written + b",", 1, b"'", escapes=escapes)
    assert end == len(written)
    assert unquoted_text(written[1:-1], b"'", escapes=escapes) == value


@given(st.lists(st.one_of(st.none(), st.binary(max_size=60)), min_size=1, max_size=6), st.data())
def test_rows_survive_any_cut_of_the_stream(values: list[bytes | None], data):
    written = b",".join(b"NULL" if one is None else quoted_text(one) for one in values)
    dump = b"INSERT INTO `t` VALUES (" + written + b"),(" + written + b");\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(dump)), max_size=5)))
    pieces = [dump[a:b] for a, b in zip([0, *cuts], [*cuts, len(dump)], strict=True)]
    found = [one for one in read_dump(pieces) if isinstance(one, Row)]
    assert [row.values for row in found] == [tuple(values)] * 2


WORDS = st.sampled_from(
    [
        *(b"INSERT INTO t VALUES (", b"CREATE TABLE `t` (", b"DELIMITER ;;\n", b"DELIMITER X\n"),
        *(b"CREATE TRIGGER a AFTER INSERT ON b BEGIN ", b"END", b"/*!50003 ", b"*/", b"/*", b"--"),
        *(b"'", b"\\", b"''", b"),(", b";", b" ", b"\n", b"`", b'"', b"#", b"$$", b"X"),
        *(b"replace(", b"0xab", b"NULL,"),
    ]
)


@given(st.one_of(st.binary(max_size=300), st.lists(WORDS, max_size=30).map(b"".join)))
def test_whatever_comes_nothing_raises_and_nothing_grows(dump: bytes):
    seen = list(read_dump(_bytewise(dump)))
    assert sum(
        len(value or b"") for one in seen if isinstance(one, Row) for value in one.values
    ) <= (2 * len(dump))


def _bytewise(dump: bytes) -> Iterable[bytes]:
    return (dump[at : at + 1] for at in range(len(dump)))
