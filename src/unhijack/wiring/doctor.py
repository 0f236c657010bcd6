"""Whether what the settings name is there and works, each by trying it once."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.util import find_spec

from unhijack.config.settings import Settings
from unhijack.core.case import State
from unhijack.core.errors import WrongUse
from unhijack.core.journal import first_broken
from unhijack.core.text import printable
from unhijack.ports import CaseStore, Unreached
from unhijack.wiring.contacts import bootstrap_file, make_sources
from unhijack.wiring.mail import mail_is_served, make_inbox
from unhijack.wiring.notices import make_mail
from unhijack.wiring.visits import (
    make_clock,
    make_probe,
    make_secrets,
    open_queue,
    open_store,
    read_authorities,
)

KNOCK_SECONDS = 20.0
"""For a conversation with the mail server."""
LEAST_FREE = 1 << 30
"""Bytes on the state folder's disk, below which it is said."""
JOURNALS = 500
"""Of the newest cases, whose chains are followed."""
MAIL_LEASE = 3
"""How often the time that a mail server may be silent should fit into a lease."""


class Health(StrEnum):
    """How something is."""

    GOOD = "good"
    CARE = "care"
    """It works without; somebody should know."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    health: Health
    text: str


def examine_house(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one after the other. Nothing is changed but what opening changes."""
    looks: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("state folder", _folder),
        ("database", _database),
        ("keys", _keys),
        ("queue", _queue),
        ("mail", _mail),
        ("answers", _answers),
        ("leases", _leases),
        ("contacts", _contacts),
        ("extras", _extras),
    )
    for what, look in looks:
        try:
            yield from look(settings)
        except WrongUse as error:
            yield Finding(what, Health.BAD, str(error))


def _folder(settings: Settings) -> Iterator[Finding]:
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.state).free
    health = Health.GOOD if free >= LEAST_FREE else Health.CARE
    yield Finding("state folder", health, f"{settings.state}, {free // 2**20:,} MiB free")
    if settings.state.stat().st_mode & 0o077:
        yield Finding("state folder", Health.CARE, "others may look into it: chmod 700")


def _database(settings: Settings) -> Iterator[Finding]:
    store = open_store(settings)
    try:
        counts = store.counts()
        cases = sum(counts.values())
        is_open = sum(count for state, count in counts.items() if not state.over)
        kind = "SQLite" if settings.database is None else "PostgreSQL"
        yield Finding("database", Health.GOOD, f"{kind}, {cases} cases, {is_open} open")
        yield from _integrity(store)
        late = store.next_due()
        now = datetime.now(UTC)
        if late is not None and (now - late).total_seconds() > 3600:
            yield Finding("worker", Health.CARE, f"something is due since {late:%d %B %H:%M} UTC")
        asks = counts.get(State.DISPUTED, 0)
        if asks:
            yield Finding("cases", Health.CARE, f"{asks} disputed: a person decides")
    finally:
        store.close()


def _integrity(store: CaseStore) -> Iterator[Finding]:
    """The files of the database, and whether the newest journals were changed."""
    if damage := store.damage():
        text = f"its file is damaged: restore the newest backup ({printable(damage)})"
        yield Finding("database", Health.BAD, text)
    newest = store.numbers()[-JOURNALS:]
    broken = [number for number in newest if first_broken(number, store.journal(number))]
    if broken:
        text = f"changed by somebody: the journal of case {broken[0]} (of {len(broken)} in all)"
        yield Finding("journals", Health.BAD, text)
    elif newest:
        yield Finding("journals", Health.GOOD, f"the newest {len(newest)} hold together")


def _keys(settings: Settings) -> Iterator[Finding]:
    secrets = make_secrets(settings)
    sealed = secrets.seal(b"doctor")
    secrets.unseal(sealed)
    yield Finding("keys", Health.GOOD, f"{settings.state / 'keys'}: back them up, apart")


