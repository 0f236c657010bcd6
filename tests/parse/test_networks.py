"""Records of address databases, in the forms of their three makers."""

from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.sources import Origin
from unhijack.parse.networks import read_record


def test_each_maker_is_understood():
    maxmind = {"country": {"iso_code": "DE"}, "registered_country": {"iso_code": "NL"}}
    numbers = {"autonomous_system_number": 64500, "autonomous_system_organization": "Host\x1b AG"}
    ipinfo = {"country": "Germany", "country_code": "de", "asn": "AS64500", "as_name": "Host"}

    assert read_record(maxmind) == Origin("DE")
    assert read_record(numbers) == Origin("", 64500, "Host\N{REPLACEMENT CHARACTER} AG")
    assert read_record(ipinfo) == Origin("DE", 64500, "Host")
    assert read_record({"registered_country": {"iso_code": "NL"}, "country": "x"}) == Origin("NL")


def test_what_makes_no_sense_says_nothing():
    numbers: tuple[object, ...] = (True, "ASx", "AS99999999999", -1, [5])
    records: list[object] = [None, [], "x", {"country": 5}, *({"asn": one} for one in numbers)]
    for record in records:
        assert read_record(record) == Origin()


@given(
    st.dictionaries(
        st.sampled_from(["country", "asn", "as_name", "registered_country", "country_code"]),
        st.none()
        | st.text(max_size=8)
        | st.integers()
        | st.dictionaries(st.just("iso_code"), st.text()),
    )
)
def test_any_record_is_read(record: dict[str, object]):
    found = read_record(record)

    assert found.organisation.isprintable()
    assert len(found.country) in (0, 2)
