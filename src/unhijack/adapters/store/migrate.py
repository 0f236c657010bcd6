"""The schema at the version that this program knows; one of a newer program is left alone."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from unhijack.core.errors import WrongUse

HEAD = "0003"
"""The newest of the migrations (a test compares): so that nothing else is loaded to learn that a
database is up to date."""
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))


def migrate(engine: sa.Engine, migrations: Path, name: str, back_up: Callable[[str], None]) -> None:
    """Make the tables, or bring those of an older version up to date. Raises WrongUse.

    `back_up` is called with the older version before anything is changed.
    """
    with engine.connect() as connection:
        current = _version(connection)
        foreign = current is None and sa.inspect(connection).get_table_names()
    if current == HEAD:
        return
    if foreign:
        raise WrongUse(f"database {name}: it is no unhijack database")
    if current is not None:
        if current > HEAD or not current.isdigit():
            raise WrongUse(
                f"{name} was written by a newer unhijack (schema {current[:40]!r}): "
                "update the program"
            )
        back_up(current)
    _upgrade(engine, migrations)


def _upgrade(engine: sa.Engine, migrations: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # one of many workers does it
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7517001)")
            if _version(connection) == HEAD:
                return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    found = connection.scalar(sa.select(_VERSION.c.version_num).order_by(_VERSION.c.version_num))
    return None if found is None else str(found)