def _queue(settings: Settings) -> Iterator[Finding]:
    if settings.database is None:
        yield Finding("queue", Health.GOOD, "none: one worker a state folder")
        return
    open_queue(settings)
    yield Finding("queue", Health.GOOD, "procrastinate, any number of workers")


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.smtp_host is None:
        yield Finding("mail", Health.CARE, "no mail server: notices wait (UNHIJACK_SMTP_HOST)")
        return
    mail = make_mail(settings, read_authorities(settings.ca_file))
    place = f"{settings.smtp_host}:{settings.smtp_port}"
    if wrong := asyncio.run(_in_time(mail.knock())):
        yield Finding("mail", Health.BAD, f"{place} takes no notices: {wrong}")
        return
    signed = "are signed" if settings.dkim_key else "are not signed (UNHIJACK_DKIM_KEY)"
    health = Health.GOOD if settings.dkim_key else Health.CARE
    yield Finding("mail", health, f"{place} takes notices; they {signed}")
    if settings.sender.endswith(".example"):
        yield Finding("mail", Health.BAD, "UNHIJACK_SENDER is an example: answers go nowhere")


async def _in_time(knock: Awaitable[str]) -> str:
    try:
        async with asyncio.timeout(KNOCK_SECONDS):
            return await knock
    except TimeoutError:
        return "it does not answer in time"


def _answers(settings: Settings) -> Iterator[Finding]:
    """Where bounces and answers come in: a mailbox, or a mail server that hands them over."""
    if settings.imap_host is not None:
        inbox = make_inbox(settings)
        try:
            found = inbox.next()
        finally:
            inbox.close()
        wrong = found.reason if isinstance(found, Unreached) else ""
        place = f"{settings.imap_host}:{settings.imap_port}"
        health = Health.BAD if wrong else Health.GOOD
        yield Finding("answers", health, wrong or f"the mailbox at {place} can be read")
    elif not mail_is_served(settings):
        yield Finding(
            "answers",
            Health.CARE,
            "no mailbox is read (UNHIJACK_IMAP_HOST) and nobody listens at "
            f"{settings.lmtp_listen} (`unhijack mail serve`): bounces and answers go unheard, unless "
            "a pipe brings them (`unhijack mail take`)",
        )
    else:
        yield Finding("answers", Health.GOOD, f"`mail serve` listens at {settings.lmtp_listen}")


def _leases(settings: Settings) -> Iterator[Finding]:
    if settings.lease_seconds < MAIL_LEASE * settings.smtp_seconds:
        yield Finding(
            "leases",
            Health.CARE,
            f"UNHIJACK_LEASE_SECONDS should be {MAIL_LEASE} times UNHIJACK_SMTP_SECONDS or more: a "
            "slow mail server makes notices uncertain",
        )


def _contacts(settings: Settings) -> Iterator[Finding]:
    make_sources(settings, make_probe(settings, make_clock()), make_secrets(settings))
    if settings.rdap and not bootstrap_file(settings).exists():
        yield Finding("contacts", Health.CARE, "no registries: `unhijack contacts --refresh`")
    elif settings.rdap:
        age = datetime.now(UTC).timestamp() - bootstrap_file(settings).stat().st_mtime
        health = Health.GOOD if age < 90 * 86400 else Health.CARE
        yield Finding("contacts", health, f"registries known since {age / 86400:.0f} days")
    if not settings.networks:
        yield Finding("contacts", Health.CARE, "no database of networks (UNHIJACK_NETWORKS)")


def _extras(_: Settings) -> Iterator[Finding]:
    for extra, module, use in (
        ("print", "weasyprint", "letters on paper"),
        ("stats", "scipy", "unhijack stats"),
        ("postgres", "procrastinate", "many workers"),
    ):
        there = find_spec(module) is not None
        text = f"{use}: {'there' if there else f'install unhijack[{extra}]'}"
        yield Finding("extras", Health.GOOD if there else Health.CARE, text)
