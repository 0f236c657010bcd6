"""Planted directives of Apache: what ``.htaccess`` files of hijacked servers make visitors meet."""

from __future__ import annotations

import re
from typing import Callable, Iterable, NamedTuple, Optional

from unhijack.parse.plain.directives import Directive, Reading, read_apache
from unhijack.parse.plain.hosts import host_of, is_foreign
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.prepends import judge_prepend
from unhijack.parse.plain.runs import Sign, marks_of

_MAY = (
    *(b"rewrite", b"redirect", b"errordocument", b"prepend", b"append_file", b"handler"),
    *(b"addtype", b"forcetype", b"engine", b"header", b"substitute", b"proxypass", b"filter"),
    *(b"execcgi", b"include", b"disable_functions", b"open_basedir", b"<?", b"<%", b"#exec"),
    *(b"authremote", b"/bin/", b"cmd.exe", b"<files", b"/etc/", b"secfilter", b"secrule", b"sethandler", b"lua"),
)

_VISITOR = re.compile(
    r"HTTP_REFERER|HTTP_USER_AGENT|HTTP_COOKIE|REMOTE_(?:ADDR|HOST)|TIME(?:_|\})|HTTP_ACCEPT"
    r"|HTTP:\s?(?:Referer|User-Agent|Cookie|Accept|X-|CF-|Sec-CH|From|Via)|GEOIP|HTTP_FORWARDED|HTTP_X_",
    re.IGNORECASE,
)
_ENGINES = re.compile(
    r"google|yahoo|bing|baidu|yandex|duckduckgo|\bask\b|\baol\b|altavista|lycos|excite|\bmsn\b"
    r"|facebook|twitter|youtube|instagram|linkedin|pinterest|reddit|wikipedia|rambler|\bqq\b"
    r"|search|mail\.ru|\bok\.ru|vkontakte|\bvk\b|naver|sogou|ecosia|live\.com|\bt\.co\b|webalta|tiktok",
    re.IGNORECASE,
)
_MOBILE = re.compile(
    r"android|iphone|ipad|ipod|mobile|blackberry|symbian|midp|opera.?mini|windows.?(?:ce|phone)|palm|nokia",
    re.IGNORECASE,
)
_BOTS = re.compile(r"bot\b|bots\b|crawl|spider|slurp|googlebot|bingbot|yandex|baidu|facebookexternalhit", re.IGNORECASE)
_MOBILE_HOST = re.compile(r"^(?:m|mobil|mobile|wap|touch|amp|app|i)\d?\.")
_APPS = re.compile(
    r"(?:play\.google\.com|(?:itunes|apps)\.apple\.com|[a-z0-9.-]*prerender\.[a-z]+|[a-z.]*google\.[a-z.]+"
    r"|(?:www\.)?(?:fbi\.gov|youtube\.com|facebook\.com|microsoft\.com|bing\.com|yahoo\.com|example\.(?:com|org|net)))"
)
_PICTURE_PATTERN = re.compile(r"\b(?:gif|jpe?g|png|bmp|webp|mp3|mp4|avi|css|js|swf|flv)\b", re.IGNORECASE)
_PLANTED_PLACE = re.compile(r"(?:^|/)(?:uploads?|cache|images?|img|tmp|temp|media|files|fonts?|css|\.[^/]+)/", re.IGNORECASE)

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
_SOURCE = re.compile(r"<\?(?:php|=|\s)|<%[@=!\s]|<jsp:|<!--#(?:exec|include|set)|<\?\s*if\s*\{", re.IGNORECASE)
_SHELLS = re.compile(
    r"(?:^|[/\s\"'=|])(?:/bin/(?:ba|da|z|k|c)?sh|/(?:usr/)?bin/(?:nc|ncat|netcat|perl|python\d?|wget|curl)|cmd\.exe|powershell)\b"
    r"|/dev/tcp/|\bnc\s+-",
    re.IGNORECASE,
)
_BOMB = re.compile(r"(?:\.\*\|){3}|(?:\([^()]{1,20}[+*]\)[+*]){2}")
_INJECTS = re.compile(r"<script|<iframe|document\.write|<meta[^>]{0,40}refresh", re.IGNORECASE)
_ALLOWS = frozenset((("allow", "from", "all"), ("require", "all", "granted")))
_DENIES = frozenset((("deny", "from", "all"), ("require", "all", "denied")))
_PADDED = 60


class Where(NamedTuple):
    """What is known of the file's place."""

    path: str
    own: frozenset[str]
    exists: Callable[[str], bool]


def _absent(_path: str) -> bool:
    return False


