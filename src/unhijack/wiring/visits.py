"""Settings to doors, for visits and casework."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from unhijack import __version__
from unhijack.casework.agenda import Office
from unhijack.casework.notify import Policy
from unhijack.collect.pool import Pool
from unhijack.collect.probe import Probe
from unhijack.collect.view import ScriptTier
from unhijack.config.settings import Settings
from unhijack.core.arms import Arms, check_factors
from unhijack.core.egress import Guard, IpAddress
from unhijack.core.errors import WrongUse
from unhijack.core.known import KnownHosts
from unhijack.core.ladder import Ladder
from unhijack.core.notice import Spacing
from unhijack.core.retention import Retention
from unhijack.parse.media import strip_media
from unhijack.ports import (
    CaseStore,
    Clock,
    Doors,
    Files,
    Limits,
    Queue,
    Secrets,
)
from unhijack.wiring.contacts import make_sources
from unhijack.wiring.locales import tongue
from unhijack.wiring.notices import make_letterhead, make_mail

if TYPE_CHECKING:
    from unhijack.adapters.store.sql import Place, SqlStore

MOST_HOSTS_BYTES = 64 * 1024 * 1024


def make_clock() -> Clock:
    """The machine's."""
    from unhijack.adapters.clock import SystemClock

    return SystemClock()


def make_probe(
    settings: Settings, clock: Clock, limits: Limits | None = None, *, record: bool = True
) -> Probe:
    """The outside-in instrument; `record` keeps what came over the wire, for evidence."""
    from unhijack.adapters.resolver import SystemResolver
    from unhijack.adapters.transport.wreq import WreqTransport

    return Probe(
        WreqTransport(read_authorities(settings.ca_file)),
        SystemResolver(_hosts(settings.hosts)),
        clock,
        Guard(settings.allow_net),
        limits or Limits(),
        record,
        known_hosts(),
        pool=Pool(settings.egress),
    )


def known_hosts() -> KnownHosts:
    """The table of hosts that the world knows."""
    table = json.loads((files("unhijack.data") / "known_hosts.json").read_text(encoding="utf-8"))
    return KnownHosts(**{name: frozenset(hosts) for name, hosts in table.items()})


def make_script_tier(warn: Callable[[str], None]) -> ScriptTier:
    """What runs scripts for a probe. Whoever has it closes it."""
    from unhijack.collect.scripts import Scripts
    from unhijack.wiring.sandbox import known_libraries, make_sandbox

    return Scripts(make_sandbox(warn), known_libraries())


def with_scripts(probe: Probe, warn: Callable[[str], None]) -> Probe:
    """The same instrument, on the script tier."""
    return replace(probe, scripts=make_script_tier(warn))


def make_secrets(settings: Settings) -> Secrets:
    """Keys in the state folder, made when first wanted."""
    from unhijack.adapters.secrets import FileSecrets

    return FileSecrets(settings.state / "keys")


def make_files(folder: Path, secrets: Secrets) -> Files:
    """Sealed evidence in a folder."""
    from unhijack.adapters.files import EvidenceFolder

    return EvidenceFolder(folder, secrets, strip_media, f"unhijack {__version__}")


def open_store(settings: Settings) -> CaseStore:
    """The database, brought up to date: in the state folder, or at the address of the settings."""
    return _open_store(settings)


def open_queue(settings: Settings) -> Queue | None:
    """What hands steps to many workers; None where the database is embedded."""
    if settings.database is None:
        return None
    from unhijack.adapters.store.queue import JobQueue

    return JobQueue(_open_store(settings), settings.database.get_secret_value())


def _open_store(settings: Settings) -> "SqlStore":
    from unhijack.adapters.store.sql import SqlStore

    try:
        settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(f"state folder {settings.state} cannot be made: {error.strerror}") from None
    spacing = Spacing(
        recipient=timedelta(hours=settings.mail_spacing_hours),
        gather=timedelta(minutes=settings.mail_gather_minutes),
        provider=timedelta(seconds=settings.mail_provider_seconds),
        address=timedelta(seconds=settings.address_seconds),
    )
    return SqlStore(_place(settings), make_secrets(settings), spacing, settings.lease_seconds)


def _place(settings: Settings) -> "Place":
    migrations = Path(str(files("unhijack.data") / "migrations"))
    if settings.database is None:
        from unhijack.adapters.store.sqlite import open_sqlite

        return open_sqlite(settings.state, migrations)
    try:
        from unhijack.adapters.store.postgres import open_postgres
        from unhijack.adapters.store.queue import schema_name
    except ImportError:
        raise WrongUse(
            "UNHIJACK_DATABASE is set, and PostgreSQL's packages are missing: "
            "install unhijack[postgres]"
        ) from None
    url = settings.database.get_secret_value()
    return open_postgres(url, migrations, settings.state / "backups", schema_name())


def _quiet(_: str) -> None:
    """Nobody has to be told."""


def open_office(
    settings: Settings,
    clock: Clock,
    limits: Limits | None = None,
    warn: Callable[[str], None] = _quiet,
) -> Office:
    """Everything that casework works with; it runs the scripts of pages."""
    probe = with_scripts(make_probe(settings, clock, limits), warn)
    secrets = make_secrets(settings)
    sources = make_sources(settings, probe, secrets)
    doors = Doors(
        transport=probe.transport,
        resolver=probe.resolver,
        clock=clock,
        cases=open_store(settings),
        directory=sources.directory,
        mail=make_mail(settings, read_authorities(settings.ca_file)),
        files=make_files(settings.state / "evidence", secrets),
        secrets=secrets,
    )
    policy = Policy(
        make_letterhead(settings),
        settings.approval,
        _ladder(settings.ladder_hours),
        {code: _ladder(hours) for code, hours in settings.ladder_hours_by_country.items()},
        _arms(settings),
        settings.senders,
        tongue,
    )
    retention = Retention(
        timedelta(days=settings.keep_reporters_days),
        timedelta(days=settings.keep_contacts_days),
        timedelta(days=settings.keep_evidence_days),
    )
    return Office(doors, probe, policy, sources, retention)


def _ladder(hours: tuple[float, ...]) -> Ladder:
    return Ladder(tuple(timedelta(hours=one) for one in hours))


def _arms(settings: Settings) -> Arms:
    factors = dict(settings.arms)
    check_factors(factors, settings.senders)
    return Arms(factors, settings.arm_delayed, timedelta(days=settings.arm_delay_days))


def read_authorities(path: Path | None) -> bytes | None:
    """Certificate authorities of the operator's own, in PEM form. Raises WrongUse."""
    if path is None:
        return None
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise WrongUse(f"CA file {path} cannot be read: {error.strerror}") from None
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        raise WrongUse(f"CA file {path} holds no certificate in PEM form")
    return pem


def _hosts(path: Path | None) -> Mapping[str, Sequence[IpAddress]]:
    from unhijack.adapters.resolver import read_hosts

    if path is None:
        return {}
    try:
        if path.stat().st_size > MOST_HOSTS_BYTES:
            raise WrongUse(f"hosts file {path} is larger than {MOST_HOSTS_BYTES} bytes")
        return read_hosts(path.read_text(encoding="utf-8"), f"hosts file {path}")
    except OSError as error:
        raise WrongUse(f"hosts file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongUse(f"hosts file {path} is no text") from None
