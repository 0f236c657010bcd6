"""Settings, read once: from the environment (UNHIJACK_...), then from options of the command."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from unhijack.config.places import default_state
from unhijack.core.egress import Egress, IpNetwork, parse_egress
from unhijack.core.errors import WrongUse


class Settings(BaseSettings):
    """What an operator decides. Each stands in the operator guide."""

    model_config = SettingsConfigDict(
        env_prefix="UNHIJACK_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    state: Path = Field(default_factory=default_state)
    """Folder for the database, keys and evidence."""
    database: SecretStr | None = None
    """``postgresql://user:password@host/name`` for a house with many workers; else SQLite."""
    lease_seconds: float = Field(default=300.0, ge=1.0, le=86400.0)
    """How long a step, or a conversation with a mail server, may take before another worker does it."""
    address_seconds: float = Field(default=2.0, ge=0.0, le=3600.0)
    """Between steps of two cases whose sites lie at one address: a shared host is not overrun."""
    hosts: Path | None = None
    """File in /etc/hosts form that answers names before DNS; for labs."""
    allow_net: Annotated[tuple[IpNetwork, ...], NoDecode] = ()
    """Ranges in which the guard is lifted, ports included; for labs. Comma-separated."""
    egress: Annotated[tuple[Egress, ...], NoDecode] = Field(default=(), repr=False)
    """Proxies that visits go out by, ``de=socks5://user:password@host:port``; commas or spaces."""
    ca_file: Path | None = None
    """PEM file of certificate authorities to trust instead of the built-in ones."""
    directory: Path | None = None
    """JSON file of contacts: site -> [{"role": "owner", "mail": ...}]."""
    organisation: str = "unhijack"
    """Who signs a notice."""
    sender: str = "notices@unhijack.example"
    """Mailbox that notices come from, and answers go to."""
    organisation_names: Annotated[Mapping[str, str], NoDecode] = Field(default_factory=dict)
    """What the organisation is called in other languages: ``it=CERT Italia; de=...``."""
    postal: str = ""
    """Its postal address, for letters: lines, with ``;`` between them."""
    phone: str = ""
    """Where somebody who doubts a notice can ask."""
    dkim_key: Path | None = None
    """PEM file with an RSA key by which notices are signed, for the sender's domain."""
    dkim_selector: str = "unhijack"
    """Under which its public half stands in DNS (``SELECTOR._domainkey.DOMAIN``)."""
    smtp_host: str | None = None
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_starttls: bool | None = None
    """True insists on it, False does without, unset takes it where the server offers it."""
    smtp_user: str | None = None
    """To log in at the mail server; the connection is then encrypted, or nothing is sent."""
    smtp_password: SecretStr | None = None
    smtp_seconds: float = Field(default=30.0, ge=0.1, le=250.0)
    """How long a mail server may be silent."""
    mail_spacing_hours: float = Field(default=24.0, ge=0.0, le=720.0)
    """Between two messages to one person; what comes up meanwhile leaves together."""
    mail_gather_minutes: float = Field(default=10.0, ge=0.0, le=1440.0)
    """How long a notice waits for others to the same person."""
    mail_provider_seconds: float = Field(default=2.0, ge=0.0, le=3600.0)
    """Between two messages to mailboxes of one domain."""
    ladder_hours: Annotated[tuple[float, ...], NoDecode] = (24.0, 72.0, 168.0)
    """How long owner and hoster, then the registrar, then the national team have; commas."""
    ladder_hours_by_country: Annotated[Mapping[str, tuple[float, ...]], NoDecode] = Field(
        default_factory=dict
    )
    """The same where it differs: ``de=12,48,120; it=24,72,240``."""
    keep_reporters_days: float = Field(default=30.0, ge=0.0, le=36500.0)
    """After a case is over: mailboxes of those who reported it."""
    keep_contacts_days: float = Field(default=365.0, ge=0.0, le=36500.0)
    """The same, of those who were told, with what was written to them and by them."""
    keep_evidence_days: float = Field(default=730.0, ge=0.0, le=36500.0)
    """The same, for sealed evidence."""
    arms: Annotated[tuple[tuple[str, tuple[str, ...]], ...], NoDecode] = ()
    """What is compared by drawing lots: ``detail=full|minimal sender=team|police``."""
    senders: Annotated[Mapping[str, str], NoDecode] = Field(default_factory=dict)
    """In whose name notices may be written: ``team=CERT Town; police=Police of Town``."""
    arm_delayed: float = Field(default=0.0, ge=0.0, le=0.5)
    """Share of cases that are told later, to see what happens without a notice."""
    arm_delay_days: float = Field(default=8.0, ge=0.0, le=90.0)
    approval: bool = True
    """Each notice waits for an analyst (``unhijack cases approve``)."""
    imap_host: str | None = None
    """Mail server with the mailbox that answers come to, for ``unhijack mail fetch``."""
    imap_port: int = Field(default=993, ge=1, le=65535)
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_security: Literal["tls", "starttls", "none"] = "tls"
    """``none`` is for loopback alone."""
    imap_folder: str = "INBOX"
    imap_taken: str = "Taken"
    """Folder that a message is moved to once it is safe here."""
    imap_refused: str = "Refused"
    """The same, for what was refused or belongs to nothing."""
    lmtp_listen: str = "127.0.0.1:2424"
    """Where ``unhijack mail serve`` takes mail: a loopback address and port, or ``unix:/path``."""
    reports_mailbox: str | None = None
    """Mailbox that reports are sent to; unset takes no reports by mail."""

    rdap: bool = True
    """Ask registries who holds a domain and a network."""
    rdap_bootstrap: Path | None = None
    """File that says which registry knows what; in the state folder unless it is named."""
    rdap_cache: Path | None = None
    """Folder for registries' answers, sealed; in the state folder unless it is named."""
    rdap_cache_days: float = Field(default=7.0, gt=0, le=365)
    rdap_interval: float = Field(default=1.0, ge=0, le=60)
    """Seconds between two questions of this process to one registry."""
    dns_servers: Annotated[tuple[tuple[str, int], ...], NoDecode] = ()
    """Resolvers to ask instead of the system's: ``9.9.9.9 [2620:fe::fe]:5353``; commas or spaces."""
    networks: Annotated[tuple[Path, ...], NoDecode] = ()
    """MMDB files (MaxMind, DB-IP, IPinfo) with countries and networks of addresses."""
    guess_mailboxes: bool = True
    """Where nobody names a contact, write to those that RFC 2142 says there should be."""
    national_teams: Path | None = None
    """JSON file of national teams, over the one that is shipped."""

    @field_validator("dns_servers", mode="before")
    @classmethod
    def _servers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(_server(part) for part in re.split(r"[\s,]+", value.strip(" ,\t\n")))

    @field_validator("networks", mode="before")
    @classmethod
    def _files(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("organisation", "postal", "phone")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("it must be one line of text")
        return value

    @field_validator("sender", "reports_mailbox")
    @classmethod
    def _mailbox(cls, value: str | None) -> str | None:
        if value is None:
            return None
        local, at, domain = value.rpartition("@")
        if not (at and local and domain) or not re.fullmatch(r"[!#-\'*+\-./-9=?A-Z^-~@]+", value):
            raise ValueError("it must be a plain mail address")
        return value

    @field_validator("organisation_names", "senders", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(";") if part.strip()]
        names = {tag.strip().lower(): name.strip() for tag, _, name in pairs}
        if not value.isprintable() or not all(tag and name for tag, name in names.items()):
            raise ValueError("it must be short=name, with semicolons")
        return names

    @field_validator("dkim_selector")
    @classmethod
    def _label(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", value, re.IGNORECASE):
            raise ValueError("it must be a name as DNS has it")
        return value

    @field_validator("arms", mode="before")
    @classmethod
    def _arms(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split()]
        if not all(
            re.fullmatch(r"[a-z]{1,20}=[a-z-]{1,20}(\|[a-z-]{1,20}){1,7}", f"{n}={v}")
            for n, _, v in pairs
        ):
            raise ValueError("it must be like detail=full|minimal")
        return tuple((name, tuple(levels.split("|"))) for name, _, levels in pairs)

    @field_validator("ladder_hours", mode="before")
    @classmethod
    def _hours(cls, value: object) -> object:
        return _three_hours(value) if isinstance(value, str) else value

    @field_validator("ladder_hours_by_country", mode="before")
    @classmethod
    def _country_hours(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(";") if part.strip()]
        codes = [code.strip().lower() for code, _, _ in pairs]
        if not all(re.fullmatch("[a-z]{2}", code) for code in codes):
            raise ValueError("it must be like de=12,48,120; it=24,72,240")
        return {code: _three_hours(hours) for code, (_, _, hours) in zip(codes, pairs, strict=True)}

    @field_validator("egress", mode="before")
    @classmethod
    def _egress(cls, value: object) -> object:
        if isinstance(value, str):
            value = re.split(r"[\s,]+", value.strip(" ,\t\n"))
        if not isinstance(value, list | tuple):
            return value
        ways = tuple(one if isinstance(one, Egress) else parse_egress(str(one)) for one in value)
        if len({way.name[3:] for way in ways}) < len(ways):
            raise ValueError("the same proxy stands there twice")
        return ways

    @field_validator("allow_net", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, list | tuple):
            return tuple(ipaddress.ip_network(str(part)) for part in value)
        return value


def _three_hours(text: str) -> tuple[float, ...]:
    """How long each rung has. Raises ValueError."""
    hours = tuple(float(part) for part in text.split(",") if part.strip())
    if len(hours) != 3 or not all(0 < one <= 87600 for one in hours):
        raise ValueError("it must be three numbers of hours, with commas")
    return hours


def _server(text: str) -> tuple[str, int]:
    """A resolver, ``address`` or ``address:port`` or ``[address]:port``. Raises ValueError."""
    host, port = text, "53"
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError("each must be like 9.9.9.9, 9.9.9.9:53 or [2620:fe::fe]:53")
    return str(ipaddress.ip_address(host)), int(port)


def read_settings(**options: object) -> Settings:
    """Settings with a command's options over them; an option that is None says nothing.

    Raises WrongUse.
    """
    given = {name: value for name, value in options.items() if value not in (None, ())}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by the model
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        said = first["msg"].removeprefix("Value error, ")
        if name == "egress":  # a password may stand in it
            raise WrongUse(f"setting {name}: {said}") from None
        raise WrongUse(f"setting {name}: {said} (got {str(first['input'])[:80]!r})") from None
