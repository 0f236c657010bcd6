"""Personal data: encrypted under a key for each person, which can be destroyed."""

import sqlalchemy as sa

from unhijack.adapters.store.schema import persons
from unhijack.core.errors import WrongUse
from unhijack.ports import Secrets


class People:
    """The table of persons, inside somebody else's transaction."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def of(self, connection: sa.Connection, mail: str) -> str:
        """The identifier of a mailbox's owner, made when first wanted."""
        person = self._secrets.keyed_hash(f"person {mail.lower()}")[:32]
        known = connection.execute(sa.select(persons.c.key).where(persons.c.id == person)).first()
        if known is None:
            key = self._secrets.new_key()
            connection.execute(
                sa.insert(persons).values(
                    id=person,
                    key=self._secrets.seal(key),
                    mail=self._secrets.seal(mail.encode(), key),
                )
            )
        return person

    def mail(self, connection: sa.Connection, person: str) -> str | None:
        """Their address, unless it was erased or never known."""
        row = connection.execute(sa.select(persons).where(persons.c.id == person)).first()
        if row is None or row.key is None:
            return None
        return self._secrets.unseal(row.mail, self._secrets.unseal(row.key)).decode()

    def seal(self, connection: sa.Connection, person: str, content: bytes) -> bytes:
        """Encrypt under their key. Raises WrongUse if it was destroyed."""
        key = self._key(connection, person)
        if key is None:
            raise WrongUse(f"the data of person {person} were erased")
        return self._secrets.seal(content, key)

    def open(self, connection: sa.Connection, person: str, content: bytes) -> bytes | None:
        """Decrypt, unless their key was destroyed."""
        key = self._key(connection, person)
        return None if key is None else self._secrets.unseal(content, key)

    def erase(self, connection: sa.Connection, person: str) -> None:
        """Destroy their key."""
        connection.execute(sa.update(persons).where(persons.c.id == person).values(key=None))

    def _key(self, connection: sa.Connection, person: str) -> bytes | None:
        sealed = connection.scalar(sa.select(persons.c.key).where(persons.c.id == person))
        return None if sealed is None else self._secrets.unseal(sealed)