def apache_signs(
    content: bytes,
    path: str = ".htaccess",
    own_hosts: frozenset[str] = frozenset(),
    exists: Callable[[str], bool] = _absent,
) -> list[Mark]:
    """What of a ``.htaccess``, or a part of a server's configuration, looks planted."""
    lowered = content.lower()
    if not any(word in lowered for word in _MAY):
        return []
    reading = read_apache(content)
    where = Where(path, own_hosts | _named_hosts(reading.directives), exists)
    signs = [sign for look in _LOOKS for sign in look(reading, where)]
    signs += _code_in_comments(content, reading)
    signs += _padding(reading, signs)
    return marks_of(signs, reading, content)


def _named_hosts(directives: Iterable[Directive]) -> frozenset[str]:
    """Hosts that the file itself calls its own: tested by the host asked for, or its ServerName."""
    found = set()
    for one in directives:
        if one.name in ("servername", "serveralias"):
            found.update(arg.lower().lstrip("*.") for arg in one.args)
        elif one.name == "rewritecond" and len(one.args) > 1:
            if re.search("HTTP_HOST|SERVER_NAME", one.args[0], re.IGNORECASE):
                plain = re.sub(r"\(\??:?\|?(?:www)?\\?\.\)\??", "", one.args[1]).replace("\\.", ".")
                found.update(re.findall(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", plain.lower()))
    return frozenset(found)


# --- rewrites


def _rewrites(reading: Reading, where: Where) -> Iterable[Sign]:
    conditions: list[tuple[int, Directive]] = []
    for index, one in enumerate(reading.directives):
        if one.name == "rewritecond":
            conditions.append((index, one))
        elif one.name == "rewriterule":
            verdict = _rewrite(one, [cond for _, cond in conditions], where)
            if verdict is not None:
                rule, confidence, reason = verdict
                members = (*(at for at, _ in conditions), index)
                yield Sign(members, f"apache-{rule}", "redirect", confidence, reason)
            conditions = []
        else:
            conditions = conditions if one.name.startswith("rewrite") else []


def _rewrite(
    rule: Directive, conditions: list[Directive], where: Where
) -> Optional[tuple[str, float, str]]:
    if any(_BOMB.search(arg) for arg in rule.args[:1]):
        return "regex-bomb", 0.85, "A rewrite whose pattern would stall the server"
    if len(rule.args) < 2:
        return None
    target = rule.args[1]
    flags = rule.args[2].lower() if len(rule.args) > 2 else ""
    tests = [cond for cond in conditions if cond.args and _VISITOR.search(cond.args[0])]
    host = host_of(target)
    proxied = re.search(r"\bp\b|\bproxy\b", flags) is not None
    if host and is_foreign(host, where.own):
        if _APPS.fullmatch(host):
            return None
        if tests:
            return _foreign_by_test(rule, tests, host, proxied=proxied)
        if proxied and _is_htaccess(where):
            return "proxy-foreign", 0.5, "Pages are fetched from another host for visitors"
        return None
    if tests and not host and re.search(r"\.(?:php[0-9]?|cgi|pl|phtml)(?:\?|$)", target):
        return _script_by_test(target, tests)
    return None


def _says(tests: list[Directive], variable: str) -> list[str]:
    """The patterns that are wanted (not negated) of a variable, those refused marked with ``!``."""
    return [
        " ".join(test.args[1:2])
        for test in tests
        if re.search(variable, test.args[0], re.IGNORECASE) and len(test.args) > 1
    ]


def _wanted(patterns: list[str]) -> str:
    return " ".join(pattern for pattern in patterns if not pattern.startswith("!"))


def _refused(patterns: list[str]) -> str:
    return " ".join(pattern for pattern in patterns if pattern.startswith("!"))


def _engines(text: str) -> int:
    return len({name.lower() for name in _ENGINES.findall(text)})


def _foreign_by_test(
    rule: Directive, tests: list[Directive], host: str, *, proxied: bool
) -> Optional[tuple[str, float, str]]:
    referrers, agents = _says(tests, "referer"), _says(tests, "user.?agent")
    wanted, refused = _wanted(referrers), _refused(referrers)
    if _PICTURE_PATTERN.search(rule.args[0]) and (refused or not wanted):
        return None  # pictures kept from other people's pages
    engines = _engines(wanted)
    if engines:
        sure = 0.95 if engines > 1 or agents or len(tests) > 1 else 0.92
        return "rewrite-referrer", sure, "Visitors who come from search engines or social networks are sent to another host"
    phones, crawlers = _wanted(agents), _refused(agents)
    if _BOTS.search(crawlers) or (crawlers and phones):
        return "rewrite-no-crawlers", 0.92, "Visitors other than crawlers are sent to another host"
    if _MOBILE.search(phones):
        if _MOBILE_HOST.match(host):
            return None
        others = len({test.args[0].lower() for test in tests}) > 1
        return "rewrite-mobile", 0.85 if others else 0.7, "Visitors with telephones are sent to another host"
    if _BOTS.search(phones):
        sure = 0.6 if proxied else 0.5
        return "rewrite-crawlers", sure, "Crawlers are shown another host's pages"
    if re.search(r"windows|mozilla|chrome|firefox|msie|safari|linux|macintosh|\.\*|^\.\+", phones, re.IGNORECASE):
        return "rewrite-agent", 0.7, "Visitors with ordinary browsers are sent to another host"
    if _says(tests, "cookie") and len(tests) > 1:
        return "rewrite-cookie", 0.75, "Visitors without a mark of an earlier visit are sent to another host"
    if _says(tests, r"\btime"):
        return "rewrite-time", 0.65, "At some hours visitors are sent to another host"
    if wanted:
        return "rewrite-some-referrer", 0.45, "Visitors from some sites are sent to another host"
    return "rewrite-some", 0.35, "Some visitors are sent to another host"


def _script_by_test(target: str, tests: list[Directive]) -> Optional[tuple[str, float, str]]:
    engines = _engines(_wanted(_says(tests, "referer")))
    hidden = _PLANTED_PLACE.search(target) is not None or re.search(r"/\.[^/]+$", target) is not None
    if engines:
        sure = 0.9 if hidden else 0.8
        return "rewrite-referrer-script", sure, "Visitors who come from search engines are sent through a script"
    if hidden and _wanted(_says(tests, "agent")):
        return "rewrite-agent-script", 0.7, "Some visitors are sent through a script among uploads"
    if _BOTS.search(_wanted(_says(tests, "agent"))) and not re.search("index.php|prerender|og|share", target):
        return "rewrite-agent-script", 0.5, "Crawlers are shown what a script makes for them"
    return None


# --- redirects and error pages


def _redirects(reading: Reading, where: Where) -> Iterable[Sign]:
    errors = []
    for index, one in enumerate(reading.directives):
        if one.name == "errordocument" and len(one.args) > 1:
            if is_foreign(host_of(one.args[1]), where.own):
                errors.append(index)
            elif _INJECTS.search(" ".join(one.args)):
                yield Sign((index,), "apache-error-script", "injection", 0.85, "An error page brings a script or frame of its own")
        elif one.name in ("redirect", "redirectmatch", "redirecttemp", "redirectpermanent"):
            if re.search(r"\.(?:php|html?)\?|[?&](?:q|s|sid|id|key|cid|aff|ref)=", " ".join(one.args)) and _foreign_last(one, where) and one.args[0] in ("/", "302", "^/$", "(.*)"):
                yield Sign((index,), "apache-redirect-all", "redirect", 0.45, "All visitors are sent to another host")
    if errors:
        codes = {reading.directives[index].args[0] for index in errors}
        sure = 0.85 if len(codes) > 2 else 0.6
        if where.own and "404" in codes:
            sure += 0.1
        for index in errors:
            yield Sign((index,), "apache-error-foreign", "redirect", sure, "Visitors who meet an error are sent to another host")


def _foreign_last(one: Directive, where: Where) -> bool:
    return bool(one.args) and is_foreign(host_of(one.args[-1]), where.own)


# --- PHP's settings

_PHP_SETTING = frozenset(("php_value", "php_admin_value", "php_flag", "php_admin_flag"))


def _settings(reading: Reading, where: Where) -> Iterable[Sign]:
    for index, one in enumerate(reading.directives):
        if one.name not in _PHP_SETTING or not one.args:
            continue
        name = one.args[0].lower()
        value = one.args[1] if len(one.args) > 1 else ""
        if name in ("auto_prepend_file", "auto_append_file"):
            judged = judge_prepend(value, where.path, where.exists)
            if judged is not None:
                yield Sign((index,), "apache-" + judged.rule, "config", judged.confidence, judged.reason)
        elif name == "allow_url_include" and value.lower() in ("on", "1", "true"):
            yield Sign((index,), "apache-url-include", "config", 0.8, "PHP may run code from other hosts")
        elif name == "disable_functions" and value.lower() in ("none", "", "null"):
            yield Sign((index,), "apache-functions", "config", 0.75, "Functions that the hoster forbade are allowed again")
        elif name == "open_basedir" and value.lower() in ("none", "/", "null"):
            yield Sign((index,), "apache-basedir", "config", 0.5, "PHP may read files of other sites")
        elif name == "engine" and value.lower() in ("on", "1") and _PLANTED_PLACE.search(where.path):
            yield Sign((index,), "apache-engine-uploads", "config", 0.8, "PHP is switched on among uploads")


# --- handlers


def _handlers(reading: Reading, where: Where) -> Iterable[Sign]:
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
        yield Sign((index,), "apache-runs-itself", "webshell", 0.96, "The configuration file itself is run as a program")
        return
    if "php" in extensions and re.match(r"(?:text/plain|txt|text)$", one.args[0], re.IGNORECASE):
        if re.search(r"(?<!-)indexes", options) and "followsymlinks" in options.replace("-followsymlinks", ""):
            yield Sign((index,), "apache-sources-shown", "config", 0.85, "Sources and links to other sites' files are shown as text")
        return
    if not runs or (guarded and "cgi" in one.args[0].lower()):
        return
    parsed = "parsed" in one.args[0].lower()
    odd = [e.rsplit(".", 1)[-1] for e in extensions]
    if any(ext in _PICTURES for ext in odd) and not parsed:
        yield Sign((index,), "apache-runs-pictures", "config", 0.9, "Pictures or texts are run as programs")
        return
    strange = [ext for ext in odd if ext not in _PROGRAMS and ext not in _PAGES and ext]
    if strange:
        cgi = "execcgi" in options or "cgi" in one.args[0].lower()
        sure = 0.6 if parsed else 0.85 if cgi else 0.7
        yield Sign((index,), "apache-runs-odd", "config", sure, "Files of an unusual kind are run as programs")


_STATUS = re.compile(r"server-info|ldap-status|modperl|perl-script|sendmail|server-status", re.IGNORECASE)


def _set(index: int, one: Directive, where: Where) -> Iterable[Sign]:
    files = [s for s in one.sections if s.name in ("files", "filesmatch")]
    pattern = " ".join(files[-1].args) if files else ""
    if one.name in ("sethandler", "forcetype"):
        if _STATUS.search(one.args[0]) and not any(s.name.startswith("location") for s in one.sections) and _is_htaccess(where):
            yield Sign((index,), "apache-status", "config", 0.7, "The server's inner state is shown to anybody")
            return
        if not _RUNS.search(one.args[0]):
            return
    elif not re.search("includes|php", one.args[0], re.IGNORECASE):
        return
    if re.search(r"\\?\.ht", pattern):
        yield Sign((index,), "apache-runs-itself", "webshell", 0.95, "The configuration file itself is run as a program")
        return
    if one.name.endswith("filter"):
        return
    words = {word.lower() for word in _EXTENSION.findall(pattern)}
    if words & _PICTURES:
        yield Sign((index,), "apache-runs-pictures", "config", 0.92, "Pictures or texts are run as programs")
    elif not files and _is_htaccess(where) and not any(s.name in ("location", "directory", "if") for s in one.sections):
        sure = 0.85 if _PLANTED_PLACE.search(where.path) else 0.55
        yield Sign((index,), "apache-runs-all", "config", sure, "Every file of the folder is run as a program")
    elif files and not words & _PROGRAMS:
        sure = 0.6 if re.search(r"\\?\.[a-z0-9]{2,12}\$?", pattern) else 0.3
        yield Sign((index,), "apache-runs-odd", "config", sure, "A file of an unusual kind is run as a program")


def _is_htaccess(where: Where) -> bool:
    return "htaccess" in where.path.rsplit("/", 1)[-1].lower()


# --- who may see what


def _access(reading: Reading, _where: Where) -> Iterable[Sign]:
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
                yield Sign((index,), "apache-shows-itself", "config", 0.9, "The configuration file, which nobody needs to see, is shown to anybody")
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
        plain = {name.replace("\\", "") for name in names} - {"index.php", "wp-login.php", "xmlrpc.php"}
        if (greedy and (len(plain) > 1 or len(names) > 2)) or len(plain) > 3:
            sure = 0.92 if greedy else 0.7
            members = (at, *(index for index, some in allowed if some))
            yield Sign(members, "apache-lockout", "config", sure, "All scripts are locked, a few odd ones excepted")
            return


# --- whatever else brings foreign code


def _foreign_code(reading: Reading, where: Where) -> Iterable[Sign]:
    for index, one in enumerate(reading.directives):
        text = " ".join(one.args)
        if one.name in ("header", "requestheader", "substitute", "setenvif", "setenv"):
            if _INJECTS.search(text) and one.name != "setenvif":
                sure = 0.9 if host_of_any(text, where) else 0.6
                yield Sign((index,), "apache-injects", "injection", sure, "A script or frame is put into every page")
            elif one.name == "header" and re.search(r"\brefresh\b", text, re.IGNORECASE) and host_of_any(text, where):
                yield Sign((index,), "apache-refresh", "redirect", 0.85, "Every page is told to send its visitor to another host")
        elif one.name in ("proxypass", "proxypassmatch") and _is_htaccess(where) and host_of_any(text, where):
            yield Sign((index,), "apache-proxy", "redirect", 0.5, "Pages are fetched from another host for visitors")
        elif _SHELLS.search(text) and one.name not in ("rewriterule", "rewritecond", "secrule"):
            yield Sign((index,), "apache-runs-shell", "backdoor", 0.88, "A directive starts a command of the system")
        elif re.search(r"/etc/(?:passwd|shadow)", text) and not one.name.startswith(("rewrite", "redirect", "sec")):
            yield Sign((index,), "apache-reads-system", "config", 0.85, "A directive shows a file of the system")
        elif one.name in ("extfilterdefine", "scriptinterpretersource") and "cmd=" in text.lower():
            yield Sign((index,), "apache-runs-shell", "backdoor", 0.7, "A directive starts a command of the system")
        elif one.name.startswith("sec") and text.lower() == "off" and one.name in ("secfilterengine", "secruleengine", "secfilterscanpost"):
            yield Sign((index,), "apache-no-firewall", "config", 0.4, "The server's firewall is switched off")


def _disclosure(reading: Reading, where: Where) -> Iterable[Sign]:
    """Answers that tell a stranger which modules there are; a password asked for by another host."""
    telling = []
    for index, one in enumerate(reading.directives):
        if one.name == "header" and one.sections and one.sections[-1].name == "ifmodule":
            module = " ".join(one.sections[-1].args).lower()
            if len(module) > 5 and module in " ".join(one.args).lower():
                telling.append(index)
        elif one.name.startswith("auth") and one.name not in _AUTH_TEXT and _is_htaccess(where):
            bare = any(is_foreign(arg.lower(), where.own) and _HOST.fullmatch(arg) for arg in one.args)
            if bare or ("remote" in one.name and host_of_any(" ".join(one.args), where)):
                yield Sign((index,), "apache-password-elsewhere", "config", 0.7, "Passwords are sent to another host")
        elif one.name == "rewriterule" and len(one.args) > 1 and one.args[1].endswith(".htaccess"):
            yield Sign((index,), "apache-runs-itself", "webshell", 0.9, "Requests are led to the configuration file itself")
    if len(telling) > 3:
        yield Sign(tuple(telling), "apache-tells-modules", "config", 0.7, "Every answer tells which parts the server is made of")


_AUTH_TEXT = frozenset(("authname", "authuserfile", "authgroupfile", "authdigestdomain", "authldapurl"))
_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}\.[a-z]{2,24}", re.IGNORECASE)


def host_of_any(text: str, where: Where) -> str:
    """The first foreign host that a text names."""
    for match in re.finditer(r"(?:https?:)?\\?/\\?/[^\s\"'<>]{4,300}", text[:20_000]):
        host = host_of(match.group())
        if is_foreign(host, where.own):
            return host
    return ""


def _code_in_comments(content: bytes, reading: Reading) -> list[Sign]:
    """A comment is what Apache passes over and PHP runs, once the file is handed to it."""
    found: list[Sign] = []
    text = content[:1_000_000].decode("latin-1")
    for start, end in reading.comments:
        line = text[start:end]
        if start == 0 and re.match(r"#!\s*(?:/|[A-Za-z]:\\)", line):
            found.append(Sign((), "apache-script", "backdoor", 0.9, "The configuration file is also a script", (start, end)))
        match = _SOURCE.search(line)
        if match and re.search(r"\(|exec|\{|<jsp", line[match.end() :]):
            found.append(Sign((), "apache-holds-code", "webshell", 0.93, "A comment of the configuration holds a program", (start, end)))
            if len(found) > 20:
                break
    return found


def _padding(reading: Reading, signs: list[Sign]) -> list[Sign]:
    """Pushed out of the window of an editor."""
    flagged = {member for sign in signs for member in sign.members}
    padded = [
        index
        for index, one in enumerate(reading.directives)
        if one.indent >= _PADDED and one.name.startswith(("rewrite", "redirect", "php_", "error", "add", "set"))
    ]
    return [
        Sign((index,), "apache-padded", "config", 0.7, "A directive is pushed out of sight by blanks")
        for index in padded
        if index not in flagged
    ][:50]


_LOOKS = (_rewrites, _redirects, _settings, _handlers, _access, _foreign_code, _disclosure)
