"""From the address of a database to the door that fits it."""

from unhijack.adapters.database.address import SqliteAddress, read_address
from unhijack.ports import Database, DatabaseMend


def open_database(address: str, password: str = "") -> Database:
    """A database to read, in a session that cannot write. Raises WrongUse."""
    place = read_address(address, password)
    if isinstance(place, SqliteAddress):
        from unhijack.adapters.database.sqlite import SqliteDatabase

        return SqliteDatabase(place)
    from unhijack.adapters.database.mysql import MysqlDatabase

    return MysqlDatabase(place)


def open_mend(address: str, password: str = "") -> DatabaseMend:
    """A database to mend. Raises WrongUse."""
    place = read_address(address, password)
    if isinstance(place, SqliteAddress):
        from unhijack.adapters.database.sqlite import SqliteMend

        return SqliteMend(place)
    from unhijack.adapters.database.mysql import MysqlMend

    return MysqlMend(place)
