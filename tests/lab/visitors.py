"""Who comes to the town in the tests, and where they end up."""

import re
from html import unescape

from unhijack.lab.sites import respond
from unhijack.lab.town import Town
from unhijack.lab.wire import TownRequest, TownResponse

PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
DESKTOP = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PHONE_BOT = f"{PHONE} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SEARCH = "https://www.google.com/"
FORUM = "https://forum.example/thread/7"
PORT = 43211


def ask(
    town: Town,
    host: str,
    agent: str = DESKTOP,
    referrer: str = "",
    target: str = "/",
    repaired: frozenset[str] = frozenset(),
    serial: int = 0,
    **headers: str,
) -> TownResponse:
    """One request of one visitor."""
    sent = {"user-agent": agent, **{k.replace("_", "-"): v for k, v in headers.items()}}
    if referrer:
        sent["referer"] = referrer
    return respond(town, repaired, TownRequest(host, target, sent, PORT, serial))


def sent_to(response: TownResponse) -> str | None:
    """Where an answer sends its visitor by any means of the wire tier; None if they stay."""
    headers = {name.lower(): value for name, value in response.headers}
    if response.status in (301, 302, 303, 307, 308):
        return headers["location"]
    if "refresh" in headers:
        return headers["refresh"].partition("url=")[2]
    meta = re.search(rb"<meta content=\"0; URL='([^']+)'\" http-equiv=Refresh>", response.body)
    return unescape(meta[1].decode()) if meta else None


def header(response: TownResponse, name: str) -> str:
    """One header of an answer."""
    return next(value for key, value in response.headers if key.lower() == name.lower())
