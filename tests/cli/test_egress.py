"""The setting as an operator writes it: out by a proxy, and a wrong one told without its password."""

import asyncio
import json
from pathlib import Path

from tests.support.command import unhijack
from tests.support.looking import NAME, looker
from tests.support.proxies import proxy
from tests.support.wire import run


def test_the_command_goes_out_by_the_proxy_and_its_password_stays_out_of_everything(tmp_path: Path):
    async def story() -> None:
        async with looker(tmp_path) as site, proxy("http", "us", "hunter2") as between:
            hosts = tmp_path / "hosts"
            hosts.write_text(f"127.0.0.1 {NAME}\n")
            words = ("check", "--json", "--hosts", str(hosts), "--allow-net", "127.0.0.0/8")
            done = await asyncio.to_thread(
                unhijack,
                *words,
                f"http://{NAME}:{site.port}/",
                state=tmp_path / "state",
                env={"UNHIJACK_EGRESS": f"de=http://us:hunter2@127.0.0.1:{between.port}"},
            )
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == 0, said
        assert set(between.asked) == {("127.0.0.1", site.port)}
        assert len(between.asked) == len(site.heads)
        assert "countries other than DE" in json.loads(done.stdout)["bound"]["not_covered"]
        assert "hunter2" not in said

    run(story())


def test_a_wrong_setting_is_one_line(tmp_path: Path):
    env = {"UNHIJACK_EGRESS": "de=ftp://us:hunter2@127.0.0.1:1"}
    done = unhijack("check", f"http://{NAME}/", state=tmp_path / "state", env=env)
    said = done.stderr.decode()
    assert done.returncode == 2
    assert said.startswith("unhijack: setting egress: ")
    assert said.count("\n") == 1
    assert "hunter2" not in said
