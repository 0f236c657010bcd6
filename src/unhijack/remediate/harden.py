"""What to do so that it does not come back: only what fits what was found."""

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from unhijack.core.text import printable
from unhijack.remediate.cause import MANY_LOGINS, Cause


class Where(StrEnum):
    """Where a step is done."""

    APACHE = "apache"
    NGINX = "nginx"
    WORDPRESS = "wordpress"
    JOOMLA = "joomla"
    DRUPAL = "drupal"
    SHELL = "shell"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, as it is written or typed there."""

    where: Where
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to mend."""

    name: str
    """Stable."""
    urgency: int
    """1 is what lets them back in today, 3 is good housekeeping."""
    reason: str
    """What was found that asks for it."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Outdated:
    """A program of the site that has a newer release."""

    name: str
    """``WordPress``, or the folder of a plugin."""
    have: str
    newest: str = ""
    """Empty where nobody knows."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a scan saw. Everything that was not looked at stays as it is here."""

    cms: str = ""
    """``wordpress``, ``joomla``, ``drupal``...; empty where none was recognised."""
    server: Where | None = None
    """APACHE or NGINX; None shows the steps of both."""
    outdated: tuple[Outdated, ...] = ()
    writable_core: tuple[str, ...] = ()
    """Core files or folders that the web server's user may write."""
    php_in_uploads: tuple[str, ...] = ()
    upload_folders: tuple[str, ...] = ()
    """Those that PHP lies in, relative to the document root: ``wp-content/uploads``."""
    default_keys: bool = False
    """Keys and salts of wp-config.php are the sample's, missing, or another site's."""
    planted: bool = False
    """Anything was found: then its keys and passwords were read."""
    file_editor_on: bool = False
    exposed: tuple[str, ...] = ()
    """What strangers can fetch: ``.git``, ``.env``, ``backup.zip``, ``adminer.php``."""
    neighbours: tuple[str, ...] = ()
    """Other sites of the same account."""
    database_routines: int = 0
    """Triggers, events and procedures that were judged planted."""
    odd_administrators: int = 0
    jobs: int = 0
    """Planted lines in crontabs, units or profiles."""
    unused: tuple[str, ...] = ()
    """Plugins and themes that are installed and not active."""


Rule = Callable[[Facts, Cause | None], Iterator[Advice]]

MOST_NAMES = 5
_PLAIN = re.compile(r"[A-Za-z0-9_./-]{1,120}")
"""A folder that may stand in a configuration as it is."""
_UPLOADS = {
    "wordpress": "wp-content/uploads",
    "joomla": "images",
    "drupal": "sites/default/files",
    "magento": "media",
}


def harden(facts: Facts, cause: Cause | None = None) -> tuple[Advice, ...]:
    """The list that fits, the most urgent first."""
    found = [advice for rule in RULES for advice in rule(facts, cause)]
    fitting = [
        Advice(one.name, one.urgency, one.reason, tuple(_fitting(one, facts))) for one in found
    ]
    return tuple(sorted(fitting, key=lambda one: one.urgency))


def _fitting(advice: Advice, facts: Facts) -> Iterator[Step]:
    """Steps of a server or program that is not there are left out."""
    systems = {Where.WORDPRESS, Where.JOOMLA, Where.DRUPAL}
    servers = {Where.APACHE, Where.NGINX}
    for step in advice.steps:
        other_server = step.where in servers and facts.server not in (None, step.where)
        if not other_server and (step.where not in systems or step.where == facts.cms):
            yield step


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(printable(name, 80) for name in names[:MOST_NAMES])
    return shown + (f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else "")


def _way_in(_facts: Facts, cause: Cause | None) -> Iterator[Advice]:
    for way in cause.ways[:3] if cause else ():
        if way.confidence >= 0.5:
            reason = f"It probably came through {way.what}."
            yield Advice(f"way-{way.name}", 1, reason, (Step(Where.PERSON, way.advice),))


