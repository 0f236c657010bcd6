"""The schema at the version that this program knows; one of a newer program is left alone."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from unhijack.core.errors import WrongUse


def migrate(engine: sa.Engine, migrations: Path, name: str, back_up: Callable[[str], None]) -> None:
    """Make the tables, or bring those of an older version up to date. Raises WrongUse.

    `back_up` is called with the older version before anything is changed.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head()
    with engine.connect() as connection:
        current = _version(connection)
        foreign = current is None and sa.inspect(connection).get_table_names()
    if current == head:
        return
    if foreign:
        raise WrongUse(f"database {name}: it is no unhijack database")
    if current is not None:
        if current not in {revision.revision for revision in script.walk_revisions()}:
            raise WrongUse(
                f"{name} was written by a newer unhijack (schema {current[:40]!r}): "
                "update the program"
            )
        back_up(current)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # one of many workers does it
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7517001)")
            if _version(connection) == head:
                return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: sa.Connection) -> str | None:
    heads = MigrationContext.configure(connection).get_current_heads()
    return min(heads) if heads else None
