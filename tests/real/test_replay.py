"""The command of a notice, run by the real curl: an owner sees the redirect, and no more of it."""

import shutil
import subprocess

import pytest

from tests.real import test_nginx
from tests.real.sites import DOOR, END
from tests.support.servers import Server, nginx
from unhijack.collect.personas import AGENTS, SEARCH_REFERRER
from unhijack.compose.replay import curl_line
from unhijack.core.evidence import Device

VISITOR = (("User-Agent", AGENTS[Device.PHONE]), ("Referer", SEARCH_REFERRER))
SECRETS = ("/in", "id=7", "secret", "film")


@pytest.fixture(scope="module")
def server():
    if shutil.which("curl") is None:
        pytest.skip("curl is missing: apt-get install curl")
    with nginx(test_nginx._configured) as running:
        yield running


def repeated(server: Server, name: str, headers=VISITOR) -> str:
    """What the line prints, with the name pointed to this machine."""
    line = curl_line(server.url(name), headers)
    known = f"curl --noproxy '*' --resolve {name}:{server.port}:127.0.0.1 "
    done = subprocess.run(
        ["sh", "-c", line.replace("curl ", known, 1)], capture_output=True, text=True, timeout=30
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("referrer.test", 302),
        ("both.test", 302),
        ("cookie.test", 303),
        ("refresh.test", 200),
        ("meta.test", 200),
    ],
)
def test_the_owner_sees_status_and_target_host_and_nothing_of_the_rest(
    name: str, status: int, server: Server
):
    first, second = repeated(server, name).splitlines()
    assert first.startswith(f"HTTP/1.1 {status}")
    assert second.endswith(f"//{DOOR}:{server.port}")
    assert [secret for secret in SECRETS if secret in first + second] == []


@pytest.mark.parametrize("name", ["referrer.test", "both.test", "refresh.test", "meta.test"])
def test_who_comes_otherwise_sees_a_status_alone(name: str, server: Server):
    assert repeated(server, name, VISITOR[:1]).splitlines() == ["HTTP/1.1 200"]


def test_nobody_at_the_destination_is_asked_anything(server: Server):
    for name in test_nginx.HIJACKED:
        repeated(server, name)
    assert server.asked(f"referrer.test:{server.port}")
    assert [one for one in server.log() if one.host.startswith((DOOR, END))] == []
