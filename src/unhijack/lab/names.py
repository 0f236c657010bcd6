"""Names for a town: small businesses and parishes under ``.test``, distributors under ``.example``.

Both endings are reserved (RFC 2606, RFC 6761): nobody can own a name of the town.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from unhijack.lab.lots import shuffled


@dataclass(frozen=True, slots=True)
class Name:
    """What a site is called."""

    label: str
    """The label before ``.test``."""
    title: str
    """As its owner writes it."""
    language: str
    """``de`` or ``en``."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TRADES = {
    "en": _words(
        "bakery bicycles bookshop brewery carpentry ceramics cheesemaker choir clockmaker cobbler "
        "driving-school farm-shop florist framing garage garden-centre glazier greengrocer joinery "
        "locksmith nursery optician pharmacy photo-studio physio plumbing pottery primary-school "
        "riding-club roofing sailing-club saddlery shop stationery tailor tea-room toys upholstery "
        "vet-practice winery"
    ),
    "de": _words(
        "apotheke backstube blumen brauerei buchladen druckerei eisdiele fahrschule fahrrad "
        "feinkost fliesen fotostudio friseur gaertnerei gasthof geigenbau glaserei goldschmied "
        "hofladen holzbau imkerei kaeserei keramik konditorei malerbetrieb metzgerei musikschule "
        "optik polsterei reitverein sattlerei schlosserei schreinerei spielwaren steinmetz "
        "tierarzt toepferei uhrmacher weingut zimmerei"
    ),
}
_FAMILIES = _words(
    "adler ahrens albrecht arnold barnard bellamy berger bischof brandt calder carver castle "
    "danner dorn eckert ehlers falk fielding finch fuchs gerber grant hale hartwig heller hofer "
    "holt irving jansen keller kern kirsch lambert lange lindner lorenz marlow mertens nolan "
    "ostler pelzer quandt rademacher reiter sander seidel thorne tiller ulmer vogel weller winkler "
    "yardley zeller"
)
_SAINTS = _words(
    "st-anna st-martin st-clare st-george st-bridget st-columba st-nicholas st-lucia st-florian "
    "st-helen st-oswald st-hedwig"
)
_HOUSES = {"en": ("parish", "school", "hall", "choir"), "de": ("pfarrei", "schule", "kita", "chor")}
_PLACES = _words(
    "ashford birkdale brook clearwater coldwell dunmere eastfield elmstead fernhill greenlow "
    "harrowby heath highcross kingsley lakeside langford marsh millbrook moor northgate oakley "
    "orchard pinewood ravenhill riverside rowan seaton southbank stonebridge thornton upton "
    "valley westbury whitcombe wold altstadt am-markt an-der-au bergdorf heide"
)

_FIRST = _words(
    "amber ashen brisk cobalt copper crimson dusky ember fallow frosty hazel hollow ivory kestrel "
    "linen lunar maple misty mossy nimble ochre pale quiet russet sable silent silver slate "
    "sparrow tawny umber velvet willow"
)
_SECOND = _words(
    "anchor arch basin beacon bridge brook canyon cove crossing delta drift fjord ford gate grove "
    "harbor hollow hop inlet jetty lagoon landing ledge meadow pass pier quay reef ridge shoal "
    "sluice spring tarn weir"
)


def business_names(seed: int, count: int) -> list[Name]:
    """`count` different names. Raises ValueError for more than the words give (over 100,000)."""
    names = list(_plain_names())
    if count > len(names):
        names += _placed_names(names)
    if count > len(names):
        raise ValueError(f"a town has at most {len(names)} names, not {count}")
    return shuffled(names, seed, "business")[:count]


def distributor_hosts(seed: int, count: int) -> list[str]:
    """`count` different hosts under ``.example``. Raises ValueError for more than 1,000."""
    hosts = [f"{a}-{b}.example" for a in _FIRST for b in _SECOND if a != b]
    if count > len(hosts):
        raise ValueError(f"there are at most {len(hosts)} distributors, not {count}")
    return shuffled(hosts, seed, "distributor")[:count]


def _plain_names() -> Iterator[Name]:
    for language, trades in _TRADES.items():
        for trade in trades:
            for family in _FAMILIES:
                yield Name(f"{trade}-{family}", f"{_titled(trade)} {_titled(family)}", language)
        for saint in _SAINTS:
            for house in _HOUSES[language]:
                yield Name(f"{saint}-{house}", f"{_titled(saint)} {_titled(house)}", language)


def _placed_names(names: list[Name]) -> list[Name]:
    return [
        Name(f"{name.label}-{place}", f"{name.title}, {_titled(place)}", name.language)
        for name in names
        for place in _PLACES
    ]


def _titled(label: str) -> str:
    return label.replace("-", " ").title().replace("St ", "St. ")
