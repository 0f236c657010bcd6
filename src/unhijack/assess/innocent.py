"""Innocent reasons for sending visitors to another site, one a function.

Each says what speaks for it. Where that could be copied by whoever planted a redirect, or only a
list of ours would tell, the ruling is `suspicious`, with a confidence that says how little.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import unquote

from unhijack.assess.conditions import is_linked
from unhijack.assess.names import SHORTEST, same_name
from unhijack.assess.signals import (
    Look,
    Outcome,
    alike,
    never,
    outcome,
    sites_left_for,
    subject_of,
    unsteady,
)
from unhijack.core.evidence import PHONES, Device, Jar, Origin, Via, is_offsite
from unhijack.core.known import is_among
from unhijack.core.site import brand_of, parse_address, site_of
from unhijack.core.text import defang
from unhijack.core.verdict import Reason, Ruling, Verdict

_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{12,2048}={0,2}")
_MOST_TOKENS = 50
_ACTS = frozenset({"click", "back"})
_STORE = re.compile(r"/store/apps/details\b|/app/(?:[^/]+/)?id\d|^/(?:apps?|store)/")


def only_the_address_says_so(look: Look) -> Verdict | None:
    """The reported query itself carries every target: an open redirect is no hijacked site."""
    if not look.left:
        return None
    carried = _carried(look.url)
    hosts = {visit.left_for.host for visit in look.left if visit.left_for}
    if not all(host in carried or f"//{site_of(host)}" in carried for host in hosts):
        return None
    text = (
        f"the address itself names {list_hosts(sorted(hosts))}: whoever made the link chose the "
        "target (an open redirect; the site is not shown to be hijacked)"
    )
    return _verdict(look, Ruling.CLEAN, 0.7, "open-redirect", text)


def everybody_is_sent_there(look: Look) -> Verdict | None:
    """What every visitor sees alike is the owner's own doing."""
    if look.stayed or not look.left:
        return None
    sites = sites_left_for(look.left)
    people = [v for v in look.visits if v.persona.device is not Device.BOT]
    unequal = [v for v in people if outcome(v) is not Outcome.LEFT]
    enough = any(v.persona.origin is Origin.DIRECT for v in look.left) and len(look.left) > 1
    if unequal or not enough or after_an_act(look):
        return None
    if len(sites) == 1:
        text = f"every visitor is sent to {defang(sites[0])} alike"
        if _a_script_looks_first(look):
            text += ", by a script that looks at who the visitor is first: others may be spared"
            return _verdict(look, Ruling.SUSPICIOUS, 0.5, "script-decides", text)
        if _is_anothers_script(look):
            text += ", and not by the site itself"
            return _verdict(look, Ruling.SUSPICIOUS, 0.4, "sent-by-third-party", text)
        return _verdict(look, Ruling.CLEAN, 0.8, "same-for-everyone", text)
    if any(len(sites_left_for(look.of(v.persona))) > 1 for v in people):
        text = f"every visitor is sent away, each time elsewhere: {list_hosts(sites)}"
        return _verdict(look, Ruling.CLEAN, 0.6, "by-lot-for-everyone", text)
    return None


def its_own_other_name(look: Look) -> Verdict | None:
    """The target bears the site's own name: under another suffix, for phones, with umlauts."""
    sites = sites_left_for(look.left)
    if not sites or len(brand_of(look.host)) < SHORTEST:
        return None
    if not all(same_name(look.host, site) for site in sites):
        return None
    text = f"some visitors are sent to {list_hosts(sites)}, which bears the same name"
    if _only_from_elsewhere(look):
        text += "; but only those who come from another site, as owners do not"
        return _verdict(look, Ruling.SUSPICIOUS, 0.5, "same-name-for-some", text)
    return _verdict(look, Ruling.CLEAN, 0.7, "same-name", text)


