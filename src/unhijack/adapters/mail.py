"""The Mail port by SMTP."""

import ssl

import aiosmtplib

from unhijack.core.notice import Letter
from unhijack.core.text import for_the_record
from unhijack.ports import Fate, Posted

MOST_WORDS = 1000
"""Characters of a server's reply that are looked at."""


class SmtpMail:
    """One conversation a message: what became of each is known by itself."""

    def __init__(
        self, host: str, port: int, sender: str, *, starttls: bool | None, seconds: float = 30.0
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._starttls = starttls
        self._seconds = seconds

    async def post(self, letter: Letter) -> Posted:
        """See the port.

        Before the message itself was sent, a failure means that it did not leave. After that, only
        the server's answer tells. A refusal before the recipient was named speaks against us, not
        against them: it is tried again.
        """
        if not letter.recipient.isprintable() or " " in letter.recipient:
            return Posted(Fate.REFUSED, "the recipient's address is none")
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            start_tls=self._starttls,
            timeout=self._seconds,
        )
        try:
            return await self._converse(client, letter)
        finally:
            client.close()

    async def _converse(self, client: aiosmtplib.SMTP, letter: Letter) -> Posted:
        named = False
        try:
            await client.connect()
            await client.mail(self._sender)
            named = True
            await client.rcpt(letter.recipient)
        except aiosmtplib.SMTPResponseException as error:
            fate = _refusal(error.code, otherwise=Fate.LATER) if named else Fate.LATER
            return Posted(fate, for_the_record(f"{error.code} {error.message}"))
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, ValueError) as error:
            return Posted(
                Fate.LATER, f"no conversation with the mail server: {for_the_record(str(error))}"
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
        return Posted(Fate.LATER, "no mail server is set (UNHIJACK_SMTP_HOST)")
