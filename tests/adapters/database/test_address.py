"""Addresses of databases, and passwords that show nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.adapters.database.address import MysqlAddress, SqliteAddress, read_address
from unhijack.core.errors import WrongUse


def test_a_server_by_host_or_by_socket_or_a_file():
    assert read_address("mysql://anna:a%40b@db.test:3307/shop") == MysqlAddress(
        "anna", "a@b", "db.test", 3307, "", "shop"
    )
    assert read_address("mysql://anna@/shop?socket=/run/m.sock", "word") == MysqlAddress(
        "anna", "word", "localhost", 3306, "/run/m.sock", "shop"
    )
    assert read_address("sqlite:///srv/site.db") == SqliteAddress("/srv/site.db")
    assert read_address("sqlite:site.db") == SqliteAddress("site.db")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sqlite:",
        "oracle://a:secret@b/c",
        "mysql://a:secret@b",
        "mysql://a:secret@b:x/c",
        "mysql:///c",
    ],
)
def test_what_is_no_address_is_said_without_the_password(text: str):
    with pytest.raises(WrongUse) as refused:
        read_address(text)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_password_does_not_show_where_an_address_is_printed():
    assert "secret" not in repr(read_address("mysql://a:secret@b/c"))


@given(st.text(max_size=60), st.sampled_from(["", "mysql://", "mysql://a:b@[", "sqlite://"]))
def test_whatever_is_typed_is_an_address_or_wrong_use(text: str, before: str):
    try:
        read_address(before + text)
    except WrongUse:
        return
