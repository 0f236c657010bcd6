"""Own hosts and foreign ones, without the public suffix list."""

import pytest

from unhijack.parse.plain.hosts import host_of, is_foreign, site


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://A.Example/x", "a.example"),
        ("//a.example:8080/", "a.example"),
        ("http://user@a.example/", "a.example"),
        ("http:\\/\\/a.example\\/x", "a.example"),
        ("/path//a.example", ""),
        ("index.php", ""),
        ("%{HTTP_HOST}", ""),
        ("https://%{HTTP_HOST}/", ""),
    ],
)
def test_the_host_of_an_address(address: str, host: str):
    assert host_of(address) == host


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("www.parish.example", "parish.example"),
        ("a.b.parish.co.uk", "parish.co.uk"),
        ("192.0.2.7", "192.0.2.7"),
        ("co.uk", "co.uk"),
    ],
)
def test_the_site_of_a_host(host: str, name: str):
    assert site(host) == name


def test_subdomains_of_an_own_site_are_own():
    own = frozenset({"www.parish.example"})
    assert not is_foreign("cdn.parish.example", own)
    assert is_foreign("parish.test", own)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.1.2.3", "192.168.0.9", "backend"])
def test_the_own_network_is_nobody_else(host: str):
    assert not is_foreign(host, frozenset())
