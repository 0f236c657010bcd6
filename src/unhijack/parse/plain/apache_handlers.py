"""What a folder runs as programs, and who may see what: pictures that are run, all but a few locked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from unhijack.parse.plain.directives import Directive, Reading
from unhijack.parse.plain.runs import Sign
from unhijack.parse.plain.where import Where

_PLANTED_PLACE = re.compile(
    r"(?:^|/)(?:uploads?|cache|images?|img|tmp|temp|media|files|fonts?|css|\.[^/]+)/", re.IGNORECASE
)

_RUNS = re.compile(
    r"php(?!-?source)|x-httpd-php|cgi-script|x-httpd-cgi|fcgid|fastcgi|suphp|lsphp|phtml|rivet|caucho|perl-script"
    r"|modperl|mod_python|lua-script|server-parsed|x-server-parsed|jsp|asp-|ruby-object",
    re.IGNORECASE,
)

_PROGRAMS = frozenset(
    "php php2 php3 php4 php5 php6 php7 php8 php52 php53 php54 php55 php56 php70 php71 php72 php73"
    " php74 php80 php81 php82 php83 php84 phtml phtm inc phar module install theme engine profile"
    " cgi fcgi fpl pl pm plx py rb sh lua jsp jspx asp aspx cfm exe bat cmd tcl rvt html htm shtml"
    " shtm stm xhtml dhtml xml rss rdf xsl do wsgi phps ctp class tpl php-fpm esp hh api mod fp".split()
)

_PICTURES = frozenset(
    "jpg jpeg jpe jfif png gif bmp ico svg webp tif tiff avif txt log md pdf doc docx xls zip gz rar tar"
    " mp3 mp4 avi mov swf ttf woff woff2 eot dat bak old csv json ini".split()
)

_PAGES = frozenset("html htm shtml xml css js rss xhtml".split())

_EXTENSION = re.compile(r"[A-Za-z0-9_]+")

_ALLOWS = frozenset((("allow", "from", "all"), ("require", "all", "granted")))

_DENIES = frozenset((("deny", "from", "all"), ("require", "all", "denied")))


def handlers(reading: Reading, where: Where) -> Iterable[Sign]:
    options = " ".join(" ".join(o.args).lower() for o in reading.directives if o.name == "options")
    guarded = "-execcgi" in options
    for index, one in enumerate(reading.directives):
        name, args = one.name, one.args
        if name in ("addhandler", "addtype", "addoutputfilter") and len(args) > 1:
            yield from _added(index, one, options, guarded=guarded)
        elif name in ("sethandler", "forcetype", "setoutputfilter", "setinputfilter") and args:
            yield from _set(index, one, where)


def _added(index: int, one: Directive, options: str, *, guarded: bool) -> Iterable[Sign]:
    extensions = [arg.lower().lstrip(".") for arg in one.args[1:]]
    runs = _RUNS.search(one.args[0]) is not None
    if any(ext.startswith("ht") and ext[2:] in ("access", "passwd", "") for ext in extensions):
        yield Sign(
            (index,),
            "apache-runs-itself",
            "webshell",
            0.96,
            "The configuration file itself is run as a program",
        )
        return
    if "php" in extensions and _AS_TEXT.match(one.args[0]):
        if _wide_open(options) or _links_listed(options):
            reason = "Sources and links to other sites' files are shown as text"
            yield Sign((index,), "apache-sources-shown", "config", 0.85, reason)
        return
    if not runs or (guarded and "cgi" in one.args[0].lower()):
        return
    parsed = "parsed" in one.args[0].lower()
    odd = [e.rsplit(".", 1)[-1] for e in extensions]
    if any(ext in _PICTURES for ext in odd) and not parsed:
        honest = any(ext.startswith("ph") for ext in odd)
        yield Sign(
            (index,),
            "apache-runs-pictures",
            "config",
            0.9,
            "Pictures or texts are run as programs",
            mend=not honest,
        )
        return
    strange = [ext for ext in odd if ext not in _PROGRAMS and ext not in _PAGES and ext]
    if strange:
        cgi = "execcgi" in options or "cgi" in one.args[0].lower()
        sure = 0.6 if parsed else 0.85 if cgi else 0.7
        yield Sign(
            (index,),
            "apache-runs-odd",
            "config",
            sure,
            "Files of an unusual kind are run as programs",
        )


_AS_TEXT = re.compile(r"(?:text/plain|txt|text|server-parsed|default-handler)$", re.IGNORECASE)


def _wide_open(options: str) -> bool:
    return re.search(r"(?<![-\w])\+?all\b", options) is not None


def _links_listed(options: str) -> bool:
    listed = re.search(r"(?<!-)indexes", options) is not None
    return (
        listed and re.search(r"(?<!-)(?:followsymlinks|symlinksifownermatch)", options) is not None
    )


def shown(reading: Reading, _where: Where) -> Iterable[Sign]:
    """A folder in which links to other sites' files are listed, before a page of an odd name."""
    options = " ".join(" ".join(o.args).lower() for o in reading.directives if o.name == "options")
    if not (_wide_open(options) or _links_listed(options)) or len(reading.directives) > 12:
        return
    for index, one in enumerate(reading.directives):
        if one.name == "directoryindex" and one.args and _ODD_INDEX.search(one.args[0]):
            reason = "Links to other sites' files are listed and followed"
            yield Sign((index,), "apache-links-shown", "config", 0.55, reason)


