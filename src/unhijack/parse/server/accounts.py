"""Whose folder is it? Lists of customers as CSV, and as the files of hosting panels."""

import csv
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from unhijack.core.account import Account, Customer, Refused
from unhijack.core.text import printable

MOST_LINES = 2_000_000
LONGEST_NAME = 200
LONGEST_LINE = 16_384
LONGEST_PATH = 4_096

_HEADINGS = {
    "customer": "customer",
    "account": "customer",
    "login": "customer",
    "user": "customer",
    "docroot": "docroot",
    "documentroot": "docroot",
    "document_root": "docroot",
    "www_root": "docroot",
    "mail": "mail",
    "email": "mail",
    "language": "language",
    "locale": "language",
    "domain": "domain",
    "domains": "domain",
    "name": "domain",
}
"""Column names of our own, and of panels' exports (Plesk: ``login``, ``www_root``, ``name``)."""
_ORDER = ("customer", "docroot", "mail", "language", "domain")
"""Without a line of headings."""
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_MAILBOX = re.compile(r"[^\s<>()\[\]\\,;:\"@]{1,64}@[^\s<>()\[\]\\,;:\"@]{1,190}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2}")

Read = Iterator[Account | Refused]


def read_csv(text: str, source: str) -> Read:
    """``customer,docroot[,mail][,language][,domain]``, or whatever its first line says.

    Commas, semicolons or tabs; cells in quotation marks may hold line breaks. Several domains
    of one folder stand in one cell with blanks between, or on lines of their own.
    """
    rows = csv.reader(_lines(text), delimiter=_delimiter(text), strict=False)
    columns: Sequence[str] | None = None
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield Refused(source, rows.line_num, f"no CSV: {printable(str(error))}")
            continue
        if row is None:
            return
        cells = [cell.strip(" \t\ufeff") for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if columns is None:
            named = [_HEADINGS.get(cell.lower(), "") for cell in cells]
            headed = "docroot" in named and "customer" in named
            columns = named if headed else _ORDER
            if headed:
                continue
        values = dict(zip(columns, cells, strict=False))
        yield account(
            values.get("customer", ""),
            values.get("docroot", ""),
            source,
            rows.line_num,
            domains=values.get("domain", "").split(),
            mail=values.get("mail", ""),
            language=values.get("language", ""),
        )


def _lines(text: str) -> Iterator[str]:
    """Lines end with a line feed, and with nothing else that Unicode calls an end."""
    return (line + "\n" for line in islice(text.split("\n"), MOST_LINES))


def _delimiter(text: str) -> str:
    first = next((line for line in text[:LONGEST_LINE].splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def is_userdatadomains(text: str) -> bool:
    """Whether it is cPanel's list of all domains, by its first line."""
    first = next((line for line in text[:LONGEST_LINE].splitlines() if line.strip()), "")
    return first.partition(": ")[2].count("==") >= 4


def read_userdatadomains(text: str, source: str) -> Read:
    """Of cPanel, ``/etc/userdatadomains``: ``domain: user==owner==kind==main domain==docroot==...``."""
    for number, line in enumerate(_lines(text), start=1):
        domain, _, rest = line.strip("\r\n").partition(": ")
        fields = rest.split("==")
        if len(fields) >= 5:
            yield account(fields[0], fields[4], source, number, domains=[domain])
        elif line.strip():
            yield Refused(source, number, "it is not domain: user==owner==kind==domain==docroot")


_USERDATA = re.compile(
    r"^(documentroot|servername|serveralias|user):[ \t]*(.{0,4096}?)[ \t\r]*$", re.MULTILINE
)


def read_userdata(text: str, user: str, source: str) -> Read:
    """Of cPanel, ``/var/cpanel/userdata/USER/DOMAIN``: flat YAML. Others there name no folder."""
    found = {
        name: value.strip("'\"") for name, value in _USERDATA.findall(text[: 64 * LONGEST_LINE])
    }
    if "documentroot" in found:
        names = [found.get("servername", ""), *found.get("serveralias", "").split()]
        yield account(user, found["documentroot"], source, 1, domains=names)


def read_domains_list(text: str, user: str, source: str) -> Read:
    """Of DirectAdmin, ``data/users/USER/domains.list``: a domain a line, folders by custom."""
    for number, line in enumerate(_lines(text), start=1):
        domain = line.strip().lower()
        if not domain:
            continue
        if not _HOST.fullmatch(domain) or not _HOST.fullmatch(f"{user.lower()}.test"):
            yield Refused(source, number, "it is no domain")
            continue
        folder = f"/home/{user}/domains/{domain}"
        yield account(user, f"{folder}/public_html", source, number, domains=[domain])


def ispconfig_account(path: str) -> Account | Refused | None:
    """``.../clients/clientN/webM`` as ISPConfig lays it out; None for any other path."""
    match = re.fullmatch(r".*/clients/(client\d{1,9})/web\d{1,9}", path)
    return account(match[1], f"{path}/web", path, 0) if match else None


def plesk_account(path: str) -> Account | Refused | None:
    """``.../vhosts/DOMAIN`` as Plesk lays it out, each domain as a customer; None for others."""
    match = re.fullmatch(r".*/vhosts/([^/]+)", path)
    if match is None or not _HOST.fullmatch(match[1].lower()):
        return None
    return account(match[1], f"{path}/httpdocs", path, 0, domains=[match[1]])


def account(
    customer: str,
    docroot: str,
    source: str,
    line: int,
    *,
    domains: Iterable[str] = (),
    mail: str = "",
    language: str = "",
) -> Account | Refused:
    """An account of fields that anybody may have written; what is no name, mailbox or language
    is left out, what is no folder is refused.
    """
    if not customer or len(customer) > LONGEST_NAME:
        return Refused(source, line, f"no customer, or one of over {LONGEST_NAME} characters")
    if not docroot.startswith("/") or "\0" in docroot or len(docroot) > LONGEST_PATH:
        return Refused(source, line, f"no absolute folder: {printable(docroot, 60)}")
    if ".." in docroot.split("/"):
        return Refused(source, line, f"a folder with .. in it: {printable(docroot, 60)}")
    path = posixpath.normpath(docroot)
    if path.startswith("//"):
        path = path[1:]
    if path == "/":
        return Refused(source, line, "the whole machine is nobody's site")
    named = (name.lower().strip(".") for name in domains)
    return Account(
        customer,
        path,
        tuple(dict.fromkeys(name for name in named if _HOST.fullmatch(name))),
        mail if _MAILBOX.fullmatch(mail) else "",
        language if _LANGUAGE.fullmatch(language) else "",
    )


def customers(accounts: Iterable[Account]) -> list[Customer]:
    """Accounts by customer, in the order in which they first come.

    Of a customer's folders that lie in each other the outermost is kept, and has the names of
    all: a panel lays further domains into the first one's folder.
    """
    by_name: dict[str, dict[str, Account]] = {}
    for one in accounts:
        folders = by_name.setdefault(one.customer, {})
        folders[one.docroot] = _joined(folders.get(one.docroot), one)
    return [
        Customer(name, _outermost(folders), *_first_mail(folders.values()))
        for name, folders in by_name.items()
    ]


def _outermost(folders: dict[str, Account]) -> tuple[Account, ...]:
    kept: dict[str, Account] = {}
    for path, one in sorted(folders.items()):
        outer = next((above for above in _above(path) if above in kept), None)
        if outer is None:
            kept[path] = one
        else:
            kept[outer] = _joined(kept[outer], one)
    return tuple(kept.values())


def _above(path: str) -> Iterator[str]:
    while (path := posixpath.dirname(path)) != "/":
        yield path


def _joined(first: Account | None, more: Account) -> Account:
    if first is None:
        return more
    names = tuple(dict.fromkeys((*first.domains, *more.domains)))
    return Account(
        first.customer,
        first.docroot,
        names,
        first.mail or more.mail,
        first.language or more.language,
    )


def _first_mail(accounts: Iterable[Account]) -> tuple[str, str]:
    mail = language = ""
    for one in accounts:
        mail, language = mail or one.mail, language or one.language
    return mail, language
