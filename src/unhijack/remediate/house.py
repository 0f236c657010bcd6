"""What a site cannot do without, and what runs again by itself: names of files, as CMS have them."""

import re

from unhijack.core.finding import Finding, Kind

_CONFIG = re.compile(
    r"(?:^|/)(?:wp-config|configuration|config|config\.inc|settings|local|localconfiguration"
    r"|local_settings|env|database|parameters|defines|conf|\.env)(?:\.[a-z]+)?$|(?:^|/)\.env(?:\.[a-z]+)?$",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    r"(?:^|/)(?:index\.(?:php[0-9]?|html?)|functions\.php|wp-load\.php|wp-settings\.php"
    r"|wp-blog-header\.php|header\.php|footer\.php|autoload\.php|bootstrap\.php|app\.php"
    r"|framework\.php|common\.php|init\.php|\.htaccess)$",
    re.IGNORECASE,
)
_REVIVER = re.compile(
    r"(?:^|/)(?:\.user\.ini|php\.ini|\.htaccess|crontab)$|(?:^|/)(?:mu-plugins|cron\.[a-z]+)/"
    r"|\.(?:service|timer|cron)$",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    rb"DB_PASSWORD|DB_USER|DB_NAME|DATABASE_URL|\bAUTH_KEY\b"
    rb"|['\"](?:password|passwd|db_pass)['\"]\s{0,20}=>|\$(?:db_?)?pass(?:word|wd)?\s{0,20}=",
    re.IGNORECASE,
)

DIRECTIVES = (".user.ini", "php.ini", ".htaccess")
"""Files that may name a file to be loaded before every other."""


def is_config(path: str) -> bool:
    """Whether a site's own settings may stand in a file of this name."""
    return _CONFIG.search(path) is not None


def is_entry(path: str) -> bool:
    """Whether a site asks for a file of this name at nearly every visit."""
    return is_config(path) or _ENTRY.search(path) is not None


def has_password(content: bytes) -> bool:
    """Whether the site's own access to its database stands there."""
    return _PASSWORD.search(content) is not None


def turn(path: str, findings: list[Finding]) -> int:
    """0: a directive that brings planted code back; 1: a file that does; 2: a file that every
    visit runs; 3: the rest. What comes back by itself must go before what it brings back.
    """
    kinds = {finding.kind for finding in findings}
    if Kind.CONFIG in kinds:
        return 0
    if Kind.DROPPER in kinds or _REVIVER.search(path):
        return 1
    return 2 if is_entry(path) else 3


TURNS = (
    "Settings that bring planted code back:",
    "Files that plant it again:",
    "Files that every visit runs, and those that load other planted files:",
    "The rest:",
)


def folders_of(path: str) -> list[str]:
    """The folders above a file, itself not among them: ``""``, ``a``, ``a/b``."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(len(parts) + 1)]
