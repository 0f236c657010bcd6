"""The lab's town as a server in a process of its own: ``python -m bench.town SITES HIJACKED``.

Prints its port, then the number of requests so far for each line on its stdin, until that closes.
"""

import asyncio
import sys

import uvloop

from unhijack.lab.server import TownServer
from unhijack.lab.town import plan_town

SEED = 1


async def serve(sites: int, hijacked: int) -> None:
    """Serve the town without the delays of slow sites."""
    town = plan_town(SEED, sites, hijacked)
    async with TownServer(town, frozenset, slow=0) as server:
        print(server.port, flush=True)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(server.ledger.requests, flush=True)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