_ODD_INDEX = re.compile(
    r"^(?!index|default|home|main|start|welcome|app|doku|disabled|[\w-]*index)[\w-]{1,20}\.(?:html?|txt|phtml|shtml)$",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"(?:^|[-_])(?:status|info|manager|admin|console)\b|clamav|modperl|perl-script|embperl|sendmail",
    re.IGNORECASE,
)
_ORDINARY = re.compile(
    r"none|default-handler|(?:cgi|fcgid|fastcgi|wsgi|lua|php\d*|lsapi|proxy)[\w.-]*|proxy:.*|server-parsed"
    r"|imap-file|send-as-is|type-map|(?:application|text|image|font|audio|video)/.*|lsphp.*|ea-php.*|alt-php.*",
    re.IGNORECASE,
)


_MADE_BY_PROGRAM = re.compile(
    r"^\W{0,4}(?:robots|ads|security|llms|humans)\\?\.txt\W{0,4}$", re.IGNORECASE
)
"""Small texts that sites let a program write."""


def _set(index: int, one: Directive, where: Where) -> Iterable[Sign]:
    files = [s for s in one.sections if s.name in ("files", "filesmatch")]
    pattern = " ".join(files[-1].args) if files else ""
    handler = one.args[0]
    filters = one.name.endswith("filter")
    if not filters and _shows_state(one, where):
        reason = "The server's inner state is shown to anybody"
        yield Sign((index,), "apache-status", "config", 0.7, reason)
    elif one.name == "sethandler" and where.is_htaccess and not _ORDINARY.fullmatch(handler):
        reason = "Requests are handed to an unusual part of the server"
        yield Sign((index,), "apache-unusual-handler", "config", 0.55, reason)
    elif not (_FILTERS if filters else _RUNS).search(handler):
        return
    elif re.search(r"\\?\.ht", pattern):
        reason = "The configuration file itself is run as a program"
        yield Sign((index,), "apache-runs-itself", "webshell", 0.95, reason)
    elif not filters and files:
        yield from _runs_files(index, files[-1].name, pattern)
    elif not filters and where.is_htaccess and not _ENCLOSING & {s.name for s in one.sections}:
        sure = 0.85 if _PLANTED_PLACE.search(where.path) else 0.55
        reason = "Every file of the folder is run as a program"
        yield Sign((index,), "apache-runs-all", "config", sure, reason)


_FILTERS = re.compile("includes|php", re.IGNORECASE)
_ENCLOSING = frozenset(("location", "directory", "if"))


def _shows_state(one: Directive, where: Where) -> bool:
    placed = any(section.name.startswith("location") for section in one.sections)
    return where.is_htaccess and not placed and _STATUS.search(one.args[0]) is not None


def _runs_files(index: int, section: str, pattern: str) -> Iterable[Sign]:
    if _MADE_BY_PROGRAM.search(pattern):
        return
    words = {word.lower() for word in _EXTENSION.findall(pattern)}
    if words & _PICTURES:
        one_alone = section == "files" and not re.search(r"[*?^$|~]", pattern)
        honest = any(word.startswith("php") for word in words)
        reason = "Pictures or texts are run as programs"
        sure = 0.75 if one_alone else 0.92
        yield Sign((index,), "apache-runs-pictures", "config", sure, reason, mend=not honest)
    elif not words & (_PROGRAMS | _PAGES):
        sure = 0.6 if re.search(r"\\?\.[a-z0-9]{2,12}\$?", pattern) else 0.3
        reason = "A file of an unusual kind is run as a program"
        yield Sign((index,), "apache-runs-odd", "config", sure, reason)


def access(reading: Reading, _where: Where) -> Iterable[Sign]:
    denied: list[int] = []
    allowed: list[tuple[int, set[str]]] = []
    for index, one in enumerate(reading.directives):
        files = [s for s in one.sections if s.name in ("files", "filesmatch")]
        if not files:
            continue
        pattern = " ".join(files[-1].args)
        line = tuple(word.lower() for word in (one.name, *one.args))[:3]
        if line in _ALLOWS:
            if re.search(r"\\?\.ht(?:access|\b|\*|\"|$)", pattern):
                yield Sign(
                    (index,),
                    "apache-shows-itself",
                    "config",
                    0.9,
                    "The configuration file, which nobody needs to see, is shown to anybody",
                )
            names = set(re.findall(r"[\w-]+\\?\.(?:php\w?|PhP\w?)", pattern))
            allowed.append((index, names))
        elif line in _DENIES and re.search(r"php|phtml", pattern, re.IGNORECASE):
            denied.append(index)
    yield from _lockout(reading, denied, allowed)


def _lockout(
    reading: Reading, denied: list[int], allowed: list[tuple[int, set[str]]]
) -> Iterable[Sign]:
    """All PHP but a list of names is locked: whoever came first keeps others out of his shells."""
    for at in denied:
        pattern = " ".join(reading.directives[at].sections[-1].args)
        greedy = re.search(r"suspected|\bexe\b|\bpy\b|PHP|PhP|pHp|Php", pattern) is not None
        names = set().union(*(names for index, names in allowed if abs(index - at) <= 60))
        plain = {name.replace("\\", "") for name in names} - {
            "index.php",
            "wp-login.php",
            "xmlrpc.php",
        }
        if (greedy and (len(plain) > 1 or len(names) > 2)) or len(plain) > 3:
            sure = 0.92 if greedy else 0.7
            members = (at, *(index for index, some in allowed if some))
            yield Sign(
                members,
                "apache-lockout",
                "config",
                sure,
                "All scripts are locked, a few odd ones excepted",
            )
            return