def _comes_back(facts: Facts, _cause: Cause | None) -> Iterator[Advice]:
    if facts.database_routines:
        yield Advice(
            "database-programs",
            1,
            f"{facts.database_routines} programs in the database bring it back.",
            (Step(Where.PERSON, "Drop them first (`unhijack clean`), then mend the files."),),
        )
    if facts.jobs:
        yield Advice(
            "jobs",
            1,
            f"{facts.jobs} jobs of the machine bring it back.",
            (
                Step(Where.SHELL, "crontab -l -u USER; systemctl list-timers --all; atq"),
                Step(Where.PERSON, "Remove them first, and end the processes that they started."),
            ),
        )


def _old(facts: Facts, _cause: Cause | None) -> Iterator[Advice]:
    for one in facts.outdated:
        newer = f"; {printable(one.newest, 40)} is out" if one.newest else ""
        reason = f"{printable(one.name, 80)} is at {printable(one.have, 40)}{newer}."
        yield Advice(
            "outdated",
            1,
            reason,
            (
                Step(
                    Where.WORDPRESS, "wp core update; wp plugin update --all; wp theme update --all"
                ),
                Step(Where.JOOMLA, "System > Update > Joomla and Extensions"),
                Step(
                    Where.DRUPAL,
                    "composer update 'drupal/core-*' --with-all-dependencies; drush updb",
                ),
                Step(
                    Where.PERSON, "Turn automatic updates on; remove what is no longer cared for."
                ),
            ),
        )


def _uploads(facts: Facts, _cause: Cause | None) -> Iterator[Advice]:
    if not facts.php_in_uploads:
        return
    plain = [one for one in facts.upload_folders[:MOST_NAMES] if _PLAIN.fullmatch(one)]
    folders = plain or [_UPLOADS.get(facts.cms, "uploads")]
    pattern = "|".join(re.escape(one) for one in folders)
    denied = (
        '<FilesMatch "(?i)\\.(php\\d?|phtml|phar|pht)($|\\.)">\n'
        "    Require all denied\n</FilesMatch>"
    )
    whole = "\n".join(
        f'<Directory "DOCROOT/{folder}">\n{textwrap.indent(denied, "    ")}\n'
        "    AllowOverride None\n</Directory>"
        for folder in folders
    )
    yield Advice(
        "php-in-uploads",
        1,
        f"PHP lies where visitors' files go: {_names(facts.php_in_uploads)}.",
        (
            Step(Where.APACHE, whole),
            Step(
                Where.APACHE,
                f"# or, on a shared host, in the .htaccess of {' and of '.join(folders)}:\n{denied}",
            ),
            Step(
                Where.NGINX,
                f"location ~* ^/(?:{pattern})/.*\\.(?:php\\d?|phtml|phar|pht)(?:$|/) {{ deny all; }}",
            ),
        ),
    )


def _writable(facts: Facts, _cause: Cause | None) -> Iterator[Advice]:
    if facts.writable_core:
        yield Advice(
            "writable-core",
            2,
            f"The web server may change the program itself: {_names(facts.writable_core)}.",
            (
                Step(
                    Where.SHELL,
                    "chown -R OWNER:WEBGROUP DOCROOT && find DOCROOT -type d -exec chmod 750 {} +"
                    " && find DOCROOT -type f -exec chmod 640 {} +"
                    "  # then make the folders of uploads and caches alone writable for WEBGROUP",
                ),
                Step(Where.WORDPRESS, "Update by wp-cli as OWNER, not through the browser."),
            ),
        )


def _secrets(facts: Facts, _cause: Cause | None) -> Iterator[Advice]:
    if not facts.planted and not facts.default_keys:
        return
    reason = (
        "Keys and salts are a sample's or another site's: sessions can be forged."
        if facts.default_keys
        else "Whoever planted it could read every key and password of the site."
    )
    yield Advice(
        "secrets",
        1,
        reason,
        (
            Step(Where.WORDPRESS, "wp config shuffle-salts; wp user session destroy --all"),
            Step(Where.JOOMLA, "Give $secret and $password in configuration.php new values."),
            Step(
                Where.DRUPAL,
                "Give $settings['hash_salt'] a new value; drush sql:query 'DELETE FROM sessions'",
            ),
            Step(
                Where.PERSON,
                "Change the passwords of the database, FTP, SSH, the panel and all administrators,"
                " and keys of mail and payment services that stand in files.",
            ),
        ),
    )


