"""What a person answers: their own words, above what they quote, and what these claim."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum

from selectolax.lexbor import LexborHTMLParser

from unhijack.parse.mail.opened import Opened
from unhijack.parse.mail.words import (
    CLEAN,
    CLEAN_PHRASES,
    HELP,
    HELP_PHRASES,
    NOT,
    WRONG,
    WRONG_PHRASES,
    WROTE,
)
from unhijack.parse.reduce import bounded

MOST_TEXT = 64 * 1024
"""Characters of a message that are read for what they say."""
MOST_LINES = 1_000
MOST_OWN = 4_000
"""Characters of a person's own words."""
LONGEST_SENTENCE = 400
MOST_ATTRIBUTION = 3
"""Lines that say whose words follow."""


class Claim(StrEnum):
    """What somebody says of the site."""

    CLEAN = "clean"
    WRONG = "wrong"
    """It is a mistake, or not theirs."""
    HELP = "help"
    NONE = "none"
    """They answered, and claim nothing."""


def text_of(opened: Opened) -> str:
    """The text that a reader would see: plain, or out of the HTML where there is none."""
    for kind, made in (("text/plain", _plain), ("text/html", _from_html)):
        shown = [made(one.content) for one in opened.parts if one.kind == kind and not one.name]
        text = "\n".join(shown)[:MOST_TEXT]
        if text.strip():
            return text
    return ""


def _plain(content: bytes) -> str:
    return content[: 4 * MOST_TEXT].decode("utf-8", "replace").replace("\r\n", "\n")


_BLOCK = re.compile(rb"(?i)<(?:br|/?(?:p|div|tr|li|h[1-6]|table|blockquote))\b[^<>]{0,500}>")
_UNSHOWN = "head, script, style, title, template, blockquote, .gmail_quote, #divRplyFwdMsg"


def _from_html(content: bytes) -> str:
    """Without what is quoted. Line ends are put where a browser breaks the line."""
    body, _ = bounded(content)
    tree = LexborHTMLParser(_BLOCK.sub(rb"\n\g<0>", body))
    for node in tree.css(_UNSHOWN):
        node.decompose()
    text = tree.body.text(deep=True) if tree.body else ""
    return text.replace("\xa0", " ").replace("\r\n", "\n")


_SEPARATOR = re.compile(r"\s*[-_=*]{2,}.{0,100}[-_=*]{2,}\s*|\s*_{10,}\s*")
_HEADER = re.compile(r"\s*\*?[^\W\d_]{2,20}(?: [^\W\d_]{1,20})?\s?:\*?\s")


def own_words(text: str) -> str:
    """What they wrote themselves: above the quote, or below where nothing stands above."""
    lines = [line[:1_000] for line in text.splitlines()[:MOST_LINES]]
    end = _quote_begins(lines)
    above = _joined(line for line in lines[:end] if not _quoted(line))
    if above:
        return above
    quoted = [index for index, line in enumerate(lines) if _quoted(line)]
    return _joined(lines[quoted[-1] + 1 :]) if quoted else ""


def _joined(lines: Iterable[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if line.rstrip() == "--":  # a signature follows
            break
        kept.append(line.strip())
    return "\n".join(kept).strip()[:MOST_OWN]


def _quoted(line: str) -> bool:
    return line.lstrip().startswith((">", "|"))


def _quote_begins(lines: Sequence[str]) -> int:
    """The first line of what is quoted; one past the last where nothing is."""
    for index, line in enumerate(lines):
        if _quoted(line):
            return _attribution(lines, index)
        if _SEPARATOR.fullmatch(line) and _header_soon(lines, index):
            return index
        if _is_attribution(line) and index + 1 < len(lines):
            return _attribution(lines, index + 1)
        if _HEADER.match(line) and _headers(lines, index) >= 3:
            return index
    return len(lines)


def _attribution(lines: Sequence[str], quote: int) -> int:
    """Where the lines begin that say who wrote what follows, and when; or where the quote does."""
    end = quote
    while end > 0 and quote - end < 2 and not lines[end - 1].strip():
        end -= 1
    found = quote
    for start in range(end - 1, max(-1, end - 1 - MOST_ATTRIBUTION), -1):
        if not lines[start].strip():
            break
        said = " ".join(lines[start:end])
        if not _is_attribution(said):
            continue
        found = start
        if any(c.isdigit() for c in said):  # the date
            break
    return found


def _is_attribution(line: str) -> bool:
    folded = line.strip().casefold()
    return folded.endswith(":") and any(word in folded[-300:] for word in WROTE)


def _header_soon(lines: Sequence[str], index: int) -> bool:
    """A line of dashes is a separator where a quoted header, or nothing more of theirs, follows."""
    after = [line for line in lines[index + 1 : index + 4] if line.strip()]
    return bool(re.search(r"\w", lines[index])) or any(map(_HEADER.match, after))


def _headers(lines: Sequence[str], index: int) -> int:
    """Lines in a row that look like headers of a mail, in whatever language."""
    count = 0
    for line in lines[index : index + 6]:
        if not _HEADER.match(line):
            break
        count += 1
    return count if any("@" in line for line in lines[index : index + count]) else 0


_BY_WORD = {"CLEAN": Claim.CLEAN, "WRONG": Claim.WRONG, "HELP": Claim.HELP}
"""The words that every notice asks for, at the beginning, in capitals."""
_ASKED = re.compile(rf"[\W_]{{0,20}}({'|'.join(_BY_WORD)})\b")


def claim_of(own: str) -> Claim:
    """What their own words claim: one word on the first line, else a phrase anywhere."""
    folded = _folded(own)
    if not folded:
        return Claim.NONE
    asked = _ASKED.match(own)
    word = _BY_WORD[asked[1]] if asked else _command(folded.split("\n", 1)[0])
    if word is not None:
        return word
    for claim, phrases in (
        (Claim.WRONG, WRONG_PHRASES),
        (Claim.CLEAN, CLEAN_PHRASES),
        (Claim.HELP, HELP_PHRASES),
    ):
        if any(_says(sentence, phrases, claim) for sentence in _sentences(folded)):
            return claim
    return Claim.HELP if "?" in folded or (";" in folded and _greek(folded)) else Claim.NONE


def _folded(text: str) -> str:
    composed = unicodedata.normalize("NFC", text.strip())
    return composed.casefold().replace("’", "'").replace("i̇", "i")


def _command(line: str) -> Claim | None:
    """The claim of a line that is one word, whatever stands around it."""
    word = line.strip(" \t.,;:!*'\"«»„“”()[]<>_-")
    for claim, words in ((Claim.CLEAN, CLEAN), (Claim.WRONG, WRONG), (Claim.HELP, HELP)):
        if word in words:
            return claim
    return None


def _sentences(folded: str) -> list[str]:
    joined = re.sub(r"(?<=\S)\n(?=\S)", " ", folded)
    return [one[:LONGEST_SENTENCE] for one in re.findall(r"[^.!?\n]+[.!?]?", joined)[:200]]


def _says(sentence: str, phrases: Sequence[str], claim: Claim) -> bool:
    """Whether a sentence has one of the phrases, and means it."""
    if not any(phrase in sentence for phrase in phrases):
        return False
    if claim is not Claim.CLEAN:
        return True
    return not sentence.endswith("?") and NOT.isdisjoint(re.findall(r"[\w'-]+", sentence))


def _greek(folded: str) -> bool:
    """In Greek a semicolon asks."""
    return any("α" <= c <= "ω" for c in folded)