def phones_are_sent_to_the_app(look: Look) -> Verdict | None:
    """An app store, and phones are sent there wherever they come from."""
    if not look.left or not _from_anywhere(look):
        return None
    if any(visit.persona.device not in PHONES for visit in look.left):
        return None
    hops = [visit.left_for for visit in look.left if visit.left_for]
    where = list_hosts(sites_left_for(look.left))
    if all(is_among(hop.host, look.known.stores) for hop in hops):
        text = f"phones are sent to an app store, {where}, wherever they come from"
        return _verdict(look, Ruling.CLEAN, 0.7, "app-store", text)
    if all(_STORE.search(parse_address(hop.url).target) for hop in hops):
        text = f"phones are sent to what looks like an app store, {where}: it is not a known one"
        return _verdict(look, Ruling.SUSPICIOUS, 0.4, "app-store-unknown", text)
    return None


def a_cache_has_a_copy(look: Look) -> Verdict | None:
    """A search engine's cache: its name spells the site's (AMP)."""
    hops = [visit.left_for for visit in look.left if visit.left_for]
    copy = look.host.replace("-", "--").replace(".", "-")
    if not hops or any(not hop.host.startswith(f"{copy}.") for hop in hops):
        return None
    where = list_hosts(sites_left_for(look.left))
    if all(is_among(hop.host, look.known.caches) for hop in hops):
        text = f"some visitors are sent to a copy of the page in a search engine's cache, {where}"
        return _verdict(look, Ruling.CLEAN, 0.7, "cache", text)
    text = f"some visitors are sent to what looks like a cache, {where}: it is not a known one"
    return _verdict(look, Ruling.SUSPICIOUS, 0.4, "cache-unknown", text)


def everybody_is_handed_over(look: Look) -> Verdict | None:
    """Consent, signing in, paying: all people are handed over, and are to come back."""
    sites = sites_left_for(look.left)
    if len(sites) != 1 or not alike(look):
        return None
    where = defang(sites[0])
    if all(not visit.furthest.offsite for visit in look.left):
        text = f"everybody is sent to {where}, which sends them back at once"
        return _verdict(look, Ruling.CLEAN, 0.7, "comes-back", text)
    if all(v.left_for and is_among(v.left_for.host, look.known.services) for v in look.left):
        text = f"everybody is sent to {where}, a known service for consent, signing in or paying"
        return _verdict(look, Ruling.CLEAN, 0.7, "known-service", text)
    if not all(v.left_for and _carries_home(v.left_for.url, look) for v in look.left):
        return None
    text = f"everybody is handed over to {where}, with an address to return to"
    if any(v.persona.device is Device.BOT for v in look.stayed):
        text += "; but a search engine's crawler is not, and the service is not a known one"
        return _verdict(look, Ruling.SUSPICIOUS, 0.4, "hand-over", text)
    return _verdict(look, Ruling.CLEAN, 0.6, "hand-over", text)


def who_returns_is_handed_over(look: Look) -> Verdict | None:
    """Signing in again: who was here before is handed over, with an address to return to.

    However they come; but a redirect could be made to look so.
    """
    sites = sites_left_for(look.left)
    people = [v for v in look.visits if v.persona.device is not Device.BOT]
    back = [v for v in people if v.persona.jar is Jar.RETURNING]
    first = [v for v in people if v.persona.jar is Jar.FRESH]
    directly = any(v.persona.origin is Origin.DIRECT for v in back)
    if len(sites) != 1 or not directly or any(outcome(v) is not Outcome.LEFT for v in back):
        return None
    if any(outcome(v) is not Outcome.STAYED for v in first):
        return None
    if not all(v.left_for and _carries_home(v.left_for.url, look) for v in look.left):
        return None
    text = (
        f"everybody who was there before is handed over to {defang(sites[0])}, with an address to "
        "return to, as for signing in; the service is not a known one"
    )
    return _verdict(look, Ruling.SUSPICIOUS, 0.4, "hand-over", text)


