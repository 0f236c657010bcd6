"""The lab on loopback, in a thread beside the test: the town's server and the mail sink."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from unhijack.lab.server import TownServer
from unhijack.lab.sink import MailSink
from unhijack.lab.town import Town, hosts_file, plan_town


@dataclass(frozen=True, slots=True)
class Lab:
    """What is running, and where its files are."""

    town: Town
    server: TownServer
    sink: MailSink
    hosts: Path
    directory: Path

    def environment(self, state: Path) -> dict[str, str]:
        """Settings that lead into the lab and nowhere else."""
        return {
            "UNHIJACK_STATE": str(state),
            "UNHIJACK_HOSTS": str(self.hosts),
            "UNHIJACK_ALLOW_NET": "127.0.0.0/8",
            "UNHIJACK_DIRECTORY": str(self.directory),
            "UNHIJACK_SMTP_HOST": "127.0.0.1",
            "UNHIJACK_SMTP_PORT": str(self.sink.port),
            "UNHIJACK_SMTP_STARTTLS": "false",
            "UNHIJACK_ORGANISATION": "CERT of the town",
            "UNHIJACK_SENDER": "notices@cert.test",
        }


@contextmanager
def running_lab(folder: Path, *, seed: int = 1, repaired: set[str] | None = None) -> Iterator[Lab]:
    """A town of 20 sites, 5 of them hijacked; `repaired` may be changed while it runs."""
    town = plan_town(seed, 20, 5)
    mended = repaired if repaired is not None else set()
    server, sink = TownServer(town, lambda: mended, slow=0), MailSink(folder / "mails")
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(server)
            await stack.enter_async_context(sink)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(20), "the lab did not start"
    try:
        yield Lab(town, server, sink, _hosts(folder, town), _directory(folder, town))
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(20)
        loop.close()


def _hosts(folder: Path, town: Town) -> Path:
    path = folder / "hosts"
    path.write_text(hosts_file(town))
    return path


def _directory(folder: Path, town: Town) -> Path:
    path = folder / "directory.json"
    contacts = {site.host: [{"role": "owner", "mail": site.owner.mailbox}] for site in town.sites}
    path.write_text(json.dumps(contacts))
    return path
