"""Out by a proxy: it is told the address that was judged, never a name, and the site is reached."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.support.looking import NAME, Looker, looker
from tests.support.proxies import proxy
from tests.support.wire import run
from unhijack.adapters.transport.wreq import WreqTransport
from unhijack.core.egress import Egress
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.site import parse_address
from unhijack.ports import Limits, Request, Response

HERE = ip_address("127.0.0.1")
SECRET = "s3cret-pass"
LIMITS = Limits(request_seconds=5)


def asks(site: Looker, way: Egress, *, secure: bool) -> Request:
    scheme, port = ("https", site.tls_port) if secure else ("http", site.port)
    address = parse_address(f"{scheme}://{NAME}:{port}/bread")
    headers = (("User-Agent", "test"),)
    return Request(address, HERE, headers, "chrome-windows", read_page=True, egress=way)


@pytest.mark.parametrize("user", ["", "us"], ids=["open", "with a password"])
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("kind", ["socks5", "http"])
def test_the_proxy_is_told_the_judged_address_and_the_site_its_own_name(
    tmp_path: Path, *, kind: str, secure: bool, user: str
):
    async def story() -> None:
        async with looker(tmp_path) as site, proxy(kind, user, SECRET) as between:
            way = Egress(kind, "127.0.0.1", between.port, "de", user, SECRET if user else "")
            transport = WreqTransport(site.ca_pem)
            answer = await transport.fetch(asks(site, way, secure=secure), LIMITS)
            await transport.close()

            assert isinstance(answer, Response)
            assert answer.status == 200
            port = site.tls_port if secure else site.port
            assert between.asked == [("127.0.0.1", port)]
            assert site.heads[0][0] == "GET /bread HTTP/1.1"
            hosts = [value for name, value in site.last if name.lower() == "host"]
            assert hosts == [f"{NAME}:{port}"]
            assert not any("proxy" in name.lower() for name, _ in site.last)

    run(story())


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("kind", ["socks5", "http"])
def test_a_proxy_that_refuses_says_nothing_of_the_site_and_its_password_stays_here(
    tmp_path: Path, *, kind: str, secure: bool
):
    async def story() -> None:
        async with looker(tmp_path) as site, proxy(kind, "us", "another") as between:
            way = Egress(kind, "127.0.0.1", between.port, "de", "us", SECRET)
            transport = WreqTransport(site.ca_pem)
            answer = await transport.fetch(asks(site, way, secure=secure), LIMITS)
            await transport.close()

            assert answer == Failure(FailureKind.EGRESS, f"egress {way.name} did not lead to it")
            assert SECRET not in f"{answer!r} {way!r} {way.name}"
            assert site.heads == []

    run(story())


def test_a_dead_proxy_is_never_gone_round(tmp_path: Path):
    async def story() -> None:
        async with looker(tmp_path) as site:
            for kind in ("socks5", "http"):
                transport = WreqTransport(site.ca_pem)
                answer = await transport.fetch(
                    asks(site, Egress(kind, "127.0.0.1", 9), secure=False), LIMITS
                )
                await transport.close()
                assert isinstance(answer, Failure)
                assert answer.kind is FailureKind.EGRESS
            assert site.heads == []

    run(story())