def the_language_decides(look: Look) -> Verdict | None:
    """Everybody with one language is sent away, nobody with another: a twin for each language."""
    others = [v for v in look.visits if v.persona.language] if look.left else []
    if not others:
        return None
    default = [
        v for v in look.visits if not v.persona.language and v.persona.device is not Device.BOT
    ]
    away = [v for v in default if outcome(v) is Outcome.LEFT]
    sites = sites_left_for(away)
    if len(sites) != 1 or not alike(look) or len(away) < len(default):
        return None
    if any(sites_left_for([v]) == sites or outcome(v) is Outcome.FAILED for v in others):
        return None
    where = defang(sites[0])
    text = f"everybody whose browser is in English is sent to {where}, nobody in another language"
    if is_linked(look):
        text += "; the page links to it openly"
        return _verdict(look, Ruling.CLEAN, 0.7, "language", text)
    return _verdict(look, Ruling.SUSPICIOUS, 0.5, "language", text)


def the_page_links_there(look: Look) -> Verdict | None:
    """The page that others see links to where these are sent, however they come: no secret."""
    if not look.left or not look.stayed or not _from_anywhere(look):
        return None
    if not is_linked(look):
        return None
    where = list_hosts(sites_left_for(look.left))
    text = f"some visitors are sent to {where}, to which the page that others see links openly"
    return _verdict(look, Ruling.CLEAN, 0.6, "linked", text)


def after_an_act(look: Look) -> bool:
    """Whether everybody saw a page of the site, and was sent away once they touched or left it.

    Who moved house, or parked a name, sends visitors on at once.
    """
    hops = [visit.left_for for visit in look.left if visit.left_for]
    acts = [hop.cause is not None and hop.cause.when in _ACTS for hop in hops]
    return bool(acts) and all(
        act or hop.via is Via.WORKER for act, hop in zip(acts, hops, strict=True)
    )


def list_hosts(names: Iterable[str]) -> str:
    """The first three, defanged."""
    every = list(names)
    shown = ", ".join(defang(name) for name in every[:3])
    return shown + (f" and {len(every) - 3} more" if len(every) > 3 else "")


def _verdict(look: Look, ruling: Ruling, confidence: float, code: str, text: str) -> Verdict:
    return Verdict(ruling, confidence, (Reason(code, text, look.left[0].number),))


def _from_anywhere(look: Look) -> bool:
    """Whether those who are sent away are so without a referrer, too; crawlers have none anyway."""
    subject = subject_of(look)
    if subject.device is Device.BOT:
        return False
    if unsteady(look):
        return any(
            v.persona.origin is Origin.DIRECT and v.persona.device is not Device.BOT
            for v in look.left
        )
    own = look.of(replace(subject, origin=Origin.DIRECT))
    return bool(own) and all(outcome(visit) is Outcome.LEFT for visit in own)


def _a_script_looks_first(look: Look) -> bool:
    """Whether a script sends them, in a page with one that reads who they are before it would."""
    return any(
        visit.left_for and visit.left_for.cause and any(s.would_decide for s in visit.page.scripts)
        for visit in look.left
        if visit.page
    )


def _is_anothers_script(look: Look) -> bool:
    """Whether it is never the site's own script that sends them."""
    causes = [visit.left_for.cause if visit.left_for else None for visit in look.left]
    hosts = [cause.host if cause else None for cause in causes]
    return all(host is not None and is_offsite(host, site_of(look.host)) for host in hosts)


def _only_from_elsewhere(look: Look) -> bool:
    """Whether the same visitor without a referrer was seen to stay."""
    subject = subject_of(look)
    if subject.origin is Origin.DIRECT or unsteady(look):
        return False
    return never(look, replace(subject, origin=Origin.DIRECT))


def _carries_home(url: str, look: Look) -> bool:
    """Whether an address names one on the site, to come back to."""
    said = unquote(unquote(parse_address(url).target)).lower()
    return f"//{look.host}" in said


def _carried(url: str) -> str:
    """Everything that the path and query of an address say, decoded in the usual ways."""
    _, _, rest = url.partition("://")
    said = rest.partition("/")[2]
    once = unquote(said)
    layers = [said, once, unquote(once)]
    layers += map(_from_base64, _TOKEN.findall(once)[:_MOST_TOKENS])
    return "\n".join(layers).lower()


def _from_base64(token: str) -> str:
    text = token.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