def _editor(facts: Facts, cause: Cause | None) -> Iterator[Advice]:
    used = any(way.name == "wp-editor" for way in cause.ways) if cause else False
    if facts.cms == "wordpress" and (facts.file_editor_on or used):
        reason = "Whoever logs in as administrator can write PHP in the browser."
        line = "define('DISALLOW_FILE_EDIT', true);  // in wp-config.php; DISALLOW_FILE_MODS forbids uploads too"
        yield Advice("file-editor", 2, reason, (Step(Where.WORDPRESS, line),))


def _logins(facts: Facts, cause: Cause | None) -> Iterator[Advice]:
    ways = {way.name for way in cause.ways} if cause else set()
    refused = [one.refused_logins for one in cause.suspects] if cause else []
    refused += [way.refused_logins for way in cause.ways] if cause else []
    guessed = max(refused, default=0) >= MANY_LOGINS
    if not guessed and not facts.odd_administrators:
        return
    reason = (
        "Passwords were guessed by the hundreds."
        if guessed
        else "There are administrators whom nobody registered."
    )
    steps = [
        Step(Where.WORDPRESS, "wp user list --role=administrator  # remove whom nobody knows"),
        Step(Where.JOOMLA, "Users > Manage > Super Users: remove whom nobody knows; turn 2FA on."),
        Step(Where.DRUPAL, "drush user:information --mail=...; block whom nobody knows."),
        Step(Where.PERSON, "Long passwords, a second factor, and a limit on tries."),
        Step(
            Where.NGINX,
            "limit_req_zone $binary_remote_addr zone=login:10m rate=10r/m;  # in http\n"
            "location = /wp-login.php { limit_req zone=login burst=5; ... }",
        ),
    ]
    if "wp-xmlrpc" in ways or (guessed and facts.cms == "wordpress"):
        steps += [
            Step(Where.APACHE, '<Files "xmlrpc.php">\n    Require all denied\n</Files>'),
            Step(Where.NGINX, "location = /xmlrpc.php { deny all; }"),
        ]
    yield Advice("logins", 1, reason, tuple(steps))


def _exposed(facts: Facts, _cause: Cause | None) -> Iterator[Advice]:
    if facts.exposed:
        yield Advice(
            "exposed",
            1,
            f"Strangers can fetch what holds secrets or code: {_names(facts.exposed)}.",
            (
                Step(Where.SHELL, "Move them out of the document root."),
                Step(Where.APACHE, 'RedirectMatch 404 "/\\.(?!well-known/)"'),
                Step(
                    Where.APACHE,
                    '<FilesMatch "(?i)\\.(sql|bak|old|orig|save|swp|zip|tar|t?gz|7z|log|ini)$">\n'
                    "    Require all denied\n</FilesMatch>",
                ),
                Step(Where.NGINX, "location ~ /\\.(?!well-known/) { deny all; }"),
                Step(
                    Where.NGINX,
                    "location ~* \\.(?:sql|bak|old|orig|save|swp|zip|tar|t?gz|7z|log|ini)$ { deny all; }",
                ),
                Step(Where.PERSON, "Count every key and password in them as known."),
            ),
        )


def _neighbours(facts: Facts, _cause: Cause | None) -> Iterator[Advice]:
    if facts.neighbours and facts.planted:
        yield Advice(
            "neighbours",
            1,
            f"Other sites can be written by the same account: {_names(facts.neighbours)}.",
            (
                Step(Where.SHELL, "unhijack scan EACH_DOCROOT"),
                Step(Where.PERSON, "Give each site an account and a PHP pool of its own."),
            ),
        )


def _unused(facts: Facts, _cause: Cause | None) -> Iterator[Advice]:
    if facts.unused:
        yield Advice(
            "unused",
            3,
            f"Installed and not used: {_names(facts.unused)}.",
            (
                Step(Where.WORDPRESS, "wp plugin delete NAME; wp theme delete NAME"),
                Step(Where.PERSON, "What is not there needs no update."),
            ),
        )


RULES: tuple[Rule, ...] = (
    _comes_back,
    _way_in,
    _old,
    _uploads,
    _secrets,
    _logins,
    _exposed,
    _neighbours,
    _writable,
    _editor,
    _unused,
)
