"""The Mail port by SMTP."""

import ssl

import aiosmtplib

from unhijack.core.notice import Letter
from unhijack.core.text import printable
from unhijack.ports import Fate, Posted


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
        the server's answer tells.
        """
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
        try:
            await client.connect()
            await client.mail(self._sender)
            await client.rcpt(letter.recipient)
        except aiosmtplib.SMTPResponseException as error:
            return _answered(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, ValueError) as error:
            return Posted(
                Fate.LATER, f"no conversation with the mail server: {printable(str(error))}"
            )
        try:
            code, text = await client.data(letter.message)
        except aiosmtplib.SMTPResponseException as error:
            return _answered(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Posted(
                Fate.UNCERTAIN,
                f"the mail server went away before it answered: {printable(str(error))}",
            )
        return _answered(code, text)


def _answered(code: int, text: str) -> Posted:
    words = f"{code} {printable(text)}"
    if 200 <= code < 300:
        return Posted(Fate.ACCEPTED, words)
    return Posted(Fate.LATER if 400 <= code < 500 else Fate.REFUSED, words)


class NoMail:
    """Where no mail server is set: nothing leaves, and says so."""

    async def post(self, letter: Letter) -> Posted:
        """See the port."""
        return Posted(Fate.LATER, "no mail server is set (UNHIJACK_SMTP_HOST)")
