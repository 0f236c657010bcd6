"""Lines of logs as Apache and nginx write them, and as attackers make them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.logs import Hit, Layout, detect, moment, read_faults, read_hits

COMBINED = (
    b'203.0.113.9 - anna [24/Nov/2026:11:31:42 +0100] "POST /wp-login.php?x=%20 HTTP/1.1" 302 1234'
    b' "https://bakery.test/\\"quoted\\"" "Mozilla/5.0 (X11)"'
)
VHOST = b"www.bakery.test:443 " + COMBINED
COMMON = b'2001:db8::1 - - [24/Nov/2026:11:31:42 +0000] "GET / HTTP/2.0" 200 -'
APACHE = (
    b"[Tue Nov 24 11:31:42.123456 2026] [php:error] [pid 12:tid 34] [client 203.0.113.9:5123] "
    b"PHP Warning:  no such file in /srv/www/x.php on line 3, referer: https://a.test/"
)
NGINX = (
    b'2026/11/24 11:31:42 [error] 12#12: *7 open() "/srv/www/x.php" failed (2: No such file), client: '
    b'203.0.113.9, server: bakery.test, request: "GET /x.php?a HTTP/1.1", host: "bakery.test"'
)
AT = datetime(2026, 11, 24, 11, 31, 42, tzinfo=timezone(timedelta(hours=1)))


def test_a_combined_line_gives_every_field():
    assert list(read_hits([b"", COMBINED], Layout.ACCESS)) == [
        (
            2,
            Hit(
                *(AT, "203.0.113.9", "POST", "/wp-login.php?x=%20", 302, 1234),
                *('https://bakery.test/\\"quoted\\"', "Mozilla/5.0 (X11)", "", "anna"),
            ),
        )
    ]


def test_the_virtual_host_comes_first_where_the_layout_has_it():
    ((_, hit),) = read_hits([VHOST], Layout.VHOST_ACCESS)
    assert (hit.host, hit.address, hit.status) == ("www.bakery.test:443", "203.0.113.9", 302)


def test_a_common_line_has_no_agent():
    ((_, hit),) = read_hits([COMMON], Layout.ACCESS)
    assert (hit.address, hit.size, hit.agent, hit.when.tzinfo) == ("2001:db8::1", 0, "", UTC)


@pytest.mark.parametrize(
    ("line", "layout"),
    [
        (COMBINED, Layout.ACCESS),
        (COMBINED.replace(b" anna ", b" anna of the bakery "), Layout.ACCESS),
        (VHOST, Layout.VHOST_ACCESS),
        (COMMON, Layout.ACCESS),
        (APACHE, Layout.APACHE_ERROR),
        (NGINX, Layout.NGINX_ERROR),
        (b"Nov 24 11:31:42 host sshd[1]: something", None),
    ],
)
def test_each_file_tells_its_layout(line: bytes, layout: Layout | None):
    assert detect([line] * 9 + [b"???"]) is layout


def test_a_request_that_is_no_http_is_kept_without_method():
    line = COMBINED.replace(b"POST /wp-login.php?x=%20 HTTP/1.1", b'\\x16\\x03\\x01\\"')
    ((_, hit),) = read_hits([line], Layout.ACCESS)
    assert (hit.method, hit.target, hit.status) == ("", "", 302)


def test_errors_say_when_who_and_what():
    ((_, one),) = read_faults([APACHE], Layout.APACHE_ERROR, timezone(timedelta(hours=1)))
    assert (one.when, one.level, one.address) == (AT, "error", "203.0.113.9")
    assert "/srv/www/x.php" in one.message
    ((_, two),) = read_faults([NGINX], Layout.NGINX_ERROR)
    assert (two.address, two.target) == ("203.0.113.9", "/x.php?a")


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (b"203.0.113.9:5123", "203.0.113.9"),
        (b"2001:db8::1:5123", "2001:db8::1"),
        (b"[2001:db8::1]:5123", "2001:db8::1"),
        (b"203.0.113.9", "203.0.113.9"),
    ],
)
def test_an_error_s_address_comes_without_its_port(client: bytes, address: str):
    line = APACHE.replace(b"203.0.113.9:5123", client)
    ((_, fault),) = read_faults([line], Layout.APACHE_ERROR)
    assert fault.address == address


def test_a_time_that_is_none_costs_its_line_alone():
    lines = [APACHE.replace(b"Nov 24", b"Feb 31"), APACHE]
    assert [number for number, _ in read_faults(lines, Layout.APACHE_ERROR)] == [2]
    lines = [NGINX.replace(b"11/24", b"13/24"), NGINX]
    assert [number for number, _ in read_faults(lines, Layout.NGINX_ERROR)] == [2]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("24/Nov/2026:11:31:42 +0100", AT),
        ("2026-11-24T11:31:42+01:00", AT),
        (
            "24/Nov/2026:11:31:42 -0730",
            AT.replace(tzinfo=timezone(timedelta(hours=-7, minutes=-30))),
        ),
        ("31/Feb/2026:11:31:42 +0100", None),
        ("24/Foo/2026:11:31:42 +0100", None),
        ("24/Nov/2026:11:31:42 +9900", None),
        ("24/Nov/2026:11:31:42", None),
    ],
)
def test_times_keep_their_zone(text: str, when: datetime | None):
    assert moment(text) == when


@given(
    st.one_of(
        st.binary(max_size=300),
        st.tuples(st.sampled_from([COMBINED, VHOST, COMMON, APACHE, NGINX]), st.data()).map(
            lambda drawn: _damaged(*drawn)
        ),
    )
)
def test_whatever_a_line_holds_nothing_raises(line: bytes):
    detect([line])
    for layout in Layout:
        if layout in (Layout.ACCESS, Layout.VHOST_ACCESS):
            list(read_hits([line], layout))
        else:
            list(read_faults([line], layout))


def _damaged(line: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(line)))
    return line[:at] + data.draw(st.binary(max_size=5)) + line[at + data.draw(st.integers(0, 9)) :]
