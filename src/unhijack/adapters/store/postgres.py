"""The database of a house with many workers."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import sqlalchemy as sa

from unhijack.adapters.store.migrate import migrate
from unhijack.adapters.store.sql import Place
from unhijack.core.errors import WrongUse
from unhijack.ports import StoreUnavailable

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 60
DUMP_SECONDS = 3600


def open_postgres(url: str, migrations: Path, backups: Path, schema: str = "") -> Place:
    """The database at an address (``postgresql://``), brought up to date. Raises WrongUse.

    An older one is dumped into the folder `backups` before it is changed. `schema` is searched
    beside its own: the queue's tables lie there.
    """
    address = _address(url)
    name = address.render_as_string(hide_password=True)
    path = f"-csearch_path=public,{schema} " if schema else ""
    engine = sa.create_engine(
        address,
        pool_pre_ping=True,
        pool_size=4,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "unhijack",
            "options": f"{path}-cstatement_timeout={STATEMENT_SECONDS}s -csynchronous_commit=on",
        },
    )
    with explained(name):
        migrate(engine, migrations, name, lambda version: _dump(address, version, backups))
    return Place(engine, lambda: explained(name), None, lambda: None)


def _address(url: str) -> sa.URL:
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise WrongUse("the database's address is none: postgresql://user@host/name") from None
    if address.get_backend_name() != "postgresql":
        raise WrongUse("the database must be postgresql://user@host/name")
    return address.set(drivername="postgresql+psycopg")


def _dump(address: sa.URL, version: str, backups: Path) -> None:
    """A backup by the database's own program."""
    program = shutil.which("pg_dump")
    if program is None:
        raise WrongUse(
            "the database is of an older version, and pg_dump is missing: install "
            "postgresql-client, so that it can be saved before it is changed"
        )
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = backups / f"unhijack.{version}-{stamp}.dump"
    path.touch(mode=0o600)
    plain = address.set(drivername="postgresql", password=None)
    done = subprocess.run(
        [program, "--format=custom", f"--file={path}", plain.render_as_string()],
        env={"PATH": "/usr/bin:/bin", "PGPASSWORD": address.password or ""},
        capture_output=True,
        timeout=DUMP_SECONDS,
        check=False,
    )
    if done.returncode:
        path.unlink()
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise WrongUse(f"the database cannot be saved before it is changed: {words[-1:]}")


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Database errors that pass, or that a person can mend, in one line."""
    try:
        yield
    except sa.exc.TimeoutError:
        raise StoreUnavailable(f"database {name}: it has no connection to spare") from None
    except sa.exc.DataError:
        raise WrongUse("there is no case with so large a number") from None
    except sa.exc.DBAPIError as error:
        cause = error.orig
        if isinstance(cause, psycopg.errors.DiskFull):
            raise StoreUnavailable(f"database {name}: its disk is full") from None
        if isinstance(cause, psycopg.OperationalError) or error.connection_invalidated:
            said = " ".join(str(cause).split())[:200]
            raise StoreUnavailable(f"database {name}: it does not answer ({said})") from None
        raise
