"""What is known of a value: where it came from, and what of its text.

Origins are bits of an int (an IntFlag is ten times slower, and a value is made at every node).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce

# where it came from
QUERY = 1 << 0  # $_GET, $_POST, $_REQUEST, php://input: what the sender chose
COOKIE = 1 << 1
AGENT = 1 << 2
REFERRER = 1 << 3
ADDRESS = 1 << 4
HOST = 1 << 5  # the name by which the site was asked: its own
PLACE = 1 << 6  # the path, query or method that was asked
LANGUAGE = 1 << 7
SERVER = 1 << 8  # what else $_SERVER and the environment hold
UPLOAD = 1 << 9
TIME = 1 << 10
CHANCE = 1 << 11
DECODED = 1 << 12  # went through a decoder
FETCHED = 1 << 13  # came from another server
ASKED = 1 << 14  # that server was told about the visitor
PARSED = 1 << 15  # json_decode and the like
STORED = 1 << 16  # options of the site, its database
FILE = 1 << 17  # read from a file
BUILT = 1 << 18  # made of characters, numbers or pieces
SIGNED_IN = 1 << 19  # whether an administrator or user is looking
UNKNOWN = 1 << 20  # a parameter, a property, a method's answer
ESCAPED = 1 << 21  # letters written as escapes for no reason
CLOSURE = 1 << 22
HASHED = 1 << 23
SOCKET = 1 << 24  # a handle that leads off this machine
NUMBER = 1 << 25
TOLD_REFERRER = 1 << 28  # of an answer: that server was told the referrer
EVERYTHING = 1 << 29  # all of $_SERVER
REFLECTED = 1 << 27  # a ReflectionFunction
MOBILE_TEST = 1 << 26  # wp_is_mobile and its like
TOLD_VISIT = 1 << 30  # of an answer: that server was told more than what was asked in a query
PRIVATE = 1 << 53  # an address of the house itself
BUFFER = 1 << 39  # the page as it was made so far
TOLD_AGENT = 1 << 38  # or its browser
POSTED = 1 << 31  # a form that the visitor filled in

# what its constants speak of
SEARCH = 1 << 32
BOT = 1 << 33
MOBILE = 1 << 34
SOCIAL = 1 << 35
BROWSER = 1 << 36
LOGIN = 1 << 37
SCRIPT = 1 << 40
FRAME = 1 << 41
META = 1 << 42  # a meta refresh
MOVES = 1 << 43  # script that navigates
LINK = 1 << 44
HIDES = 1 << 45  # styles that nobody sees
SCRAMBLED = 1 << 46  # script that decodes itself
REMOTE_SCRIPT = 1 << 47
PAGE = 1 << 48  # a whole page, or its head
ROBOTS = 1 << 49
NAMES_AGENT = 1 << 50  # the name of such a header, not its value
NAMES_REFERRER = 1 << 51
NAMES_ADDRESS = 1 << 52
SESSION = 1 << 56  # what the site keeps of this visitor between pages
ASKS_IN_SCRIPT = 1 << 57  # script that looks at who reads it
STRANGER = 1 << 55  # whether anybody is signed in, not where in the site one is
COVERS = 1 << 54  # styles that lie over the whole page

SENT = QUERY | COOKIE | UPLOAD | POSTED
VISITOR = AGENT | REFERRER | ADDRESS | LANGUAGE | COOKIE | MOBILE_TEST
OPAQUE = SENT | VISITOR | FETCHED | STORED | FILE | UNKNOWN | HOST | PLACE | SERVER | SOCKET
"""With none of these a value comes from the file itself."""
WORDS = SEARCH | BOT | MOBILE | SOCIAL | BROWSER | LOGIN
MARKUP = (
    SCRIPT
    | FRAME
    | META
    | MOVES
    | LINK
    | HIDES
    | SCRAMBLED
    | REMOTE_SCRIPT
    | PAGE
    | ROBOTS
    | COVERS
)

MOST_TEXT = 8_192
MOST_READ = 65_536
MOST_HOSTS = 8
MOST_ITEMS = 128

_VOCABULARY = (
    (SEARCH, "google bing yahoo yandex baidu duckduck ask.com aol. altavista sogou"),
    (SEARCH, "search naver. daum haosou live.com msn. rambler qwant ecosia seznam"),
    (BOT, "bot crawl spider slurp mediapartners externalhit lighthouse wget ahrefs semrush"),
    (BOT, "google-site adsbot apis-google yahoo! archiver curl/ python"),
    (MOBILE, "android iphone ipad ipod mobile blackberry symbian windows&ce windows&phone palm"),
    (MOBILE, "opera&mini opera&mobi midp nokia webos"),
    (
        SOCIAL,
        "facebook fb. twitter t.co instagram vk.com pinterest reddit linkedin tiktok whatsapp",
    ),
    (BROWSER, "msie firefox chrome safari windows trident macintosh mozilla edge"),
    (LOGIN, "wp-admin wp-login logged_in /admin administrator"),
    (NAMES_AGENT, "http_user_agent user-agent user_agent"),
    (NAMES_REFERRER, "http_referer"),
    (NAMES_ADDRESS, "remote_addr http_client_ip x_forwarded_for cf_connecting_ip"),
    (FRAME, "<iframe <frame&src <object&data <embed&src"),
    (ASKS_IN_SCRIPT, "document.referrer navigator.useragent navigator.platform"),
    (SCRIPT, "<script <svg&onload <body&onload <img&onerror onload= onerror="),
    (HIDES, "display:none display:&none left:-9 left:&-9 top:-9 visibility:hidden text-indent:-"),
    (HIDES, 'width=0 width="0 width=\'0 width="1" width=\'1\' width=1& height=0 height="0'),
    (HIDES, "position:absolute;left:- height:0 width:0 font-size:0 opacity:0"),
    (SCRAMBLED, "fromcharcode atob( unescape( eval(function(p \\x68\\x74\\x74\\x70 _0x"),
    (REMOTE_SCRIPT, "<scr\"+\"ipt <scr'+'ipt <scr\"&+&\"ipt <scr'&+&'ipt"),
    (SCRAMBLED, "data:text/javascript data:application/javascript data:application/x-javascript"),
    (COVERS, "position:fixed position:&fixed z-index:9999 z-index:&9999 100vw"),
    (LINK, '<a&href="http <a&href=\'http <a&href=http <a&href=\\"http'),
    (LINK, 'rel="canonical" rel=\'canonical\' rel=canonical rel=\\"canonical'),
    (PAGE, "<!doctype <html <body"),
    (ROBOTS, "user-agent:&* sitemap: <urlset <sitemapindex"),
    (MOVES, "location.href location.replace location.assign window.open( .location= .location&="),
    (MOVES, "location= location&= document.location top.location"),
    (MOVES, "['location [\"location 'location','href' \"location\",\"href\""),
)
_BITS = {word.replace("&", " "): bit for bit, words in _VOCABULARY for word in words.split()}
_KNOWN_WORDS = re.compile(
    "|".join(re.escape(word) for word in sorted(_BITS, key=len, reverse=True))
)
_REFRESH = re.compile(r"http-equiv\s{0,5}=\s{0,5}.{0,3}refresh", re.IGNORECASE)
_SCRIPT_FROM = re.compile(
    r"<script[^>]{0,200}src\s{0,5}=\s{0,5}.{0,2}(?:https?:)?//", re.IGNORECASE
)
_PIECED_NAME = re.compile(
    r"\b(?:window|self|top|parent|document|this)\\?\[\s?\\?['\"]\w{1,20}\\?['\"]\s?\+\s?\\?['\"]"
)
"""``self['loc'+'ation']``: script that hides what it changes."""
_HOSTS = re.compile(
    r"(?:https?:)?\\?/\\?/([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6})(?=[:/\\?#\"'\s<>),;&|]|$)",
    re.IGNORECASE,
)
_INSIDE = re.compile(r"[\^/#~]{0,3}(?:10|127|192\\?\.168|172\\?\.(?:1[6-9]|2\d|3[01]))\\?\.")
_SUFFIX = re.compile(
    r"[a-z0-9-]{0,40}\.([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4})(?=[:/?#]|$)", re.IGNORECASE
)


class Value:
    """What is known of a value. Never changed once it is made."""

    __slots__ = ("after", "flags", "head", "hosts", "items", "seen", "tail", "text")

    def __init__(  # a record
        self,
        flags: int = 0,
        *,
        seen: int = 0,
        text: str | None = None,
        head: str = "",
        after: int = 0,
        hosts: tuple[str, ...] = (),
        items: dict[str, Value] | None = None,
        tail: str = "",
    ) -> None:
        self.flags = flags
        """Origins of its data, and what its constants speak of."""
        self.seen = seen
        """What the tests looked at under which it was set."""
        self.text = text
        """All of it, where it is constant and short."""
        self.head = head
        """The constant text it begins with."""
        self.after = after
        """Origins of the first piece that is not constant."""
        self.hosts = hosts
        """Hosts of the addresses among its constants."""
        self.items = items
        """Of an array: by key."""
        self.tail = tail
        """The constant text it ends with, where it does not begin with it too."""

    def under(self, seen: int) -> Value:
        """The same value, set or given under tests."""
        return Value(
            self.flags,
            seen=self.seen | seen,
            text=self.text,
            head=self.head,
            after=self.after,
            hosts=self.hosts,
            items=self.items,
            tail=self.tail,
        )

    def ending(self) -> str:
        """The constant text it ends with."""
        return self.tail or self.text or ""

    def all(self) -> int:
        """Data and tests together."""
        return self.flags | self.seen


NOTHING = Value()


def literal(text: str, flags: int = 0) -> Value:
    """A constant."""
    read = text[:MOST_READ]
    short = text if len(text) <= MOST_TEXT else None
    return Value(flags | _speaks_of(read), text=short, head=read[:512], hosts=hosts_in(read))


def hosts_in(text: str) -> tuple[str, ...]:
    """Hosts of the addresses in a text, lower case, a few at most."""
    if "//" not in text and "\\/" not in text:
        return ()
    found: dict[str, None] = {}
    for match in _HOSTS.finditer(text):
        found[match[1].lower()] = None
        if len(found) == MOST_HOSTS:
            break
    return tuple(found)


def _speaks_of(text: str) -> int:
    if len(text) < 3:  # no word is shorter
        return 0
    bits = PRIVATE if _INSIDE.match(text) else 0
    lowered = text.lower()
    for match in _KNOWN_WORDS.finditer(lowered):
        bits |= _BITS[match[0]]
    if "refresh" in lowered and _REFRESH.search(lowered):
        bits |= META
    bits |= _sends_itself(lowered)
    if ("'+" in lowered or '"+' in lowered) and _PIECED_NAME.search(lowered):
        bits |= MOVES | SCRAMBLED
    makes = "createelement" in lowered and "src" in lowered
    if bits & SCRIPT and (makes or _SCRIPT_FROM.search(lowered)):
        bits |= REMOTE_SCRIPT
    return bits


def _sends_itself(text: str, pieces: Sequence[Value] = ()) -> int:
    """A form that waits for nobody's hand leads away as script does."""
    if "<form" not in text:
        return 0
    sent = ".submit(" in text or any(".submit(" in piece.head for piece in pieces)
    return MOVES | SCRIPT if sent else 0


