"""The Mender port: files below a root are replaced whole, at once, or not at all."""

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from errno import EACCES, EDQUOT, EFBIG, ELOOP, ENOSPC, ENOTDIR, EPERM, EROFS
from hashlib import sha256

from unhijack.adapters.tree.rooted import Root, read_up_to
from unhijack.core.text import printable
from unhijack.ports import CannotMend, Original

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is mended."""
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_DRAFT = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}$")
_MARK = ".htunhijack-"
"""Apache serves nothing that begins with ``.ht``; the ending stays, so that PHP stays PHP."""

_ADVICE = {
    ENOSPC: "the disk is full: make room, then try again",
    EDQUOT: "the owner's share of the disk is full: make room, then try again",
    EFBIG: "the file may not grow so large here",
    EROFS: "it lies on a disk that may only be read: mount it for writing, then try again",
    EPERM: "not permitted: run it as the owner or root; `lsattr` shows whether somebody made the "
    "file unchangeable, `chattr -i` ends that",
    EACCES: "not permitted: run it as the owner of the files, or as root",
    ELOOP: "a link stands there now",
    ENOTDIR: "a link or file stands where a folder was",
}


def _nothing(_what: str) -> None:
    """Nobody waits for our writes."""


class TreeMender:
    """Changes files below `root`, step by step from its descriptor."""

    def __init__(self, root: Root, before: Callable[[str], None] = _nothing) -> None:
        """`before` is called before each thing that the disk is told, with its name: tests stop
        the process there.
        """
        self._root = root
        self._before = before

    def look(self, path: str) -> tuple[Original, bytes] | None:
        """See the port."""
        with _told():
            try:
                with self._folder(path) as folder:
                    return _look_in(folder, path.rpartition("/")[2])
            except FileNotFoundError:  # of the folder too
                return None

    def draft_for(self, path: str) -> str:
        """See the port."""
        ending = _ENDING.search(path.rpartition("/")[2])
        return f"{_MARK}{secrets.token_hex(8)}{ending[0] if ending else ''}"

    def replace(
        self, path: str, old: Original | None, like: Original, content: bytes, draft: str
    ) -> str:
        """See the port."""
        name = path.rpartition("/")[2]
        with _told(), self._folder(path) as folder:
            _check_draft(draft)
            try:
                lost = self._write(folder, draft, like, content)
                self._put(folder, draft, name, old)
            except BaseException:
                _unlink(folder, draft)
                raise
            self._before("sync-folder")
            os.fsync(folder)
            return lost

    def remove(self, path: str, old: Original) -> None:
        """See the port."""
        with _told(), self._folder(path) as folder:
            name = path.rpartition("/")[2]
            _still(folder, name, old)
            self._before("unlink")
            os.unlink(name, dir_fd=folder)
            self._before("sync-folder")
            os.fsync(folder)

    def discard(self, path: str, draft: str) -> None:
        """See the port."""
        with _told(), self._folder(path) as folder:
            _check_draft(draft)
            _unlink(folder, draft)
            os.fsync(folder)

    @contextlib.contextmanager
    def _folder(self, path: str) -> Iterator[int]:
        above, _, name = path.rpartition("/")
        if name in ("", ".", "..") or "\0" in name:
            raise CannotMend("no name that a file can have")
        with self._root.folder(above) as folder:
            yield folder

    def _write(self, folder: int, draft: str, like: Original, content: bytes) -> str:
        """A draft with content, owner, mode, attributes; what could not be kept, for people."""
        self._before("create")
        fd = os.open(draft, _DRAFT, 0o600, dir_fd=folder)
        try:
            _write_all(fd, content, self._before)
            itself = sha256(content).hexdigest() == like.sha256
            lost = [_owner(fd, like, going_back=itself), _attributes(fd, like)]
            os.fchmod(fd, stat.S_IMODE(like.mode))
            if itself:
                os.utime(fd, ns=(like.atime_ns, like.mtime_ns))
            self._before("sync")
            os.fsync(fd)
        finally:
            os.close(fd)
        return "; ".join(filter(None, lost))

    def _put(self, folder: int, draft: str, name: str, old: Original | None) -> None:
        """A draft under its name. Where nothing is to be there, a link is refused if something
        came meanwhile, as a rename would not be.
        """
        _still(folder, name, old)
        self._before("rename")
        if old is None:
            with contextlib.suppress(PermissionError):  # a disk without hard links
                os.link(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
                self._before("unlink-draft")
                os.unlink(draft, dir_fd=folder)
                return
        os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)


def _still(folder: int, name: str, old: Original | None) -> None:
    """Refuse where something else is there than what was looked at."""
    try:
        found = _look_in(folder, name)[0]
    except FileNotFoundError:
        found = None
    if old is None:
        if found is not None:
            raise CannotMend("something is there by now: nothing was changed")
    elif found is None or not _same(found, old):
        raise CannotMend("it was changed while we worked: nothing was changed by us; scan again")


def _look_in(folder: int, name: str) -> tuple[Original, bytes]:
    fd = os.open(name, _FILE, dir_fd=folder)
    try:
        return _looked(fd)
    finally:
        os.close(fd)


def _same(one: Original, other: Original) -> bool:
    return (one.sha256, one.device, one.inode) == (other.sha256, other.device, other.inode)


def _looked(fd: int) -> tuple[Original, bytes]:
    about = os.fstat(fd)
    if not stat.S_ISREG(about.st_mode):
        raise CannotMend("it is no ordinary file")
    if about.st_size > LARGEST:
        raise CannotMend(f"it is larger than {LARGEST >> 20} MiB: mend it by hand")
    content = read_up_to(fd, LARGEST + 1)
    after = os.fstat(fd)
    if (len(content), after.st_mtime_ns) != (about.st_size, about.st_mtime_ns):
        raise CannotMend("it is being written at this moment: try again")
    return (
        Original(
            sha256(content).hexdigest(),
            about.st_size,
            about.st_mode,
            about.st_uid,
            about.st_gid,
            about.st_atime_ns,
            about.st_mtime_ns,
            about.st_ctime_ns,
            about.st_dev,
            about.st_ino,
            about.st_nlink,
            _attributes_of(fd),
        ),
        content,
    )


def _attributes_of(fd: int) -> tuple[tuple[str, bytes], ...]:
    found = []
    for name in sorted(_names(fd)):
        with contextlib.suppress(OSError):  # gone meanwhile, or not for our eyes
            found.append((name, os.getxattr(fd, name)))
    return tuple(found)


def _names(fd: int) -> list[str]:
    try:
        return os.listxattr(fd)
    except OSError:  # a disk without them
        return []


def _write_all(fd: int, content: bytes, before: Callable[[str], None]) -> None:
    view = memoryview(content)
    half = len(view) // 2
    for part in (view[:half], view[half:]):
        before("write")
        while part:
            part = part[os.write(fd, part) :]


def _owner(fd: int, like: Original, *, going_back: bool) -> str:
    """Give a draft its owner. One that is put back may go without; one that is mended may not."""
    have = os.fstat(fd)
    if (have.st_uid, have.st_gid) == (like.uid, like.gid):
        return ""
    try:
        os.fchown(fd, like.uid, like.gid)
    except OSError as error:
        if not going_back or error.errno != EPERM:
            raise
        with contextlib.suppress(OSError):
            os.fchown(fd, -1, like.gid)
        return f"its owner ({like.uid}:{like.gid}) could not be given back"
    return ""


def _attributes(fd: int, like: Original) -> str:
    """Give a draft its attributes, access lists among them, and none beside those."""
    wanted = dict(like.xattrs)
    lost = []
    for name in _names(fd):
        if name not in wanted and not name.startswith("security."):
            os.removexattr(fd, name)  # an access list that the folder hands down
    for name, value in wanted.items():
        try:
            if name not in _names(fd) or os.getxattr(fd, name) != value:
                os.setxattr(fd, name, value)
        except OSError:
            if not name.startswith(("security.", "trusted.")):
                raise  # an access list: without it, others could read the file, or not
            lost.append(name)
    return f"attributes could not be kept: {printable(', '.join(lost))}" if lost else ""


def _check_draft(draft: str) -> None:
    if not draft.startswith(_MARK) or "/" in draft or "\0" in draft:
        raise CannotMend("the journal names a draft that is none of ours")


def _unlink(folder: int, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What the system refuses, as one line."""
    try:
        yield
    except OSError as error:
        text = _ADVICE.get(error.errno or 0) or (error.strerror or str(error)).lower()
        raise CannotMend(text) from None
    except UnicodeEncodeError:
        raise CannotMend("no name that a file can have") from None
