"""Opening a folder that belongs to somebody who did not ask for the scan.

A hoster scans the folders of all customers with rights that no customer has. A customer who puts a
link where the folder was must not learn from the report what stands in a neighbour's files. So the
folder is opened step by step, and a link on the way is followed only if it is ours or root's, or
if its owner owns the folder that it leads to: Apache's ``SymLinksIfOwnerMatch``.
"""

import errno
import os
import stat
from collections import deque
from pathlib import Path

from unhijack.adapters.tree.rooted import FOLDER

MOST_LINKS = 40
"""As many as the kernel follows."""
_LINK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


def open_straight(path: Path) -> int:
    """A folder by its name. Raises OSError; for a stranger's link to what is not theirs, too."""
    names = deque(path.absolute().parts[1:])
    owners: set[int] = set()
    links = 0
    held = os.open("/", FOLDER)
    try:
        while names:
            name = names.popleft()
            below = _opened(name, held)
            if below is None:
                links += 1
                owner, target = _link(name, held)
                owners.add(owner)
                names.extendleft(reversed(target.split("/")))
                if not target.startswith("/"):
                    continue
                below = os.open("/", FOLDER)
            os.close(held)
            held = below
            if links > MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        _check(owners, os.fstat(held).st_uid)
    except BaseException:
        os.close(held)
        raise
    return held


def _opened(name: str, folder: int) -> int | None:
    """The folder below; None where a link stands there. Raises OSError."""
    try:
        return os.open(name or ".", FOLDER, dir_fd=folder)
    except OSError as error:
        seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(seen.st_mode):
            return None
        raise error from None


def _link(name: str, folder: int) -> tuple[int, str]:
    """Owner and target of one and the same link, whatever is put in its place meanwhile."""
    fd = os.open(name, _LINK, dir_fd=folder)
    try:
        return os.fstat(fd).st_uid, os.readlink("", dir_fd=fd)
    finally:
        os.close(fd)


def _check(owners: set[int], owner: int) -> None:
    if owners - {0, os.geteuid(), owner}:
        raise OSError(errno.EPERM, "a link on the way belongs to somebody else than the folder")
