"""Which encoding a page is in: bytes in, UTF-8 out, by names that we know alone."""

import re

_SINGLE = {f"iso-8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
_WINDOWS = {f"windows-{n}": f"cp{n}" for n in range(1250, 1259)}
_OTHERS = {
    "utf-8": ("utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"),
    "cp1252": (
        "ascii", "us-ascii", "ansi_x3.4-1968", "iso-8859-1", "iso8859-1", "iso88591",
        "iso_8859-1", "latin1", "l1", "cp819", "ibm819", "cp1252", "x-cp1252", "x-user-defined",
    ),
    "cp1250": ("cp1250", "x-cp1250"),
    "cp1251": ("cp1251", "x-cp1251"),
    "cp1254": ("iso-8859-9", "iso8859-9", "latin5", "l5", "cp1254"),
    "iso8859-2": ("latin2", "l2", "iso8859-2"),
    "iso8859-5": ("cyrillic", "iso8859-5"),
    "iso8859-7": ("greek", "iso8859-7"),
    "iso8859-8": ("hebrew", "iso-8859-8-i", "logical"),
    "iso8859-15": ("iso8859-15", "l9"),
    "cp874": ("tis-620", "iso-8859-11", "windows-874", "dos-874"),
    "cp866": ("ibm866", "cp866", "866"),
    "koi8-r": ("koi8-r", "koi8", "koi", "koi8_r", "cskoi8r"),
    "koi8-u": ("koi8-u", "koi8-ru"),
    "mac-roman": ("macintosh", "mac", "x-mac-roman"),
    "gb18030": ("gb18030", "gbk", "gb2312", "x-gbk", "chinese", "gb_2312", "gb_2312-80"),
    "big5-hkscs": ("big5", "big5-hkscs", "cn-big5", "x-x-big5", "csbig5"),
    "cp932": ("shift_jis", "shift-jis", "sjis", "x-sjis", "ms932", "windows-31j", "ms_kanji"),
    "euc-jp": ("euc-jp", "x-euc-jp"),
    "iso2022-jp": ("iso-2022-jp", "csiso2022jp"),
    "cp949": ("euc-kr", "ks_c_5601-1987", "korean", "ksc5601", "ks_c_5601-1989", "windows-949"),
    "utf-16-le": ("utf-16", "utf-16le", "unicode", "ucs-2", "iso-10646-ucs-2", "csunicode"),
    "utf-16-be": ("utf-16be", "unicodefffe"),
}  # fmt: skip
_CODECS = {
    **_SINGLE,
    **_WINDOWS,
    "utf-8": "utf-8",
    **{label: codec for codec, labels in _OTHERS.items() for label in labels},
}
"""A closed table: a name from outside never reaches Python's own look-up, which also knows
codecs (``utf-7``, ``idna``, ``unicode_escape``) that no browser would use."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_PRESCAN = 1024
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_META = re.compile(
    rb"<meta[\s/][^>]{0,512}?charset[\t\n\f\r ]*=[\t\n\f\r ]*[\"']?[\t\n\f\r ]*([^\s\"'/>;]{1,40})",
    re.IGNORECASE,
)
_PARAMETER = re.compile(rb";\s*charset\s*=\s*[\"']?\s*([^\s\"';]{1,40})", re.IGNORECASE)


def as_utf8(body: bytes, content_type: bytes | None) -> bytes:
    """The page as UTF-8 without a byte order mark; what does not decode becomes U+FFFD.

    As in a browser: byte order mark, then the Content-Type, then a meta in the first 1024 bytes.
    A page that says nothing is UTF-8 if it decodes so, and windows-1252 if not.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _converted(body[len(mark) :], codec)
    declared = _declared(_PARAMETER, content_type or b"") or _from_meta(body)
    if declared is not None:
        return _converted(body, declared)
    return body if _is_utf8(body) else _converted(body, "cp1252")


def _declared(pattern: re.Pattern[bytes], text: bytes) -> str | None:
    match = pattern.search(text)
    return match and _CODECS.get(match[1].decode("latin-1").lower())


def _from_meta(body: bytes) -> str | None:
    """What the page says of itself in ASCII: then it isn't UTF-16, and the standard reads UTF-8."""
    codec = _declared(_META, _COMMENT.sub(b"", body[:_PRESCAN]))
    return "utf-8" if codec in {"utf-16-le", "utf-16-be"} else codec


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _converted(body: bytes, codec: str) -> bytes:
    if codec == "utf-8" and _is_utf8(body):
        return body
    return body.decode(codec, "replace").encode("utf-8", "replace")
