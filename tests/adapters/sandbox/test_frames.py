"""Jobs as they are packed on one side of the wall and taken apart on the other."""

import json

from hypothesis import given
from hypothesis import strategies as st

from unhijack.adapters.sandbox.frames import parts_of
from unhijack.parse.job import packed

VISIT = {"referrer": "", "cookie": "", "time": 0, "dice": 1}


@given(st.dictionaries(st.from_regex(r"(?:script|text) [0-9]{1,3}", fullmatch=True), st.text()))
def test_every_part_arrives_as_it_was(parts: dict[str, str]):
    job = packed({"url": "http://shop.test/ö"}, VISIT, parts, promises=True)

    found, promises = parts_of(job.content)

    assert promises
    assert json.loads(found.pop("page")) == {"url": "http://shop.test/ö"}
    assert json.loads(found.pop("visit")) == VISIT
    assert found == parts


def test_half_a_letter_is_no_reason_to_fail():
    job = packed({}, VISIT, {"script 0": "a\ud800b"}, promises=False)

    assert parts_of(job.content)[0]["script 0"] == "a?b"


def test_jobs_that_differ_by_their_visit_alone_are_the_same():
    one = packed({}, VISIT, {"script 0": "ab", "script 1": "c"}, promises=True)

    assert (
        packed({}, VISIT | {"dice": 2}, {"script 0": "ab", "script 1": "c"}, promises=True).same
        == one.same
    )
    assert packed({}, VISIT, {"script 0": "a", "script 1": "bc"}, promises=True).same != one.same
    assert packed({}, VISIT, {"script 0": "ab", "script 1": "c"}, promises=False).same != one.same
    assert (
        packed({"url": ""}, VISIT, {"script 0": "ab", "script 1": "c"}, promises=True).same
        != one.same
    )
