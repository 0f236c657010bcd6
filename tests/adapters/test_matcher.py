from pathlib import Path

import pytest

from unhijack.adapters.matcher import make_matcher
from unhijack.core.errors import WrongUse

OWN = Path(__file__).parents[2] / "src/unhijack/data/rules/own.yar"
PLANTED = b"GIF89a <?php eval($_POST['w']);"
RULE = 'rule Words : php { meta: author = "A\x1bB" strings: $a = "eval(" condition: $a and filename == "" }'


def matcher(tmp_path: Path, rules: str, warned: list[str] | None = None, cache: Path | None = None):
    (tmp_path / "a.yar").write_text(rules)
    return make_matcher([str(tmp_path)], (warned if warned is not None else []).append, "", cache)


def test_our_own_rules_say_what_it_is():
    (mark,) = make_matcher([], print, OWN.read_text())(PLANTED)
    assert (mark.rule, mark.kind) == ("own-php-behind-a-picture-head", "backdoor")
    assert PLANTED[mark.start : mark.end] == b"<?php"


def test_an_operators_rule_names_its_author_harmlessly(tmp_path: Path):
    (mark,) = matcher(tmp_path, RULE)(PLANTED)
    assert (mark.rule, mark.kind, mark.confidence) == ("yara:Words", "webshell", 0.7)
    assert "A\N{REPLACEMENT CHARACTER}B" in mark.reason


def test_what_one_file_gets_wrong_costs_no_other_rule(tmp_path: Path):
    warned: list[str] = []
    (tmp_path / "b.yar").write_text("no rule {")
    found = matcher(tmp_path, 'import "nowhere"\n' + RULE, warned)(PLANTED)
    assert [mark.rule for mark in found] == ["yara:Words"]
    assert any("b.yar" in text for text in warned)


def test_compiled_rules_are_read_again(tmp_path: Path):
    rules, cache = tmp_path / "rules", tmp_path / "cache"
    rules.mkdir()
    first = matcher(rules, RULE, None, cache)(PLANTED)
    (kept,) = cache.iterdir()
    assert matcher(rules, RULE, None, cache)(PLANTED) == first
    kept.write_bytes(b"spoilt")
    warned: list[str] = []
    assert matcher(rules, RULE, warned, cache)(PLANTED) == first
    assert warned


def test_matches_are_bounded(tmp_path: Path):
    many = "\n".join(RULE.replace("Words", f"Words{n}") for n in range(60))
    assert len(matcher(tmp_path, many)(PLANTED * 1000)) == 20


def test_a_folder_that_is_not_there_is_wrong_use():
    with pytest.raises(WrongUse):
        make_matcher(["nowhere"], print)


def test_without_rules_nothing_matches():
    assert list(make_matcher([], print)(PLANTED)) == []
