"""A bakery's site with everybody who could mend it: web, registry and zone on loopback, for real."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

from tests.support.names import NameServer, Zone, name_server
from tests.support.street_of_sites import Said, Street, bootstrap, entity, said_json, street

SITE = "www.bakery.test"
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
"""The hijacked machine, and another."""

PAGES = {
    f"{SITE}/": Said(
        b"<html lang=de><a href='/impressum'>Impressum</a><script>ga('UA-1234567-1')</script>"
    ),
    f"{SITE}/impressum": Said(
        b"<html lang=de><p>Mail: owner@lindner.test, planted (at) evil (dot) test</p>"
    ),
    f"{SITE}/.well-known/security.txt": Said(
        b"Contact: mailto:security@bakery.test\nExpires: 2027-01-01T00:00:00Z\n"
        b"Preferred-Languages: de\n",
        "text/plain",
    ),
}
REGISTRY = {
    "rdap.test/domain/bakery.test": said_json(
        {
            "objectClassName": "domain",
            "entities": [
                entity(["registrant"], "owner@lindner.test", handle="C-7", country="AT"),
                entity(["registrar"], "", entity(["abuse"], "abuse@registrar.test")),
            ],
        }
    ),
    "rdap.test/ip/127.0.0.1": said_json(
        {
            "objectClassName": "ip network",
            "name": "HOST-NET",
            "country": "NL",
            "entities": [entity(["abuse"], "abuse@host.test", language="nl")],
        }
    ),
}
ZONE: Zone = {
    ("bakery.test", "SOA"): ["ns1.dns.test. hostmaster.bakery.test. 1 2 3 4 5"],
    ("bakery.test", "NS"): ["ns1.dns.test."],
    ("bakery.test", "MX"): [f"10 {SITE}."],
    ("bakery.test", "CAA"): ['0 iodef "mailto:certs@lindner.test"'],
    ("lindner.test", "MX"): ["10 mail.lindner.test."],
    ("evil.test", "MX"): ["10 mail.lindner.test."],
    ("host.test", "MX"): ["10 mail.lindner.test."],
    ("registrar.test", "MX"): ["10 mail.lindner.test."],
    ("team.test", "MX"): ["10 mail.lindner.test."],
}
HOSTS = {
    SITE: HERE,
    "bakery.test": HERE,
    "rdap.test": HERE,
    "ns1.dns.test": ELSEWHERE,
    "mail.lindner.test": ELSEWHERE,
}


@dataclass(frozen=True, slots=True)
class People:
    """What runs, and the settings that lead there and nowhere else."""

    street: Street
    names: NameServer
    folder: Path

    @property
    def url(self) -> str:
        return self.street.url(SITE)

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "UNHIJACK_STATE": str(self.folder / "state"),
            "UNHIJACK_HOSTS": str(self.folder / "hosts"),
            "UNHIJACK_ALLOW_NET": "127.0.0.0/8",
            "UNHIJACK_RDAP_BOOTSTRAP": str(self.folder / "bootstrap.json"),
            "UNHIJACK_RDAP_INTERVAL": "0",
            "UNHIJACK_DNS_SERVERS": f"127.0.0.1:{self.names.port}",
            **more,
        }


@contextmanager
def people(
    folder: Path,
    *,
    pages: Mapping[str, Said] = PAGES,
    registry: Mapping[str, Said] = REGISTRY,
    zone: Zone = ZONE,
    hosts: Mapping[str, str] = HOSTS,
) -> Iterator[People]:
    with ExitStack() as stack:
        here = stack.enter_context(street({**pages, **registry}))
        names = stack.enter_context(name_server(zone))
        lines = [f"{address} {name}" for name, address in hosts.items()]
        (folder / "hosts").write_text("\n".join(lines))
        url = here.url("rdap.test")
        (folder / "bootstrap.json").write_text(bootstrap(domains=url, addresses=url))
        yield People(here, names, folder)


def origins(path: Path, number: int, country: str) -> Path:
    """A database that knows loopback as a network of this number."""
    writer = MMDBWriter(ip_version=4)
    record = {"asn": f"AS{number}", "as_name": "Host AG", "country_code": country}
    writer.insert_network(IPSet([str(ip_network("127.0.0.0/8"))]), record)
    writer.to_db_file(str(path))
    return path
