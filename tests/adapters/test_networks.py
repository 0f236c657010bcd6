"""Databases of addresses, in real MMDB files that the test writes."""

import os
from ipaddress import ip_address
from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from unhijack.adapters.networks import MmdbNetworks
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure
from unhijack.core.sources import Origin


def write(path: Path, records: dict[str, dict[str, object]], version: int = 4) -> Path:
    writer = MMDBWriter(ip_version=version, ipv4_compatible=version == 6)
    for net, record in records.items():
        writer.insert_network(IPSet([net]), record)
    writer.to_db_file(str(path))
    return path


@pytest.fixture
def countries(tmp_path: Path) -> Path:
    return write(tmp_path / "countries.mmdb", {"192.0.2.0/24": {"country": {"iso_code": "DE"}}})


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    record: dict[str, object] = {"asn": "AS64500", "as_name": "Host AG", "country": "FR"}
    return write(tmp_path / "numbers.mmdb", {"192.0.2.0/25": record}, 6)


def test_files_complete_each_other(countries: Path, numbers: Path):
    found = MmdbNetworks([countries, numbers]).origin(ip_address("192.0.2.7"))

    assert found == (Origin("DE", 64500, "Host AG"), "countries.mmdb, numbers.mmdb")


def test_an_address_that_none_knows_is_a_failure(countries: Path, numbers: Path):
    networks = MmdbNetworks([countries, numbers])

    assert isinstance(networks.origin(ip_address("198.51.100.1")), Failure)
    assert isinstance(networks.origin(ip_address("2001:db8::1")), Failure)


def test_a_file_that_is_none_is_refused(tmp_path: Path):
    for content in (b"", b"not a database", os.urandom(5000)):
        path = tmp_path / "wrong.mmdb"
        path.write_bytes(content)
        with pytest.raises(WrongUse, match="is it an MMDB file"):
            MmdbNetworks([path])
    with pytest.raises(WrongUse, match="cannot be read"):
        MmdbNetworks([tmp_path / "nowhere.mmdb"])


def test_a_file_that_is_damaged_says_nothing_or_so(countries: Path, tmp_path: Path):
    whole = countries.read_bytes()
    for place in range(0, len(whole), 7):
        path = tmp_path / "damaged.mmdb"
        path.write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
        try:
            networks = MmdbNetworks([path])
        except WrongUse:
            continue
        networks.origin(ip_address("192.0.2.7"))
        networks.close()


def test_a_file_that_is_cut_while_it_is_open_ends_nothing(countries: Path):
    networks = MmdbNetworks([countries])
    countries.write_bytes(b"")

    assert isinstance(networks.origin(ip_address("192.0.2.7")), Failure)
