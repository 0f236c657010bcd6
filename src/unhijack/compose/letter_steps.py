"""What to do, by the software that was seen."""

from collections.abc import Iterator

from unhijack.compose.document import Block, Heading, Step, Steps
from unhijack.compose.letter_kinds import (
    Reader,
    Role,
)
from unhijack.compose.letter_words import CMS, PANELS, SERVERS
from unhijack.compose.redact import Cleared
from unhijack.compose.tongue import Tongue, _

_TO_DO = _("What to do")
_COPY = _(
    "Copy all files, the database and the access logs, and keep the copy apart from the server."
)
_LOOK = _(
    "Look for files that were changed lately and for files that do not belong there: {places}. In "
    "folders for uploads there should be no PHP files."
)
_LOOK_IN_CMS = _(
    "In {cms}, look at these files and folders first: {places}. These folders should hold no PHP "
    "files: {uploads}."
)
_LOOK_IN_DATABASE = _(
    "Look also at texts and settings that are kept in the database, and at the list of "
    "administrators."
)
_COMPARE_WORDPRESS = _("This command compares WordPress with the original:")
_LOOK_IN_SERVER = _(
    "In the configuration of {server}, look for redirects, rewrite rules and included files that "
    "you do not know: {places}."
)
_LOOK_IN_PANEL = _(
    "In {panel}, look at the redirects, the scheduled tasks and the additional FTP accounts."
)
_SCAN = _(
    "Scan the files. The first command finds planted code and changes nothing. Where nothing can "
    "be installed, the second does the same from a single file; it needs Python alone."
)
_RESTORE = _(
    "Restore a backup from before the break-in, or remove the planted code. Removing the redirect "
    "alone is not enough: a back door usually lies beside it."
)
_UPDATE = _(
    "Update the software of the website with all plugins and themes. Remove what nobody needs."
)
_PASSWORDS = _(
    "Change every password: administration, FTP, SSH, database, hosting account. Delete accounts "
    "that nobody knows."
)
_NEIGHBOURS = _(
    "Check whether other websites on the same account or server behave in the same way."
)
SCANS = ("unhijack scan /var/www", "python3 unhijack-scan.pyz /var/www")
_VERIFY_WORDPRESS = "wp core verify-checksums"


def what_to_do(cleared: Cleared, reader: Reader, tongue: Tongue) -> Iterator[Block]:
    """Steps for the software that was seen; an abuse desk knows the rest."""
    places = list(_places(cleared, tongue))
    if reader.role is Role.HOSTER:
        known = (_RESTORE, _NEIGHBOURS)
        steps = [*places[:1], Step(tongue.say(_SCAN), SCANS), *(Step(tongue.say(x)) for x in known)]
    else:
        last = (_RESTORE, _UPDATE, _PASSWORDS)
        steps = [
            Step(tongue.say(_COPY)),
            *places,
            Step(tongue.say(_SCAN), SCANS),
            *(Step(tongue.say(one)) for one in last),
        ]
    yield Heading(tongue.say(_TO_DO))
    yield Steps(tuple(steps))


def _places(cleared: Cleared, tongue: Tongue) -> Iterator[Step]:
    """Where to look, by what the site is made with."""
    made = cleared.made_with
    if made.cms in CMS:
        cms, places, uploads = CMS[made.cms]
        yield Step(tongue.say(_LOOK_IN_CMS, cms=cms, places=places, uploads=uploads))
        yield Step(tongue.say(_LOOK_IN_DATABASE))
    else:
        yield Step(tongue.say(_LOOK, places="index.html, index.php, .htaccess, *.js"))
    if made.cms == "wordpress":
        yield Step(tongue.say(_COMPARE_WORDPRESS), (_VERIFY_WORDPRESS,))
    if made.server in SERVERS:
        server, places = SERVERS[made.server]
        yield Step(tongue.say(_LOOK_IN_SERVER, server=server, places=places))
    if made.panel in PANELS:
        yield Step(tongue.say(_LOOK_IN_PANEL, panel=PANELS[made.panel]))
