"""Where things are kept on this machine."""

import os
from pathlib import Path

from unhijack.core.errors import WrongUse


def default_state() -> Path:
    """Where the database, keys and evidence lie unless said otherwise. Raises WrongUse."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    try:
        return Path(base).expanduser() / "unhijack"
    except RuntimeError:
        raise WrongUse(
            "there is no home folder to keep anything in: set UNHIJACK_STATE to a folder"
        ) from None


def state_folder() -> Path:
    """The folder that is in use, for what does without the other settings. Raises WrongUse."""
    said = os.environ.get("UNHIJACK_STATE")
    return Path(said) if said else default_state()
