"""Customers of a hoster, and the folders that their sites are served from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """One folder of one customer, as a panel or a list has it."""

    customer: str
    """The hoster's own name for them; any text."""
    docroot: str
    """Absolute, without ``.`` and ``..``; undecodable bytes as surrogates (``os.fsdecode``)."""
    domains: tuple[str, ...] = ()
    """Names under which the folder is served, in lower case."""
    mail: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A line of a list that names no folder to scan, and why, in harmless words."""

    source: str
    """File of the list."""
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with all of their folders; none of these lies in another."""

    name: str
    docroots: tuple[Account, ...]
    mail: str = ""
    language: str = ""
