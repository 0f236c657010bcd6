"""The ways out: which egress a visit goes by. To one site each is a consumable.

A hidden redirect often shows itself once to an address. So a visit takes an egress that no visit to
that site had; and since visits are laid side by side, those of one examination come from one country.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from unhijack.core.egress import Egress


@dataclass(slots=True)
class Pool:
    """The operator's egresses, and which site has seen which: remembered by this process."""

    ways: tuple[Egress, ...] = ()
    _used: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By site and egress name."""
    _dead: set[Egress] = field(default_factory=set)

    def take(
        self, site: str, country: str | None = None, keep: Egress | None = None
    ) -> tuple[Egress, bool] | None:
        """An egress, and whether the site had not seen it before; None where the settings name none.

        `country` is the one to stay in, once an examination has begun; `keep` the egress of a
        visitor who comes back. What has failed is taken last.
        """
        ways = [way for way in self.ways if country is None or way.country == country]
        if not ways:
            return None
        home = site.rpartition(".")[2]

        def by_merit(way: Egress) -> tuple[object, ...]:
            times = self._used[site, way.name]
            return way != keep, way in self._dead, times, way.country != _ISO.get(home, home)

        way = min(ways, key=by_merit)
        fresh = not self._used[site, way.name]
        self._used[site, way.name] += 1
        return way, fresh

    def unseen(self, site: str) -> Egress | None:
        """An egress that a site has not seen, of any country; None where it has seen all."""
        ways = (way for way in self.ways if way not in self._dead)
        return next((way for way in ways if not self._used[site, way.name]), None)

    def went(self, site: str, way: Egress) -> bool:
        """Somebody goes by an egress of their own choice; whether the site had not seen it."""
        self._used[site, way.name] += 1
        return self._used[site, way.name] == 1

    def remember(self, site: str, names: Iterable[str]) -> None:
        """What a journal tells of earlier visits to a site."""
        for name, times in Counter(names).items():
            self._used[site, name] = max(self._used[site, name], times)

    def tell(self, way: Egress, *, dead: bool) -> None:
        """Whether it carried anything: if not, the others come first until it does again."""
        (self._dead.add if dead else self._dead.discard)(way)


_ISO = {"uk": "gb"}
"""Suffixes that are no country's code."""
