"""A tell is only tried where it may fit, and that never hides one that does."""

import re

from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.clues import Clues
from unhijack.parse.plain.errands import ERRANDS
from unhijack.parse.plain.habits import HABITS
from unhijack.parse.plain.tell import Tell, Tells, some
from unhijack.parse.plain.tells import _SEAM, _SEAM_BY_DOT, TELLS, tell_marks

BY_NAME = Tell("by-name", "spam", 0.5, "", (), re.compile(rb"(moo)\("), (), (some("moo"),))
BY_TEXT = Tell("by-text", "spam", 0.5, "", (b"<a ",), re.compile(rb"<a (\w)"))
BY_BOTH = Tell("by-both", "spam", 0.5, "", (b"baa",), re.compile(rb"baa"), (), (some("moo oink"),))
ALWAYS = Tell("always", "spam", 0.5, "", (), re.compile(rb"quack"))
FARM = (BY_NAME, BY_TEXT, BY_BOTH, ALWAYS)


@given(st.lists(st.sampled_from(["moo", "moo(", "oink", "baa", "<a x", "quack", "x", "{", " "])))
def test_what_may_fit_is_found_as_if_each_was_tried(pieces):
    low = " ".join(pieces).encode()
    words = Clues(low).words
    likely = {word for tell in FARM for word in tell.words if word in low}
    tried = [mark for tell in FARM if (mark := tell.mark(low, words)) is not None]
    assert Tells(FARM).marks(low, words, likely) == tried


SPELLED = (
    b"<?php $_post; $w[1].$w[2].$w[3].$w[4].$w[5].$w[6].$w[7];",
    b"<?php $w{1} . $w{2} . $w{3} . $w{4} . $w{5} . $w{6} . $w{7};",
    b"<?php echo '<script>'; $p = 'eval(@$_POST[1])'; $q = 'exec ( stripslashes($_GET[1]))';",
    b"<?php echo \"<p style='display : none'><a href='https://one.test'>1</a>"
    b"<a href='https://two.test'>2</a>\";",
    b"<?php ?><p style='left: -9999px'><a href='https://one.test'>",
    b"<?php system('ls'); $c = ' nohup sleep 1 tmp'; $d = \"'nohup x\"; // chmod +x /tmp",
)


def test_what_is_glimpsed_hides_no_match():
    glimpsed = [tell for tell in TELLS + HABITS + ERRANDS if tell.glimpse is not None]
    hit = set()
    for content in SPELLED:
        low = content.lower()
        for tell in glimpsed:
            if tell.pattern.search(low):
                hit.add(tell.name)
                assert tell.glimpse is not None
                assert tell.glimpse.search(low)
    assert hit == {tell.name for tell in glimpsed}


def test_each_of_them_is_told():
    told = [{mark.rule for mark in tell_marks(Clues(content))} for content in SPELLED]
    assert "php-spells-by-index" in told[0] & told[1]
    assert "php-text-runs-request" in told[2]
    assert "php-hides-links" in told[3] & told[4]
    assert "php-leaves-running" in told[5]


@given(st.text(alphabet="ab_\"'. \n$", max_size=40))
def test_a_seam_is_found_by_its_dot_as_by_its_quotes(text):
    low = text.encode()
    assert bool(_SEAM_BY_DOT.search(low)) == bool(_SEAM.search(low))
