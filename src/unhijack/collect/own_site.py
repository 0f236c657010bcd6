"""What a site says of whom to ask: its security.txt, its page, and its imprint. One GET each.

Asked as an ordinary visitor at a desk would, who came directly: that one is rarely sent away.
Nothing off the site is contacted.
"""

from dataclasses import dataclass

from unhijack.collect.personas import FAMILIES, headers_for
from unhijack.collect.probe import Budget, Probe
from unhijack.collect.reach import Errand, Reach
from unhijack.core.contact import IMPRINT, SECURITY_TXT, Missing
from unhijack.core.egress import Egress
from unhijack.core.evidence import Device, Failure, FailureKind, Via, is_offsite
from unhijack.core.site import Address, NotAnAddress, parse_address, site_of
from unhijack.core.sources import Imprint, SecurityTxt
from unhijack.parse.imprint import read_imprint
from unhijack.parse.redirects import from_headers
from unhijack.parse.security_txt import parse_security_txt
from unhijack.ports import Response, first_header

MOST_HOPS = 3
MOST_LINKS = 1
"""Imprint or contact pages that are looked at."""
WHERE = "/.well-known/security.txt"


@dataclass(frozen=True, slots=True)
class OwnWord:
    """What the site says, and what it did not."""

    security_txt: SecurityTxt | None = None
    security_txt_url: str = ""
    pages: tuple[Imprint, ...] = ()
    missing: tuple[Missing, ...] = ()


async def own_word(probe: Probe, address: Address, budget: Budget) -> OwnWord:
    """Ask a site. Never raises for anything that it does."""
    if not budget.visit(site_of(address.host)):
        return OwnWord(missing=(Missing(IMPRINT, "no visits to the site are left in this run"),))
    taken = probe.pool.take(site_of(address.host))
    visitor = _Visitor(probe, address, budget, taken[0] if taken else None)
    missing: list[Missing] = []
    file, url = await visitor.security_txt(missing)
    pages = await visitor.pages(missing)
    return OwnWord(file, url, tuple(pages), tuple(missing))


class _Visitor:
    """One visitor, who opens a few pages of one site."""

    def __init__(
        self, probe: Probe, address: Address, budget: Budget, egress: Egress | None
    ) -> None:
        self._reach = Reach(probe.transport, probe.resolver, probe.guard, probe.limits)
        self._address = address
        self._home = site_of(address.host)
        self._budget = budget
        self._egress = egress

    async def security_txt(self, missing: list[Missing]) -> tuple[SecurityTxt | None, str]:
        where = parse_address(WHERE, self._address.href)
        answer = await self._open(where, page=False)
        if isinstance(answer, Failure):
            missing.append(Missing(SECURITY_TXT, answer.text))
            return None, ""
        last, response = answer
        if response.status != 200 or response.body is None:
            missing.append(Missing(SECURITY_TXT, f"there is none (status {response.status})"))
            return None, ""
        found = parse_security_txt(response.body)
        if found is None:
            missing.append(Missing(SECURITY_TXT, "what is there is no security.txt"))
        return found, last.href

    async def pages(self, missing: list[Missing]) -> list[Imprint]:
        """The page itself, then the imprint that it links to."""
        found: list[Imprint] = []
        waiting = [self._address]
        for number in range(1 + MOST_LINKS):
            if number >= len(waiting):
                break
            answer = await self._open(waiting[number], page=True)
            if isinstance(answer, Failure):
                missing.append(Missing(IMPRINT, answer.text))
                continue
            last, response = answer
            if response.body is None:
                missing.append(Missing(IMPRINT, f"no page was shown (status {response.status})"))
                continue
            kind = first_header(response.headers, "content-type")
            read = read_imprint(response.body, kind, last.href)
            found.append(read)
            if number == 0:
                waiting += [parse_address(link) for link in read.links]
        return found

    async def _open(self, address: Address, *, page: bool) -> tuple[Address, Response] | Failure:
        """Follow it within the site; the last answer there."""
        for _ in range(MOST_HOPS + 1):
            answer = await self._reach.get(
                address, self._errand(address, page=page), self._budget.request
            )
            if isinstance(answer, Failure):
                return answer
            further = self._further(address, answer)
            if further is None:
                return address, answer
            address = further
        return Failure(FailureKind.HOPS, "it redirects too often")

    def _further(self, address: Address, answer: Response) -> Address | None:
        """Where the answer leads within the site."""
        onward = from_headers(address.href, answer.status, answer.headers)
        if onward is None or onward.via is not Via.LOCATION or onward.wrong:
            return None
        try:
            further = parse_address(onward.target)
        except NotAnAddress:
            return None
        return None if is_offsite(further.host, self._home) else further

    def _errand(self, address: Address, *, page: bool) -> Errand:
        secure = address.scheme == "https"
        headers = headers_for(Device.DESKTOP, None, secure=secure, cross_site=False)
        return Errand(headers, FAMILIES[Device.DESKTOP], page, egress=self._egress)
