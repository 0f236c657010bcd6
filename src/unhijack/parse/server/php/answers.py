"""What functions give that do nothing else, by the origins of what they were given."""

import re

from unhijack.parse.server.php import names
from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.folding import fold
from unhijack.parse.server.php.values import Value

ASKED_WITH = v.VISITOR | v.HOST | v.PLACE | v.SERVER | v.QUERY
"""What about a visitor another server can be told."""
VISIT = (v.VISITOR & ~v.LANGUAGE) | v.HOST | v.PLACE | v.SERVER
"""Of these, what is more than a question that anybody may ask."""

_TELLS = re.compile(
    r"^(?:is|check|detect)_?(mobile|tablet|phone|smartphone|bot|crawler|robot|spider|crawl)"
    r"|^(?:get_?)?(?:http_?)?(user_?agent|referr?er)$"
    r"|^(?:is_?|has_?)?(?:from|came_?from|via)_?(search)(?:_?engines?)?$"
)
_TOLD = {
    **dict.fromkeys(("mobile", "tablet", "phone", "smartphone"), v.AGENT | v.MOBILE),
    **dict.fromkeys(("bot", "crawler", "robot", "spider", "crawl"), v.AGENT | v.BOT),
    "useragent": v.AGENT,
    "search": v.REFERRER | v.SEARCH,
    "referer": v.REFERRER,
    "referrer": v.REFERRER,
}


_BY_METHOD = {
    **dict.fromkeys(
        "getclientip getremoteaddr getremoteaddress remoteaddr getuserip getipaddress get_ip_address"
        " get_client_ip getuserhostaddress get_real_ip getrealip client_ip getip".split(),
        v.ADDRESS,
    ),
    **dict.fromkeys(
        "getpreferredlanguage getlanguages getacceptlanguage getacceptablelanguages".split(),
        v.LANGUAGE,
    ),
    **dict.fromkeys(
        "isguest isanonymous isloggedin isauthenticated user_is_logged_in user_is_anonymous islogged"
        " is_logged_in".split(),
        v.SIGNED_IN | v.STRANGER,
    ),
    **dict.fromkeys("getcookie hascookie getcookieparams".split(), v.COOKIE),
    **dict.fromkeys("getbody get_body getoutput gethtml tohtml".split(), v.BUFFER),
}
"""What frameworks answer, by the name of the method or function."""
_BY_PROPERTY = {
    "referrer": v.REFERRER,
    "referer": v.REFERRER,
    "useragent": v.AGENT,
    "userip": v.ADDRESS,
    "isguest": v.SIGNED_IN | v.STRANGER,
    "guest": v.SIGNED_IN | v.STRANGER,
}
"""The same of their properties."""
_HEADER_GETTERS = frozenset(
    "get header getheader getheaderline headers getserver server getstring first get_header".split()
)
_BY_HEADER = {
    "referer": v.REFERRER,
    "referrer": v.REFERRER,
    "accept-language": v.LANGUAGE,
    "x-forwarded-for": v.ADDRESS,
    "cf-ipcountry": v.ADDRESS,
}


def asked_of_property(name: str) -> int:
    """What a property of a framework's object tells of the visitor, by its name."""
    return _BY_PROPERTY.get(name.lower(), 0)


def asked_for(name: str, values: list[Value]) -> int:
    """What a function or method elsewhere tells of the visitor, by its name or what it is given."""
    flags = 0
    for value in values:
        flags |= value.flags
    origins = v.named_origins(flags)
    origins |= _BY_METHOD.get(name, 0)
    if name in _HEADER_GETTERS and values:
        origins |= _BY_HEADER.get((values[0].text or "").lower(), 0)
    if name == "is" and values:
        origins |= _TOLD.get((values[0].text or "").lower(), 0)
    match = _TELLS.search(name)
    if match is not None:
        word = match[1] or match[2] or match[3]
        origins |= _TOLD[word.replace("_", "")]
    return origins


def fetched(values: list[Value]) -> Value:
    """What another server answered, told `values`."""
    told = v.mixed(values)
    flags = v.FETCHED | v.SOCKET | (told.flags & (v.DECODED | v.WORDS | v.ASKED | v.STORED))
    if told.flags & ASKED_WITH:
        flags |= v.ASKED
    if told.flags & (VISIT | v.TOLD_VISIT):
        flags |= v.TOLD_VISIT
    if told.flags & (v.AGENT | v.EVERYTHING | v.TOLD_AGENT):
        flags |= v.TOLD_AGENT
    if told.flags & (v.REFERRER | v.EVERYTHING | v.TOLD_REFERRER):
        flags |= v.TOLD_REFERRER
    return Value(flags, seen=told.seen, hosts=told.hosts, after=flags)


def plain_answer(name: str, values: list[Value]) -> Value:
    """What a function gives that does nothing else."""
    if name in names.DECODERS or name in {"chr", "pack", "strtr", "substr", "strtolower", "trim"}:
        folded = folded_answer(name, values)
        if folded is not None:
            return folded
    if name in {"str_replace", "ucfirst", "strtoupper", "stripslashes", "substr_replace"}:
        folded = folded_answer(name, values)
        if folded is not None:
            return folded
    if name in {"str_replace", "str_ireplace"} and len(values) > 2:
        filled = filled_in(values)
        if filled is not None:
            return filled
    if name in names.KEEPS_TEXT and values:
        first = values[0]
        rest = v.mixed(values)
        return Value(
            rest.flags,
            seen=rest.seen,
            text=first.text if len(values) == 1 else None,
            head=first.head.lstrip(),
            after=first.after or rest.flags,
            hosts=rest.hosts,
            items=first.items,
        )
    flags = names.GIVES.get(name, 0)
    if name in names.STRONG_DECODERS:
        flags |= v.DECODED
    if flags & v.NUMBER:
        found = v.mixed(values, flags)
        return Value(found.flags & ~v.MARKUP, seen=found.seen)
    return v.mixed(values, flags)


def filled_in(values: list[Value]) -> Value | None:
    """A constant template whose marks are replaced by constants from two lists, or None."""
    marks, words, text = values[0].items, values[1].items, values[2].text
    if not marks or not words or text is None:
        return None
    for mark, word in zip(marks.values(), words.values(), strict=False):
        if not mark.text or word.text is None:
            return None
        text = text.replace(mark.text, word.text)
        if len(text) > v.MOST_TEXT:
            return None
    return v.literal(text, v.mixed(values).flags & ~v.MARKUP | v.BUILT)


def folded_answer(name: str, values: list[Value]) -> Value | None:
    """The function on constants, or None."""
    texts = [value.text for value in values]
    if not texts or any(text is None for text in texts):
        return None
    made = fold(name, [text for text in texts if text is not None])
    if made is None:
        return None
    flags = v.mixed(values).flags & ~v.MARKUP
    if name in names.STRONG_DECODERS or name in {"strrev", "pack"}:
        flags |= v.DECODED
    elif name in {"chr", "substr", "str_replace", "strtr", "substr_replace"}:
        flags |= v.BUILT
    return v.literal(made, flags)
