"""What a store is filled from: archives of releases, folders, git histories, checksum lists."""

import hashlib
import json
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import blake3

from unhijack.core.data import Json
from unhijack.core.errors import WrongUse
from unhijack.core.known_good import DIGEST_BYTES, ReleasedFile, version_order
from unhijack.parse.server.cms import recognised

MOST_FILES = 500_000
MOST_FILE_BYTES = 32 * 1024 * 1024
MOST_TOTAL_BYTES = 4 * 1024 * 1024 * 1024

_RELEASE_NAME = re.compile(r"(?P<name>[A-Za-z][\w.+-]*?)[-_]v?(?P<version>\d+(?:\.\d+)*[\w.-]*)")
_TAG = re.compile(r"(?:release[-_/])?v?(\d+(?:\.\d+)*[\w.-]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Named:
    """What the person who adds a source says that it is; empty where they leave it to us."""

    product: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Releases of one product, ready to be taken in."""

    product: str
    versions: tuple[str, ...]
    files: Iterator[ReleasedFile]


def digest_of(content: bytes) -> bytes:
    """As stores have it."""
    return blake3.blake3(content).digest(DIGEST_BYTES)


def open_source(path: Path, named: Named) -> Source:
    """Whatever `path` is. Raises WrongUse, also later, while the files are read."""
    if path.is_dir():
        return _git(path, named) if _is_git(path) else _folder(path, named)
    try:
        if zipfile.is_zipfile(path):
            return _zip(path, named)
        if path.suffix == ".json":
            return _checksums(path, named)
        return _tar(path, named)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise WrongUse(f"{path} cannot be read as a release: {error}") from None


def _folder(path: Path, named: Named) -> Source:
    names = [
        str(file.relative_to(path))
        for file in sorted(path.rglob("*"))
        if file.is_file() and not file.is_symlink()
    ]
    return _release(path, named, names, lambda name: _capped((path / name).open("rb"), path))


def _zip(path: Path, named: Named) -> Source:
    archive = zipfile.ZipFile(path)
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    return _release(path, named, names, lambda name: _capped(archive.open(name), path))


def _tar(path: Path, named: Named) -> Source:
    archive = tarfile.open(path)  # noqa: SIM115  # it is read as long as the source is
    names = [member.name for member in archive if member.isfile()]

    def read(name: str) -> bytes:
        file = archive.extractfile(name)
        assert file is not None
        return _capped(file, path)

    return _release(path, named, names, read)


def _capped(file: IO[bytes], source: Path) -> bytes:
    with file:
        content = file.read(MOST_FILE_BYTES + 1)
    if len(content) > MOST_FILE_BYTES:
        raise WrongUse(f"{source} has a file of more than {MOST_FILE_BYTES >> 20} MB: no release")
    return content


def _release(path: Path, named: Named, names: list[str], read: Callable[[str], bytes]) -> Source:
    if len(names) > MOST_FILES:
        raise WrongUse(f"{path} has more than {MOST_FILES} files: no release")
    product, version, root = _what(path, named, names, read)

    def files() -> Iterator[ReleasedFile]:
        total = 0
        for name in names:
            if not name.startswith(root):
                continue
            body = read(name)
            total += len(body)
            if total > MOST_TOTAL_BYTES:
                raise WrongUse(f"{path} has more than {MOST_TOTAL_BYTES >> 30} GB: no release")
            yield ReleasedFile(
                name[len(root) :], digest_of(body), md5=False, versions=(0,), body=body
            )

    return Source(product, (version,), files())


def _what(
    path: Path, named: Named, names: list[str], read: Callable[[str], bytes]
) -> tuple[str, str, str]:
    """Product, version, and the folder it lies in: as told, as its files say, as it is called."""
    tops = {name.partition("/")[0] for name in names}
    top = f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in names) else ""
    whole = [one for one in recognised(names, read) if ":" not in one.name]
    whole = [one for one in whole if one.root in ("", top.rstrip("/"))]
    if whole:
        product, version = whole[0].name, whole[0].version
        root = f"{whole[0].root}/" if whole[0].root else ""
    else:
        match = _RELEASE_NAME.match(path.name.removesuffix(path.suffix).removesuffix(".tar"))
        product, version = (match["name"], match["version"]) if match else ("", "")
        root = top
    product, version = named.product or product, named.version or version
    if not product or not version:
        raise WrongUse(f"{path}: which release is that? Say --as NAME@VERSION")
    return product, version, root


def _checksums(path: Path, named: Named) -> Source:
    """A list of wordpress.org: of a release of WordPress, or of a plugin."""
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise WrongUse(f"{path} is no JSON: {error}") from None
    sums, product, version = _sums(data)
    match = re.search(r"\d+(?:\.\d+)+", path.name)
    version = named.version or version or (match[0] if match else "")
    product = named.product or product
    if not sums or not version:
        raise WrongUse(
            f"{path} is no checksum list of a release"
            + ("; say --as NAME@VERSION" if sums else ": it has no checksums of files")
        )
    files = (
        ReleasedFile(name, bytes.fromhex(digest), md5=True, versions=(0,))
        for name, digest in sums.items()
    )
    return Source(product, (version,), files)


def _sums(data: Json) -> tuple[dict[str, str], str, str]:
    """Checksums by path, the product, and its version where the list says so."""
    if not isinstance(data, dict):
        return {}, "", ""
    if isinstance(data.get("plugin"), str) and isinstance(data.get("files"), dict):
        files, product = data["files"], f"wordpress-plugin:{data['plugin']}"
        return _md5(files), product, str(data.get("version") or "")
    sums = data.get("checksums")
    if isinstance(sums, dict) and len(sums) == 1:
        version, inner = next(iter(sums.items()))
        if isinstance(inner, dict):
            return _md5(inner), "wordpress", version
    return _md5(sums), "wordpress", ""


def _md5(sums: Json) -> dict[str, str]:
    found = {}
    for name, value in sums.items() if isinstance(sums, dict) else ():
        digest = value.get("md5") if isinstance(value, dict) else value
        digest = digest[0] if isinstance(digest, list) and digest else digest
        if isinstance(digest, str) and re.fullmatch(r"[0-9a-f]{32}", digest):
            found[name] = digest
    return found


def _is_git(path: Path) -> bool:
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())


def _git(path: Path, named: Named) -> Source:
    """Every tag that is a version is a release. Bodies stay where they are."""
    tags = {}
    for tag in _run(path, "tag", "--list").decode(errors="replace").split():
        match = _TAG.fullmatch(tag)
        if match:
            tags[match[1]] = tag
    if named.version:
        tags = {named.version: tags.get(named.version, "HEAD")}
    if not tags:
        raise WrongUse(f"{path} has no tags that are versions")
    versions = tuple(sorted(tags, key=version_order))
    places: dict[tuple[str, str], list[int]] = {}
    for position, version in enumerate(versions):
        for blob, name in _tree(path, tags[version]):
            places.setdefault((blob, name), []).append(position)
            if len(places) > 8 * MOST_FILES:
                raise WrongUse(f"{path} has too many different files")
    product = named.product or _git_product(path, tags[versions[-1]], places)
    return Source(product, versions, _git_files(path, places))


def _git_product(path: Path, tag: str, places: dict[tuple[str, str], list[int]]) -> str:
    found = recognised({name for _, name in places}, lambda _name: b"")
    whole = [product.name for product in found if product.root == "" and ":" not in product.name]
    if not whole:
        raise WrongUse(f"{path}: which product is that? Say --as NAME")
    return whole[0]


def _git_files(path: Path, places: dict[tuple[str, str], list[int]]) -> Iterator[ReleasedFile]:
    digests = dict(_blobs(path, sorted({blob for blob, _ in places})))
    for (blob, name), positions in places.items():
        if blob in digests:
            yield ReleasedFile(name, digests[blob], md5=False, versions=tuple(positions))


def _tree(path: Path, tag: str) -> Iterator[tuple[str, str]]:
    listing = _run(
        path, "ls-tree", "-r", "-z", "--full-tree", f"refs/tags/{tag}" if tag != "HEAD" else tag
    )
    for line in listing.split(b"\0"):
        about, tab, name = line.partition(b"\t")
        if tab and about.split()[0] in (b"100644", b"100755"):
            yield about.split()[2].decode(), name.decode("utf-8", "surrogateescape")


def _blobs(path: Path, blobs: list[str]) -> Iterator[tuple[str, bytes]]:
    """Digests of blobs. One that the repository lacks is left out."""
    with subprocess.Popen(
        ["git", "-C", str(path), "cat-file", "--batch"],  # noqa: S607  # found on the PATH, as its user has it
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as git:
        assert git.stdin is not None
        assert git.stdout is not None
        for start in range(0, len(blobs), 500):  # fewer bytes than a pipe holds: neither side waits
            part = blobs[start : start + 500]
            git.stdin.write("".join(f"{blob}\n" for blob in part).encode())
            git.stdin.flush()
            for blob in part:
                yield from _blob(blob, git.stdout)
        git.stdin.close()


def _blob(blob: str, out: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    head = out.readline().split()
    if len(head) == 3:
        content = out.read(int(head[2]))
        out.read(1)
        yield blob, digest_of(content)


def _run(path: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(path), *words],  # noqa: S607  # as above
            capture_output=True,
            check=True,
            timeout=600,
        )
    except FileNotFoundError:
        raise WrongUse(f"{path} is a git history, and there is no git here to read it") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise WrongUse(f"{path} cannot be read by git: {error}") from None
    return done.stdout


def md5_of(content: bytes) -> bytes:
    """As checksum lists have it; no secret hangs on it."""
    return hashlib.md5(content, usedforsecurity=False).digest()
