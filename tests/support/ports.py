"""Ports of this machine that nobody listens at."""

import socket


def free_port(address: str = "127.0.0.1") -> int:
    """Free a moment ago: whoever binds it must be ready to try another."""
    with socket.socket() as one:
        one.bind((address, 0))
        port: int = one.getsockname()[1]
        return port
