"""Who sits at the terminal."""

import getpass


def current_user() -> str:
    """Their login name, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
