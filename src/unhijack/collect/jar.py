"""A visit's cookie jar: the standard library's, fed from a sans-IO response.

It is only made when a site sets a cookie, since most visits never need one.
"""

from email.message import Message
from http.cookiejar import CookieJar
from typing import Any, cast
from urllib.request import Request as UrlRequest  # noqa: TID251 - what CookieJar reads; nothing is sent

from unhijack.ports import Headers

MOST_COOKIES = 50
LONGEST_COOKIE = 4096


class Jar:
    """Cookies of one visitor."""

    __slots__ = ("_jar", "changes")

    def __init__(self) -> None:
        self._jar: CookieJar | None = None
        self.changes = 0
        """Responses that set a cookie so far."""

    def header(self, url: str) -> str | None:
        """The Cookie header for a request to `url`."""
        if self._jar is None:
            return None
        request = UrlRequest(url)  # noqa: S310 - see the import: never opened
        self._jar.add_cookie_header(request)
        return request.get_header("Cookie")

    def keep(self, url: str, headers: Headers) -> None:
        """Remember what a response sets, within limits."""
        values = [value for name, value in headers if name == "set-cookie"]
        if not values:
            return
        values = [value for value in values[:MOST_COOKIES] if len(value) <= LONGEST_COOKIE]
        if self._jar is None:
            self._jar = CookieJar()
        message = Message()
        for value in values:
            message["Set-Cookie"] = value.decode("latin-1").replace("\r", "").replace("\n", "")
        self._jar.extract_cookies(cast("Any", _Answer(message)), UrlRequest(url))  # noqa: S310 - CookieJar calls info() alone
        self.changes += 1


class _Answer:
    """The one method of a response that CookieJar calls."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def info(self) -> Message:
        return self._message
