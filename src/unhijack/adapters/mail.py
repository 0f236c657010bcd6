"""The Mail port by SMTP, signed by DKIM where there is a key."""

import ssl
from dataclasses import dataclass, field, replace

import aiosmtplib
import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from unhijack.core.errors import WrongUse
from unhijack.core.notice import Letter
from unhijack.core.text import for_the_record
from unhijack.ports import Fate, Posted

MOST_WORDS = 1000
"""Characters of a server's reply that are looked at."""


MOST_BYTES = 10 * 1024 * 1024
"""Of one message: few servers take more."""
LEAST_KEY_BITS = 1024
"""Of an RSA key; a shorter one is not verified (RFC 8301)."""

_SIGNED = (
    *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Reply-To", b"Auto-Submitted"),
    *(b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding"),
    b"From",
)
"""Headers under the signature. From stands there once more: nobody can add a second one."""


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in at a mail server. The connection is encrypted, or it does not happen."""

    user: str
    password: str = field(repr=False)


class DkimKey:
    """An RSA key whose public half stands in DNS under ``selector._domainkey.domain``."""

    def __init__(self, domain: str, selector: str, pem: bytes) -> None:
        """Raises WrongUse for a key that cannot sign."""
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            raise WrongUse(
                "the DKIM key is no private key in PEM form without a password"
            ) from None
        if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_KEY_BITS:
            raise WrongUse(f"the DKIM key is no RSA key of {LEAST_KEY_BITS} bits or more")
        self._domain = domain.encode("ascii")
        self._selector = selector.encode("ascii")
        self._pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )

    def signed(self, message: bytes) -> bytes:
        """The message under its signature. Raises WrongUse for what is no message."""
        try:
            header = dkim.sign(
                message,
                self._selector,
                self._domain,
                self._pem,
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=list(_SIGNED),
            )
        except dkim.DKIMException as error:
            raise WrongUse(f"the message cannot be signed: {for_the_record(str(error))}") from None
        return bytes(header) + message


class SmtpMail:
    """One conversation a message: what became of each is known by itself."""

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        starttls: bool | None,
        seconds: float = 30.0,
        login: Login | None = None,
        key: DkimKey | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        """`trusted`: whose certificates are believed; None for those that the system trusts."""
        self._host = host
        self._port = port
        self._sender = sender
        self._starttls = starttls
        self._seconds = seconds
        self._login = login
        self._key = key
        self._trusted = trusted

    async def post(self, letter: Letter) -> Posted:
        """See the port.

        Before the message itself was sent, a failure means that it did not leave. After that, only
        the server's answer tells. What fails before the recipient was named speaks against us, not
        against them: it is tried again, for as long as it takes.
        """
        if not letter.recipient.isprintable() or " " in letter.recipient:
            return Posted(Fate.REFUSED, "the recipient's address is none")
        if len(letter.message) > MOST_BYTES:
            return Posted(Fate.REFUSED, f"the message is longer than {MOST_BYTES} bytes")
        try:
            message = self._key.signed(letter.message) if self._key else letter.message
        except WrongUse as error:
            return Posted(Fate.REFUSED, str(error))
        client = self._client()
        try:
            return await self._converse(client, replace(letter, message=message))
        finally:
            client.close()

    async def knock(self) -> str:
        """What keeps messages from leaving, tried with none: reached, encrypted, logged in, and the
        sender named. Empty where nothing does.
        """
        client = self._client()
        try:
            await self._enter(client, self._sender)
        except aiosmtplib.SMTPResponseException as error:
            return for_the_record(f"{error.code} {error.message}")
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, ValueError) as error:
            return for_the_record(str(error))
        finally:
            client.close()
        return ""

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            start_tls=True if self._login else self._starttls,
            timeout=self._seconds,
            tls_context=self._trusted,
        )

    async def _enter(self, client: aiosmtplib.SMTP, sender: str) -> None:
        await client.connect()
        if self._login:
            await client.login(self._login.user, self._login.password)
        await client.mail(sender)

    async def _converse(self, client: aiosmtplib.SMTP, letter: Letter) -> Posted:
        named = False
        try:
            await self._enter(client, letter.return_path or self._sender)
            named = True
            await client.rcpt(letter.recipient)
        except aiosmtplib.SMTPResponseException as error:
            fate = _refusal(error.code, otherwise=Fate.LATER) if named else Fate.AWAY
            return Posted(fate, for_the_record(f"{error.code} {error.message}"))
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, ValueError) as error:
            return Posted(
                Fate.LATER if named else Fate.AWAY,
                f"no conversation with the mail server: {for_the_record(str(error))}",
            )
        try:
            code, text = await client.data(letter.message)
        except aiosmtplib.SMTPResponseException as error:
            fate = _refusal(error.code, otherwise=Fate.UNCERTAIN)
            return Posted(fate, for_the_record(f"{error.code} {error.message}"))
        except (aiosmtplib.SMTPException, OSError) as error:
            return Posted(
                Fate.UNCERTAIN,
                f"the mail server went away before it answered: {for_the_record(str(error))}",
            )
        return Posted(Fate.ACCEPTED, for_the_record(f"{code} {text}"))


def _refusal(code: int, otherwise: Fate) -> Fate:
    """What a reply code means that is not the one hoped for; garbage has codes of its own."""
    return {4: Fate.LATER, 5: Fate.REFUSED}.get(code // 100, otherwise)


class NoMail:
    """Where no mail server is set: nothing leaves, and says so."""

    async def post(self, letter: Letter) -> Posted:
        """See the port."""
        return Posted(Fate.AWAY, await self.knock())

    async def knock(self) -> str:
        """See the port."""
        return "no mail server is set (UNHIJACK_SMTP_HOST)"
