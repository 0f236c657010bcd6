"""Whom to tell, the best first: mentions of many sources, weighed against what an attacker can do.

Whoever has the site writes its pages and may read mail that ends on its machine. So what the site
alone says ranks behind what others say, is believed less the more of it there is, and gets no link.
"""

from collections.abc import Container, Iterable, Sequence
from itertools import groupby
from math import prod

from unhijack.core.contact import (
    CAA,
    DNS_SECURITY_TXT,
    ON_THE_SITE,
    OWNER,
    RFC2142,
    ROLES,
    SOA,
    VOUCHED,
    Contact,
    Earlier,
    Identity,
    Mention,
    Reached,
    Surroundings,
    mail_domain,
    same_mailbox,
)
from unhijack.core.site import site_of
from unhijack.core.sources import Certificate

MOST_PER_ROLE = 5
MOST_BY_THE_SITE = 2
"""Contacts of one role that the site alone names: nobody has us mail many strangers."""
MOST_SHARED = 25
"""Sites that share a certificate, beyond which it is a hoster's and says nothing of an owner."""

_SUREST = 0.99
_BOUNCED, _FULL, _SILENT, _ANSWERED = 0.05, 0.5, 0.8, 0.95
_IN_THE_ZONE = frozenset({SOA, CAA, DNS_SECURITY_TXT})


def rank(
    mentions: Iterable[Mention], around: Surroundings, earlier: Sequence[Earlier] = ()
) -> tuple[Contact, ...]:
    """Contacts by role, in each the ones to write to first."""
    groups: dict[tuple[str, str], list[Mention]] = {}
    for one in mentions:
        if one.role in ROLES and mail_domain(one.mail) not in around.no_mail:
            groups.setdefault((one.role, same_mailbox(one.mail)), []).append(one)
    history: dict[str, list[Earlier]] = {}
    for mail in sorted(earlier, key=lambda one: one.at):
        history.setdefault(same_mailbox(mail.mail), []).append(mail)
    weighed = [_weigh(group, around, history.get(mail, ())) for (_, mail), group in groups.items()]
    weighed.sort(key=_by_merit)
    return tuple(
        contact
        for _, of_role in groupby(weighed, key=lambda pair: pair[0].role)
        for contact in _chosen(list(of_role))
    )


Weighed = tuple[Contact, bool]
"""A contact, and whether mail to it came back."""


def _by_merit(pair: Weighed) -> tuple[object, ...]:
    contact, dead = pair
    order = ROLES.index(contact.role)
    return order, dead, not contact.independent, -contact.confidence, contact.mail


def _chosen(of_role: list[Weighed]) -> list[Contact]:
    """Of one role: names that nobody named only where no other leads anywhere."""
    sure = any(one.independent and not dead for one, dead in of_role)
    kept, by_the_site = [], 0
    for contact, _ in of_role:
        if contact.source == RFC2142 and sure:
            continue
        by_the_site += contact.source in ON_THE_SITE and not contact.independent
        if contact.source in ON_THE_SITE and by_the_site > MOST_BY_THE_SITE:
            continue
        kept.append(contact)
    return kept[:MOST_PER_ROLE]


def _weigh(group: list[Mention], around: Surroundings, history: Sequence[Earlier]) -> Weighed:
    """One mailbox in one role, by everybody who names it."""
    best: dict[str, Mention] = {}
    for one in group:
        if one.source not in best or one.confidence > best[one.source].confidence:
            best[one.source] = one
    named = sorted(
        best.values(), key=lambda one: (not _elsewhere(one, around), -one.confidence, one.source)
    )
    first = named[0]
    read_here = _read_here(first.mail, around)
    vouched = any(one.source in VOUCHED for one in named)
    independent = vouched or (_elsewhere(first, around) and not read_here)
    confidence = min(_SUREST, 1 - prod(1 - one.confidence for one in named))
    if vouched:
        confidence = max(one.confidence for one in named if one.source in VOUCHED)
    confidence, dead, fate = _after(confidence, history)
    why = [f"{one.note or 'named'} ({one.source})" for one in named]
    why += ["nobody but the site says so"] if all(o.source in ON_THE_SITE for o in named) else []
    why += ["its mail ends on the hijacked machine"] if read_here else []
    why += ["the site's zone lies on the hijacked machine"] if _zone_only(named, around) else []
    contact = Contact(
        first.role,
        first.mail,
        first.source,
        round(confidence, 3),
        independent,
        next((one.language for one in named if one.language), ""),
        max((one.found_at for one in named if one.found_at), default=None),
        (*why, *fate),
    )
    return contact, dead


def _elsewhere(mention: Mention, around: Surroundings) -> bool:
    """Whether somebody other than the site says so."""
    if mention.source in ON_THE_SITE or mention.source == RFC2142:
        return False
    return not (mention.source in _IN_THE_ZONE and around.zone_here)


def _zone_only(named: list[Mention], around: Surroundings) -> bool:
    return around.zone_here and all(one.source in _IN_THE_ZONE for one in named)


def _read_here(mail: str, around: Surroundings) -> bool:
    """Whether whoever has the machine may read the mail."""
    return mail_domain(mail) in around.mail_here


def _after(confidence: float, history: Sequence[Earlier]) -> tuple[float, bool, list[str]]:
    """What earlier mails, the oldest first, leave of it; whether the last came back; in words."""
    said: list[str] = []
    dead = False
    for mail in history:
        day = mail.at.date().isoformat()
        dead = mail.reached is Reached.BOUNCED
        match mail.reached:
            case Reached.BOUNCED:
                said = [f"a mail came back on {day}"]
            case Reached.FULL:
                confidence *= _FULL
                said = [f"could not take a mail on {day}"]
            case Reached.SILENT:
                confidence *= _SILENT
                said = [f"did not answer the mail of {day}"]
            case Reached.ANSWERED:
                confidence = max(confidence, _ANSWERED)
                said = [f"answered on {day}"]
    return confidence * (_BOUNCED if dead else 1), dead, said


def identities(
    contacts: Sequence[Contact],
    holders: Container[str],
    registrant: tuple[str, str] | None,
    accounts: Sequence[str],
    certificate: Certificate | None,
) -> tuple[Identity, ...]:
    """What this site shares with others of its owner, for clustering.

    `holders` are the mailboxes of whoever holds the site, as `same_mailbox` has them; `registrant`
    is the suffix whose registry it is, and the handle. A certificate never suffices, vouched for or
    not: hosters put sites of many customers on one.
    """
    found = [
        Identity("contact", f"contact {mail}", one.independent and mail in holders)
        for one in contacts
        if one.role == OWNER and one.source != RFC2142
        for mail in (same_mailbox(one.mail),)
    ]
    if registrant is not None and registrant[1]:
        suffix, handle = registrant
        found.append(Identity("registrant", f"registrant {suffix} {handle.casefold()}", True))  # noqa: FBT003 - a field of Identity
    found += [Identity("account", f"account {one}", False) for one in accounts]  # noqa: FBT003 - as above
    if certificate is not None:
        sites = sorted({site_of(name) for name in certificate.names})
        texts = [("certificate", certificate.sha256)] if len(sites) <= MOST_SHARED else []
        if 1 < len(sites) <= MOST_SHARED:
            texts.append(("certificate-names", " ".join(sites)))
        found += [Identity(kind, f"{kind} {text}", False) for kind, text in texts]  # noqa: FBT003 - as above
    return tuple(dict.fromkeys(found))
