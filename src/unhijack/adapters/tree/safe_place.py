"""Where journals lie: never where the server that was broken into could serve or change them."""

import os
from pathlib import Path

from unhijack.core.errors import WrongUse

_SIGNS = ("index.php", "index.html", "index.htm", ".htaccess", "wp-config.php", "wp-load.php")
_NAMES = frozenset({"public_html", "htdocs", "httpdocs", "wwwroot"})


def repairs_folder() -> Path:
    """Where journals lie unless said otherwise. Raises WrongUse."""
    base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    try:
        return Path(base).expanduser() / "unhijack" / "repairs"
    except RuntimeError:
        raise WrongUse(
            "there is no home folder to keep a journal in: name one by --journal"
        ) from None


def check_place(base: Path, root: Path) -> None:
    """Raises WrongUse where a journal in `base` could be reached through the site.

    It holds planted code and passwords as they were found.
    """
    here = Path(os.path.realpath(base))
    below = (here, *here.parents)
    for folder in below:
        if _same(folder, root):
            raise WrongUse(
                f"a journal in {base} would lie inside of the site that is mended, for everybody to "
                "fetch: name a folder elsewhere by --journal"
            )
        sign = _sign(folder)
        if sign is not None:
            raise WrongUse(
                f"a journal in {base} would lie in a folder that looks like a website's ({folder} "
                f"{sign}): name a folder elsewhere by --journal"
            )


def _same(one: Path, other: Path) -> bool:
    """By device and inode: another name of the same folder, by link or mount, is found too."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _sign(folder: Path) -> str | None:
    if folder.name.lower() in _NAMES:
        return "by its name"
    try:
        found = next((name for name in _SIGNS if (folder / name).is_file()), None)
    except OSError:
        return None
    return f"has {found}" if found else None
