"""Who can mend a site: every source is asked, none is waited for too long, and what they say is
weighed. No transaction is open meanwhile; what failed is a value for the journal.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from unhijack.assess import mentions as say
from unhijack.assess.contacts import identities, rank
from unhijack.casework.asking import Asking, Facts, Sources
from unhijack.collect.probe import Budget, Probe
from unhijack.core.contact import (
    CAA,
    DIRECTORY,
    DNS_SECURITY_TXT,
    OWNER,
    RDAP_DOMAIN,
    RDAP_NETWORK,
    SOA,
    Contact,
    Country,
    Earlier,
    Identity,
    Mention,
    Missing,
    Surroundings,
    country_of_suffix,
    mail_domain,
    same_mailbox,
)
from unhijack.core.data import Json
from unhijack.core.site import Address, literal_ip, site_of
from unhijack.parse.zone import caa_mailboxes, soa_mailbox, txt_mailboxes

SECONDS = 60.0
"""For everything."""
MOST_DOMAINS = 12
"""Domains of mailboxes whose mail servers are looked up."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came of it."""

    site: str
    contacts: tuple[Contact, ...]
    """By the order of the ladder; in each role the ones to write to first."""
    identities: tuple[Identity, ...]
    countries: tuple[Country, ...]
    network: str
    """Name of the network and its origin, for people; empty where neither is known."""
    proxy: str
    """The service that the site stands behind; empty for none that is known."""
    missing: tuple[Missing, ...]
    redacted: tuple[str, ...]
    """What the domain's registry keeps back."""
    found_at: datetime

    @property
    def country(self) -> str:
        """The one whose rules hold, in small letters: where it is hosted, else who holds it."""
        kinds = ("hosting", "registrant", "cctld")
        found = sorted(self.countries, key=lambda one: kinds.index(one.kind))
        return found[0].code.lower() if found else ""

    def data(self, person: Callable[[str], str], hashed: Callable[[str], str]) -> dict[str, Json]:
        """For a journal: people by their identifiers, identities by their hashes."""
        contacts: list[Json] = [
            {"person": person(one.mail), **contact_data(one)} for one in self.contacts
        ]
        shared: list[Json] = [
            {"kind": one.kind, "hash": hashed(one.text), "independent": one.independent}
            for one in self.identities
        ]
        return {
            "contacts": contacts,
            "places": {"country": self.country, **surroundings_data(self)},
            "identities": shared,
        }


def contact_data(one: Contact) -> dict[str, Json]:
    """A contact without its mailbox."""
    return {
        "role": one.role,
        "source": one.source,
        "confidence": one.confidence,
        "independent": one.independent,
        "language": one.language,
        "found_at": one.found_at.isoformat() if one.found_at else None,
        "why": list(one.why),
    }


def surroundings_data(found: Gathered) -> dict[str, Json]:
    """What was gathered besides contacts."""
    return {
        "countries": [
            {"kind": one.kind, "code": one.code, "source": one.source} for one in found.countries
        ],
        "network": found.network,
        "proxy": found.proxy,
        "missing": [{"source": one.source, "why": one.why} for one in found.missing],
        "redacted": list(found.redacted),
    }


async def gather(
    sources: Sources,
    probe: Probe,
    address: Address,
    budget: Budget,
    earlier: Callable[[Sequence[str]], Sequence[Earlier]] = lambda _: (),
    seconds: float = SECONDS,
) -> Gathered:
    """Ask every source who can mend the site at an address. Never raises for what one does.

    `earlier` tells what became of mails to the mailboxes that turned up.
    """
    asking = Asking(probe, sources, address, seconds)
    facts = await asking.all(budget)
    case = _Site(site_of(address.host), address.host, facts, _proxy(sources, facts))
    now = probe.clock.now()
    countries = tuple(_countries(case))
    said = list(_said(sources, case, countries, now))
    around = await _around(asking, case, [mail_domain(one.mail) for one in said])
    contacts = rank(said, around, earlier(list(dict.fromkeys(one.mail for one in said))))
    return Gathered(
        case.name,
        contacts,
        _identities(case, contacts, said),
        countries,
        _network_name(facts),
        case.proxy,
        tuple(dict.fromkeys(asking.missing)),
        facts.domain.redacted if facts.domain else (),
        now,
    )


@dataclass(frozen=True, slots=True)
class _Site:
    """The site that it is about, and what is known of it."""

    name: str
    host: str
    facts: Facts
    proxy: str

    @property
    def servers(self) -> list[str]:
        """Name servers of its zone."""
        return [one.rstrip(".").lower() for one in self.facts.zone.get("NS", ())]


def _proxy(sources: Sources, facts: Facts) -> str:
    network = facts.network.name if facts.network else ""
    number = facts.origin.as_number
    return next((one.name for one in sources.proxies if one.keeps(number, network)), "")


