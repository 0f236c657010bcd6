"""What the lab's servers share: they stay on this machine, and let go of it when they stop."""

import asyncio
import ipaddress
from collections.abc import Iterable
from typing import Protocol


class Client(Protocol):
    """Somebody who is connected."""

    def abort(self) -> None:
        """Drop the connection."""
        ...


def require_loopback(address: str, what: str) -> None:
    """Raises ValueError for an address off loopback."""
    if not ipaddress.ip_address(address).is_loopback:
        raise ValueError(f"{what} stays on loopback, and {address} is not")


async def stop(listener: asyncio.Server | None, clients: Iterable[Client]) -> None:
    """Stop listening, and drop what is still open."""
    if listener is not None:
        listener.close()
        for client in tuple(clients):
            client.abort()
        await listener.wait_closed()
