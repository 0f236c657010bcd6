"""What goes between the processes of a scan comes out as it went in."""

from dataclasses import fields
from multiprocessing import Pipe

import pytest

from unhijack.collect.scan.look import Looked
from unhijack.ports import Entry, Skipped

ENTRY = Entry("a\udcff/b.php", *range(1, len(fields(Entry))))
LOOKED = Looked(
    *("a", 5, (), (Skipped("a", "partial", "too long"),)),
    lasting=False,
    changed_ns=6,
    touched_ns=7,
    unclear=True,
)


@pytest.mark.parametrize("sent", [ENTRY, LOOKED])
def test_it_comes_out_as_it_went_in(sent):
    here, there = Pipe()
    with here, there:
        here.send(sent)
        assert there.recv() == sent
