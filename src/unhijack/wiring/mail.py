"""Settings to what brings mail in."""

from contextlib import AbstractAsyncContextManager
from ipaddress import ip_address

from unhijack.casework.answers import Desk
from unhijack.config.settings import Settings
from unhijack.core.egress import Guard
from unhijack.core.errors import WrongUse
from unhijack.parse.mail.opened import HEAD_BYTES, HELD_BYTES
from unhijack.ports import Inbox, MailHost
from unhijack.wiring.visits import read_authorities


def make_desk(settings: Settings) -> Desk:
    """How mail is taken."""
    return Desk(settings.sender, settings.reports_mailbox, Guard(settings.allow_net))


def make_inbox(settings: Settings) -> Inbox:
    """The mailbox that answers come to. Raises WrongUse where none is set."""
    from unhijack.adapters.mailbox.imap import ImapAccount, ImapInbox

    if settings.imap_host is None or not settings.imap_user:
        raise WrongUse("no mailbox is set: UNHIJACK_IMAP_HOST and UNHIJACK_IMAP_USER name it")
    if settings.imap_security == "none" and not _here(settings.imap_host):
        raise WrongUse("UNHIJACK_IMAP_SECURITY=none sends a password in the clear: loopback alone")
    account = ImapAccount(
        settings.imap_host,
        settings.imap_port,
        settings.imap_user,
        settings.imap_password.get_secret_value(),
        settings.imap_security,
        settings.imap_folder,
        settings.imap_taken,
        settings.imap_refused,
        read_authorities(settings.ca_file),
    )
    return ImapInbox(account, HELD_BYTES, HEAD_BYTES)


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def mail_is_served(settings: Settings) -> bool:
    """Whether anybody listens where `mail serve` does. Raises WrongUse."""
    from unhijack.adapters.mailbox.lmtp import is_served, parse_place

    return is_served(parse_place(settings.lmtp_listen))


def serve_mail(settings: Settings, host: MailHost) -> AbstractAsyncContextManager[str]:
    """Take mail from a mail server while the context lasts; where. Raises WrongUse."""
    from unhijack.adapters.mailbox.lmtp import parse_place, serve

    return serve(parse_place(settings.lmtp_listen), host, HELD_BYTES)
