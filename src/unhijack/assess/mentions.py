"""What each source says, as mentions: which role a mailbox has there, and how much the source alone
is worth. Pure tables and small rules; `assess.contacts` weighs them against each other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from unhijack.core.contact import (
    CAA,
    DNS_SECURITY_TXT,
    HOSTER,
    IMPRINT,
    OWNER,
    PROXY,
    RDAP_DOMAIN,
    RDAP_NETWORK,
    REGISTRAR,
    RFC2142,
    SECURITY_TXT,
    SOA,
    WHOIS_ABUSE,
    Mention,
    mail_domain,
    of_one_site,
    plain_mailbox,
)
from unhijack.core.site import site_of
from unhijack.core.sources import Imprint, Mailbox, Registration, SecurityTxt

_VEILED = 0.6
"""What is left of a mailbox before which a relay stands."""
_OF_A_DOMAIN = {"registrant": 0.7, "administrative": 0.6, "technical": 0.5}
_OF_A_NETWORK = {"abuse": 0.85, "noc": 0.45, "technical": 0.4, "administrative": 0.35}
_REGISTRAR_ABUSE, _REGISTRAR = 0.85, 0.5
_IN_REMARKS = 0.6
_OWNERS_NAMES = {
    "security": 0.2,
    "webmaster": 0.18,
    "abuse": 0.16,
    "postmaster": 0.14,
    "info": 0.12,
}
_ABUSE_NAME = 0.3


def of_domain(registration: Registration, at: datetime) -> Iterator[Mention]:
    """Registrant and registrar, as the domain's registry has them."""
    for box in registration.mailboxes:
        if "registrar" in box.within or "registrar" in box.roles:
            abuse = "abuse" in box.roles
            worth = _REGISTRAR_ABUSE if abuse else _REGISTRAR
            note = "abuse contact of the registrar" if abuse else "registrar"
            yield Mention(REGISTRAR, box.mail, RDAP_DOMAIN, worth, box.language, note, at)
            continue
        if not box.within and (best := _best(box, _OF_A_DOMAIN)):
            yield _registered(OWNER, box, RDAP_DOMAIN, best, _OF_A_DOMAIN[best], at, "the domain")


def of_network(registration: Registration, at: datetime, *, proxy: bool) -> Iterator[Mention]:
    """Abuse desk of the network that the site's address lies in; of a proxy where it is one's."""
    role = PROXY if proxy else HOSTER
    for box in registration.mailboxes:
        if best := _best(box, _OF_A_NETWORK):
            worth = _OF_A_NETWORK[best]
            yield _registered(role, box, RDAP_NETWORK, best, worth, at, "the network")
    for mail in registration.remarked:
        note = "abuse contact in the network's remarks"
        yield Mention(role, mail, WHOIS_ABUSE, _IN_REMARKS, "", note, at)


def _best(box: Mailbox, worths: dict[str, float]) -> str:
    """The role of a mailbox that counts most."""
    return max((role for role in box.roles if role in worths), key=worths.__getitem__, default="")


def _registered(
    role: str, box: Mailbox, source: str, what: str, worth: float, at: datetime, of: str
) -> Mention:
    note = f"{what} contact of {of}" + (", behind a relay" if box.veiled else "")
    worth *= _VEILED if box.veiled else 1
    holder = what == "registrant" and role == OWNER and not box.veiled
    return Mention(role, box.mail, source, worth, box.language, note, at, holder)


def of_zone(
    site: str,
    mails: Mapping[str, Sequence[str]],
    servers: Sequence[str],
    at: datetime,
    *,
    proxy: bool,
) -> Iterator[Mention]:
    """Mailboxes of DNS records by their source; `servers` are the zone's name servers.

    A zone that somebody else keeps names them as its master: that is a hoster at best.
    """
    keepers = {site_of(server) for server in servers} - {site}
    for mail in mails.get(SOA, ()):
        if site_of(mail_domain(mail)) in keepers:
            role = PROXY if proxy else HOSTER
            yield Mention(role, mail, SOA, 0.2, "", "keeper of the site's zone", at)
        else:
            worth = 0.4 if of_one_site(mail, site) else 0.3
            yield Mention(OWNER, mail, SOA, worth, "", "responsible for the site's zone", at)
    for mail in mails.get(CAA, ()):
        yield Mention(OWNER, mail, CAA, 0.55, "", "told of certificate trouble", at)
    for mail in mails.get(DNS_SECURITY_TXT, ()):
        yield Mention(OWNER, mail, DNS_SECURITY_TXT, 0.8, "", "security contact in the zone", at)


def of_security_txt(found: SecurityTxt, url: str, at: datetime) -> Iterator[Mention]:
    """The site's own file, less where it is stale or belongs elsewhere."""
    language = found.languages[0] if found.languages else ""
    worth, notes = 0.7, ["security contact"]
    if found.stale(at):
        worth, notes = 0.4, [*notes, "out of date"]
    if found.elsewhere(url):
        worth, notes = worth / 2, [*notes, "written for another address"]
    for mail in found.mailboxes:
        yield Mention(OWNER, mail, SECURITY_TXT, worth, language, ", ".join(notes), at)


def of_imprint(page: Imprint, site: str, at: datetime) -> Iterator[Mention]:
    """Mailboxes on the site's pages: its own first; others may be anybody's."""
    for mail in page.mailboxes:
        own = of_one_site(mail, site)
        note = "on the site's page" if own else "on the site's page, of another domain"
        yield Mention(OWNER, mail, IMPRINT, 0.55 if own else 0.25, page.language, note, at)


def last_resort(site: str, networks: Iterable[str], at: datetime) -> Iterator[Mention]:
    """Names that RFC 2142 reserves, at the site's domain and at those of its network."""
    for name, worth in _OWNERS_NAMES.items():
        if mail := plain_mailbox(f"{name}@{site}"):
            yield Mention(OWNER, mail, RFC2142, worth, "", "a name that ought to be read", at)
    for domain in networks:
        if mail := plain_mailbox(f"abuse@{domain}"):
            yield Mention(
                HOSTER, mail, RFC2142, _ABUSE_NAME, "", "a name that ought to be read", at
            )
