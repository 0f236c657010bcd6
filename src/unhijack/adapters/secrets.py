"""The Secrets port: keys in files of their own, readable by their owner alone."""

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from unhijack.core.errors import WrongUse

_NONCE = 12
_KEY = 32


class FileSecrets:
    """Two keys in a folder, made when first wanted: one to hash with, one to seal with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, bytes] = {}

    def keyed_hash(self, text: str) -> str:
        """See the port."""
        return hmac.new(self._key("hash.key"), text.encode(), hashlib.sha256).hexdigest()

    def new_key(self) -> bytes:
        """See the port."""
        return secrets.token_bytes(_KEY)

    def seal(self, content: bytes, key: bytes | None = None) -> bytes:
        """See the port: AES-256-GCM under a nonce of its own, which comes first."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(key or self._key("seal.key")).encrypt(nonce, content, None)

    def unseal(self, content: bytes, key: bytes | None = None) -> bytes:
        """See the port."""
        try:
            cipher = AESGCM(key or self._key("seal.key"))
            return cipher.decrypt(content[:_NONCE], content[_NONCE:], None)
        except (InvalidTag, ValueError):
            raise WrongUse("sealed content was changed, or sealed under another key") from None

    def _key(self, name: str) -> bytes:
        if name not in self._known:
            self._known[name] = self._read(self._folder / name)
        return self._known[name]

    def _read(self, path: Path) -> bytes:
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            key = self._make(path)
        except OSError as error:
            raise WrongUse(f"key {path} cannot be read: {error.strerror}") from None
        if len(key) != _KEY:
            raise WrongUse(f"key {path} is damaged: restore it from a backup")
        return key

    def _make(self, path: Path) -> bytes:
        """Written beside, then linked: of two processes that make one at once, one wins for both."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(_KEY))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
            return path.read_bytes()
        except OSError as error:
            raise WrongUse(f"key {path} cannot be made: {error.strerror}") from None
