"""Shells in other languages of the web that lie in a PHP server's folders: ASP, JSP, Perl, Python..."""

from __future__ import annotations

import re
from re import Pattern
from typing import NamedTuple

from unhijack.parse.plain.marks import Mark

MAX_READ = 1 << 20


class Trace(NamedTuple):
    """What a shell in one of these languages cannot do without."""

    name: str
    confidence: float
    reason: str
    atom: bytes
    """In lower case; has to be somewhere in the file too."""
    pattern: Pattern[bytes]
    """Of lower case text; bounded, so that it costs no more than the file is long."""


def _row(name: str, confidence: float, reason: str, atom: str, pattern: bytes) -> Trace:
    return Trace(name, confidence, reason, atom.encode(), re.compile(pattern))


_FILES = "Reads and writes files of the server as a request says."
_LOADS = "Loads a program that a request brings."
_RUNS = "Runs what a request brings."
_COMMANDS = "Runs commands of the server."

SERVER_PAGES: tuple[Trace, ...] = (
    _row("asp-runs-request", 0.92, _RUNS, "request",
         rb"\b(?:eval|execute|executeglobal|executestatement|addcode)\b[^\r\n]{0,60}?\brequest\b"),
    _row("asp-runs-text", 0.6, _RUNS, "", rb"\b(?:eval|execute|executeglobal|executestatement)\s{0,5}\(?[^;\r\n]{0,80}?(?:\"unsafe\"|[a-z_]\w{0,20}\(|session|str)"),
    _row("asp-commands", 0.85, _COMMANDS, "wscript.shell", rb"wscript\.shell"),
    _row("asp-commands", 0.85, _COMMANDS, "", rb"createobject[^\r\n]{0,40}shell\.application|72c24dd5-d70a-438b-8a42-98424b88afb8|wscript[\"&+ ]{2,9}\.?s"),
    _row("asp-files", 0.6, _FILES, "filesystemobject",
         rb"\.(?:createtextfile|opentextfile|deletefile|movefile|copyfile)\b"),
    _row("asp-files", 0.6, _FILES, "adodb.stream", rb"savetofile"),
    _row("asp-decodes", 0.7, "Runs what it has decoded.", "execute",
         rb"\bexecute(?:global)?\s{0,5}\(?\s{0,5}(?:[a-z_]\w{0,30}\s{0,5}\(|unescape|strreverse|replace)"),
    _row("asp-encoded", 0.6, "Is encoded so that nobody can read it.", "#@~^", rb"#@~\^[a-z0-9+/]{6}=="),
    _row("aspx-commands", 0.85, _COMMANDS, "process", rb"processstartinfo|process\.start\s{0,5}\(|diagnostics\.process|new process\s{0,5}\("),
    _row("aspx-loads-request", 0.9, _LOADS, "assembly", rb"assembly\)?\.load\s{0,5}\(|assembly\b[^;]{0,60}\bload\b"),
    _row("aspx-files", 0.55, _FILES, "request", rb"file\.write|streamwriter\s{0,5}\(|\.saveas\s{0,5}\(|file\.delete|file\.create"),
    _row("aspx-files", 0.55, _FILES, "runat", rb"\.saveas\s{0,5}\(|getdirectories\s{0,5}\(|streamwriter\s{0,5}\("),
    _row("jsp-commands", 0.85, _COMMANDS, "exec", rb"getruntime\s{0,5}\(\s{0,5}\)\s{0,5}\.\s{0,5}exec|runtime\b[^;]{0,200}?\bexec\b"),
    _row("jsp-commands", 0.85, _COMMANDS, "processbuilder", rb"processbuilder"),
    _row("jsp-loads-request", 0.9, _LOADS, "defineclass", rb"defineclass"),
    _row("jsp-reflects", 0.7, "Calls by reflection what it hides.", "class.forname",
         rb"class\.forname\s{0,5}\(\s{0,5}(?:new string|[a-z_]\w{0,30}\s{0,5}\()"),
    _row("jsp-reflects", 0.7, "Calls by reflection what it hides.", "scriptengine", rb"scriptengine"),
    _row("jsp-files", 0.6, _FILES, "request.get", rb"fileoutputstream|filewriter\s{0,5}\("),
    _row("jsp-files", 0.6, _FILES, "request.get", rb"\.(?:delete|mkdir|renameto|listfiles)\s{0,5}\("),
    _row("cfm-commands", 0.85, _COMMANDS, "<cfexecute", rb"<cfexecute"),
    _row("cfm-files", 0.55, _FILES, "<cfdirectory", rb"<cffile|<cfdirectory"),
    _row("tunnel", 0.6, "Carries other people's connections.", "request",
         rb"socketchannel|new socket\b|addressfamily|tcpclient"),
    _row("database-shell", 0.5, "Runs what a request brings in a database.", "request",
         rb"xp_cmdshell|(?:executequery|executeupdate)\s{0,5}\(\s{0,5}(?:request|[a-z_]{0,20}sql)"),
)  # fmt: skip

SCRIPTS: tuple[Trace, ...] = (
    _row("script-shell-back", 0.85, "Connects a shell to a stranger.", "socket",
         rb"/bin/(?:ba)?sh|pty\.spawn|cmd\.exe|os\.dup2"),
    _row("script-cgi-shell", 0.75, _RUNS, "query_string",
         rb"\bsystem\s{0,5}\(|\bexec\b|`|open\s{0,5}\(\s{0,5}\w{1,20}\s{0,5},\s{0,5}[\"'][^\"'\n]{0,200}\|"),
    _row("script-cgi-shell", 0.75, _RUNS, "fieldstorage",
         rb"os\.popen|os\.system|subprocess|commands\.getoutput|popen"),
)  # fmt: skip


def server_page_marks(content: bytes) -> list[Mark]:
    """Marks of a shell in ASP, ASP.NET, JSP or ColdFusion."""
    low = content[:MAX_READ].replace(b"\0", b"").lower()
    if b"<%" not in low and b"<cf" not in low and b"runat" not in low and b"<jsp:" not in low:
        return []
    return _marks(low, SERVER_PAGES)


def script_marks(content: bytes) -> list[Mark]:
    """Marks of a shell in Perl, Python, Ruby or of a Unix shell's."""
    low = content[:MAX_READ].lower()
    return _marks(low, SCRIPTS)


def _marks(low: bytes, rows: tuple[Trace, ...]) -> list[Mark]:
    marks: list[Mark] = []
    for row in rows:
        if row.atom not in low:
            continue
        match = row.pattern.search(low)
        if match:
            end = min(match.end(), match.start() + 300)
            marks.append(
                Mark(
                    row.name, "webshell", row.confidence, row.reason, match.start(), end, whole=True
                )
            )
    return marks
