"""Where answers to a notice go: an address that nobody makes up, one for each notice."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

MAC_DIGITS = 16
"""Hex digits: 64 bits, each guess of which costs a mail."""

_TOKEN = re.compile(
    r"\+([2-9a-hj-np-z]{10})-([1-9][0-9]{0,5})-([0-9a-f]{16})@([a-z0-9.-]{1,253})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class AnswerToken:
    """What an answer's address says of itself; nothing is proven by it before `genuine`."""

    reference: str
    """The case's name, in capitals as the house has it."""
    notice: int
    mac: str


def answer_address(
    sender: str, reference: str, notice: int, keyed_hash: Callable[[str], str]
) -> str:
    """The mailbox that answers to one notice are sent to, in lower case."""
    local, _, domain = sender.rpartition("@")
    name = f"{reference}-{notice}-{_mac(reference, notice, keyed_hash)}"
    return f"{local}+{name}@{domain}".lower()


def genuine(token: AnswerToken, keyed_hash: Callable[[str], str]) -> bool:
    """Whether this house made the address."""
    made = _mac(token.reference, token.notice, keyed_hash)
    return hmac.compare_digest(made, token.mac)


def tokens_in(text: str) -> tuple[AnswerToken, ...]:
    """The tokens of addresses anywhere in a text, each once, in order; linear in its length."""
    found = (
        AnswerToken(match[1].upper(), int(match[2]), match[3].lower())
        for match in _TOKEN.finditer(text)
    )
    return tuple(dict.fromkeys(found))


def _mac(reference: str, notice: int, keyed_hash: Callable[[str], str]) -> str:
    return keyed_hash(f"answer {reference.upper()} {notice}")[:MAC_DIGITS]