def joined(values: list[Value]) -> Value:
    """One of several: a variable set in more places than one, an array's element."""
    if len(values) == 1:
        return values[0]
    return reduce(either, values, NOTHING) if values else NOTHING


def placed(value: Value, flags: int) -> Value:
    """The same value, with what its place says of it."""
    if not flags:
        return value
    return Value(
        value.flags | flags,
        seen=value.seen,
        text=value.text,
        head=value.head,
        after=value.after,
        hosts=value.hosts,
        items=value.items,
        tail=value.tail,
    )


def either(one: Value, other: Value) -> Value:
    """One of two."""
    if one is other or other is NOTHING:
        return one
    if one is NOTHING:
        return other
    same = one.text == other.text
    flags = one.flags | other.flags
    if flags & NUMBER and not _numbers([one, other]):
        flags &= ~NUMBER
    return Value(
        flags,
        seen=one.seen | other.seen,
        text=one.text if same else None,
        head=one.head if one.head == other.head else "",
        after=one.after | other.after,
        hosts=_hosts(one.hosts, other.hosts),
        items=_items(one.items, other.items),
    )


def _hosts(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if not other or one == other:
        return one
    if not one:
        return other
    return tuple(dict.fromkeys(one + other))[:MOST_HOSTS]


def _items(one: dict[str, Value] | None, other: dict[str, Value] | None) -> dict[str, Value] | None:
    if one is None or other is None:
        return one or other
    return one if len(one) >= MOST_ITEMS else {**one, **other}


def concat(values: list[Value]) -> Value:
    """Pieces put together."""
    flags = seen = after = 0
    hosts: tuple[str, ...] = ()
    texts: list[str] | None = []
    head: list[str] = []
    size = 0
    open_head = True
    for value in values:
        flags |= value.flags
        seen |= value.seen
        hosts = _hosts(hosts, value.hosts)
        if texts is not None:
            if value.text is None or size > MOST_TEXT:
                texts = None
            else:
                texts.append(value.text)
                size += len(value.text)
        if open_head:
            head.append(value.head)
            if value.text is None:
                open_head = False
                after = value.after or value.flags
    start = "".join(head)[:512]
    whole = "".join(texts) if texts is not None else None
    if len(values) > 1:
        flags |= _sends_itself(start, values)
        if not hosts:
            hosts = hosts_in(start) or _suffix_of(start, values)
        if whole is not None and size < 512 and len(values) < MOST_ITEMS:
            flags |= _speaks_of(whole)
    if flags & NUMBER and not _numbers(values):
        flags &= ~NUMBER
    tail = values[-1].ending()[-64:] if values and whole is None else ""
    return Value(flags, seen=seen, text=whole, head=start, after=after, hosts=hosts, tail=tail)


def _suffix_of(start: str, values: list[Value]) -> tuple[str, ...]:
    """``cheap.test`` of ``"http://shop" . $n . ".cheap.test/"``: a host whose first label changes."""
    if "//" not in start or "/" in start.rpartition("//")[2]:
        return ()
    first = next((i for i, value in enumerate(values) if value.text is None), len(values))
    if first + 1 >= len(values) or values[first].head:
        return ()
    rest = ""
    for value in values[first + 1 : first + 6]:
        rest += value.head
        if value.text is None:
            break
    match = _SUFFIX.match(rest)
    return (match[1].lower(),) if match else ()


def _numbers(values: list[Value]) -> bool:
    """Whether all that is not constant among them is a number or a yes or no."""
    return all(value.flags & NUMBER or not value.flags & OPAQUE for value in values)


def named_origins(flags: int) -> int:
    """What is asked for by names such as HTTP_REFERER that were passed."""
    found = AGENT if flags & NAMES_AGENT else 0
    found |= REFERRER if flags & NAMES_REFERRER else 0
    return found | (ADDRESS if flags & NAMES_ADDRESS else 0)


def mixed(values: list[Value], flags: int = 0) -> Value:
    """What some operation made of these: their origins, no text."""
    seen = made = 0
    hosts: tuple[str, ...] = ()
    for value in values:
        made |= value.flags
        seen |= value.seen
        hosts = _hosts(hosts, value.hosts)
    if made & NUMBER and not _numbers(values):
        made &= ~NUMBER
    flags |= made
    return Value(flags, seen=seen, hosts=hosts, after=flags)
