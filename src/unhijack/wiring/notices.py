"""Settings to what notices leave by: letterhead, mail, paper."""

import ssl
from typing import TYPE_CHECKING

from unhijack.compose.letter_kinds import Letterhead
from unhijack.config.settings import Settings
from unhijack.core.errors import WrongUse
from unhijack.ports import Printer

if TYPE_CHECKING:
    from unhijack.adapters.mail import DkimKey, NoMail, SmtpMail


def make_mail(settings: Settings, authorities: bytes | None) -> "SmtpMail | NoMail":
    """The mail server that notices are handed to; `authorities` in PEM form are trusted alone."""
    from unhijack.adapters.mail import Login, NoMail, SmtpMail

    if settings.smtp_host is None:
        return NoMail()
    if settings.smtp_user and settings.smtp_starttls is False:
        raise WrongUse("setting smtp_user: a password goes over an encrypted connection alone")
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
    return SmtpMail(
        settings.smtp_host,
        settings.smtp_port,
        settings.sender,
        starttls=settings.smtp_starttls,
        seconds=settings.smtp_seconds,
        login=Login(settings.smtp_user, password) if settings.smtp_user else None,
        key=_dkim_key(settings),
        trusted=_trusted(authorities),
    )


def _dkim_key(settings: Settings) -> "DkimKey | None":
    from unhijack.adapters.mail import DkimKey

    path = settings.dkim_key
    if path is None:
        return None
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise WrongUse(f"DKIM key {path} cannot be read: {error.strerror}") from None
    domain = settings.sender.rpartition("@")[2].lower()
    return DkimKey(domain, settings.dkim_selector, pem)


def _trusted(pem: bytes | None) -> ssl.SSLContext | None:
    return ssl.create_default_context(cadata=pem.decode("ascii", "replace")) if pem else None


def make_letterhead(settings: Settings) -> Letterhead:
    """Who writes."""
    return Letterhead(
        settings.organisation,
        settings.sender,
        tuple(line.strip() for line in settings.postal.split(";") if line.strip()),
        settings.phone,
        settings.organisation_names,
    )


def make_printer() -> Printer:
    """What puts letters on paper. Raises WrongUse where it is not installed."""
    try:
        from unhijack.adapters.printer import WeasyPrinter
    except (ImportError, OSError):  # its package, or Pango, which it loads by name
        raise WrongUse(
            "letters on paper want unhijack[print], and Pango (Debian: libpango-1.0-0,"
            " libpangoft2-1.0-0, libharfbuzz-subset0)"
        ) from None
    return WeasyPrinter()
