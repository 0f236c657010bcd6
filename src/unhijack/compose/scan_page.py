"""A customer's report as a page: what was found, where, and what to do. Everything stands in it."""

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from unhijack.compose.scan_report import CustomerResult, FolderResult, is_sure
from unhijack.core.finding import Finding, Kind, Mend
from unhijack.core.text import printable

MOST_ROWS = 200
"""Findings of one folder that the page shows."""

_WHAT = {
    Kind.REDIRECT: "sends some of your visitors to another site",
    Kind.WEBSHELL: "a page with which a stranger can change everything in your website",
    Kind.BACKDOOR: "a back door: it runs what a stranger sends",
    Kind.INJECTION: "something was put into a page or file of yours",
    Kind.CONFIG: "a setting of the web server that strangers put there",
    Kind.DROPPER: "fetches or writes more planted code",
    Kind.SPAM: "hidden text or links for search engines",
    Kind.MODIFIED_CORE: "a file of the software is not as its makers published it",
    Kind.UNEXPECTED_FILE: "a file where the software has none",
}
_DO = {
    Mend.REMOVE_BLOCK: "take out the planted lines, keep the file",
    Mend.RESTORE: "put the file back as its makers published it",
    Mend.QUARANTINE: "set the whole file aside: nothing in it is yours",
    Mend.REVIEW: "have somebody look at it who knows the site",
}
_STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222 }
h1 { font-size: 1.5em } h2 { font-size: 1.2em; margin-top: 2em }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4em .6em; border-bottom: 1px solid #ccc }
td.path { font-family: monospace; overflow-wrap: anywhere }
.note { color: #555 }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
)

_NEXT = """<h2>What to do now</h2>
<ol>
<li>Do not simply delete the files: what is planted often brings itself back, and what shows how
it came in would be gone. Keep a copy, and the logs of the web server.</li>
<li>Take out everything that stands above, all in one go. Whoever looks after the server can do it
with <code>unhijack clean</code>, which keeps every original, so that it can be undone.</li>
<li>Update the software of the site, with all plugins and themes. Remove those you do not use.</li>
<li>Change every password: of the site's administrators, of FTP or SSH, of the database, of the
hosting account. Look for administrators that you did not make.</li>
<li>Then ask for another scan. It should find nothing.</li>
</ol>
<p class="note">You are the victim of a break-in. Nobody says that you did anything wrong. The scan
looked at files alone: not at the database, and not at how your visitors see the site. What it is
not certain of may be yours; nothing was changed.</p>
"""


def report_page(result: CustomerResult, scanned_at: str, organisation: str) -> bytes:
    """The page, in English, without scripts and without anything from elsewhere."""
    name = _text(result.customer.name)
    count = result.found
    things = "one thing that does" if count == 1 else f"{count} things that do"
    parts = [
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="referrer" content="no-referrer">\n'
        f'<meta name="robots" content="noindex">\n'
        f'<meta name="viewport" content="width=device-width">\n'
        f"<title>Scan of {name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n",
        f"<h1>Your website was broken into: {name}</h1>\n"
        if any(folder.sure for folder in result.folders)
        else f"<h1>Your website may have been broken into: {name}</h1>\n",
        f"<p>On {_text(scanned_at)}, {_text(organisation) or 'your host'} looked at the files of "
        f"your website and found {things} not belong there.</p>\n",
        *(part for folder in result.folders for part in _folder(folder)),
        _NEXT,
        "</body>\n</html>\n",
    ]
    return "".join(parts).encode()


def _folder(folder: FolderResult) -> Iterator[str]:
    names = ", ".join(_text(name) for name in folder.account.domains[:20])
    where = _text(folder.account.docroot)
    yield f"<h2>{names or where}</h2>\n"
    if folder.failed:
        yield f"<p>The folder {where} could not be scanned.</p>\n"
        return
    yield f"<p>Folder <code>{where}</code>, {folder.files} files.</p>\n"
    if folder.unread:
        yield f"<p>{folder.unread} files in it could not be looked at.</p>\n"
    if not folder.listed:
        yield "<p>Nothing was found in it.</p>\n"
        return
    yield "<table>\n<tr><th>where</th><th>what it is</th><th>what to do</th></tr>\n"
    for one in folder.listed[:MOST_ROWS]:
        yield _row(one, folder.account.docroot + "/")
    yield "</table>\n"
    more = folder.found - min(len(folder.listed), MOST_ROWS)
    if more > 0:
        yield f"<p>And {more} more.</p>\n"


def _row(one: Finding, prefix: str) -> str:
    line = f", line {one.line}" if one.line else ""
    doubt = "" if is_sure(one) else " (not certain)"
    return (
        f'<tr><td class="path">{_text(one.path.removeprefix(prefix), 500)}{line}</td>'
        f"<td>{_WHAT[one.kind]}{doubt}. {_text(one.reason, 400)}"
        f' <span class="note">[{_text(one.rule)}]</span></td>'
        f"<td>{_DO[one.repair]}</td></tr>\n"
    )


def _text(text: str, limit: int = 200) -> str:
    return escape(printable(text, limit))