def _said(
    sources: Sources, case: _Site, countries: Sequence[Country], at: datetime
) -> Iterator[Mention]:
    """Everything that anybody says, source by source."""
    facts, proxy = case.facts, bool(case.proxy)
    yield from _of_directory(sources, case, at)
    if facts.domain:
        yield from say.of_domain(facts.domain, at)
    if facts.network:
        yield from say.of_network(facts.network, at, proxy=proxy)
    yield from say.of_zone(case.name, _zone_mails(facts.zone), case.servers, at, proxy=proxy)
    if facts.word.security_txt:
        yield from say.of_security_txt(facts.word.security_txt, facts.word.security_txt_url, at)
    for page in facts.word.pages:
        yield from say.of_imprint(page, case.name, at)
    for code in dict.fromkeys(one.code for one in countries):
        yield from sources.teams.get(code, ())
    if sources.guess and literal_ip(case.name) is None:
        yield from say.last_resort(case.name, _network_domains(case), at)


def _of_directory(sources: Sources, case: _Site, at: datetime) -> Iterator[Mention]:
    """What the operator wrote down of the site, and of the network that it lies in."""
    number = case.facts.origin.as_number
    for key in (case.name, f"AS{number}" if number else ""):
        of = "" if key == case.name else f", of {key}"
        for one in sources.directory.contacts(key) if key else ():
            note = f"in the operator's directory{of}"
            own = key == case.name and one.role == OWNER
            worth = one.confidence
            yield Mention(one.role, one.mail, DIRECTORY, worth, one.language, note, at, own)


def _countries(case: _Site) -> Iterator[Country]:
    """The three readings, each with who says so; hosting can have two."""
    facts = case.facts
    if facts.origin.country:
        yield Country("hosting", facts.origin.country, facts.origin_by)
    if facts.network and facts.network.country:
        yield Country("hosting", facts.network.country, RDAP_NETWORK)
    if facts.domain and facts.domain.holder and facts.domain.holder.country:
        yield Country("registrant", facts.domain.holder.country, RDAP_DOMAIN)
    if code := country_of_suffix(case.name):
        yield Country("cctld", code, "name")


async def _around(asking: Asking, case: _Site, domains: Sequence[str]) -> Surroundings:
    """Where the mail and the zone of the site end: on the hijacked machine, or elsewhere."""
    here = frozenset(case.facts.addresses)
    own = {domain for domain in domains if site_of(domain) == case.name}
    asked = [*sorted(own), *(one for one in dict.fromkeys(domains) if one not in own)]
    mail_here, no_mail = own - set(asked[:MOST_DOMAINS]), set()
    ends = await asyncio.gather(*map(asking.mail_of, asked[:MOST_DOMAINS]))
    for domain, end in zip(asked, ends, strict=False):
        if end is None:
            mail_here |= {domain} & own  # not known: then nobody may rely on it
        elif not end[0]:
            no_mail.add(domain)
        elif end[1] & here or (domain in own and not end[1]):
            mail_here.add(domain)
    keepers = await asking.addresses(case.servers)
    return Surroundings(
        case.host,
        case.name,
        here,
        frozenset(mail_here),
        frozenset(no_mail),
        zone_here=bool(keepers) and keepers <= here,
    )


def _identities(
    case: _Site, contacts: Sequence[Contact], said: Sequence[Mention]
) -> tuple[Identity, ...]:
    holder = case.facts.domain.holder if case.facts.domain else None
    handle = holder.handle if holder and not holder.veiled else ""
    accounts = [one for page in case.facts.word.pages for one in page.accounts]
    shown = None if case.proxy or not case.facts.certificate else case.facts.certificate[0]
    holders = {same_mailbox(one.mail) for one in said if one.holder}
    suffix = case.name.rpartition(".")[2]
    return identities(contacts, holders, (suffix, handle), list(dict.fromkeys(accounts)), shown)


def _zone_mails(zone: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    soa = [mail for record in zone.get("SOA", ()) if (mail := soa_mailbox(record))]
    return {
        SOA: soa,
        CAA: caa_mailboxes(zone.get("CAA", ())),
        DNS_SECURITY_TXT: txt_mailboxes(zone.get("TXT", ())),
    }


def _network_domains(case: _Site) -> list[str]:
    """Domains of the network's people, for the last resort; a proxy's desk is no hoster's."""
    network = case.facts.network
    if network is None or case.proxy:
        return []
    domains = [site_of(mail_domain(one.mail)) for one in network.mailboxes]
    return list(dict.fromkeys(domains))[:2]


def _network_name(facts: Facts) -> str:
    number = facts.origin.as_number
    parts = [
        facts.network.name if facts.network else "",
        f"AS{number}" if number else "",
        facts.origin.organisation,
    ]
    return " ".join(part for part in parts if part)
