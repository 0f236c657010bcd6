"""Personal data: encrypted under a key for each person, which can be destroyed."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import sqlalchemy as sa

from unhijack.adapters.store.schema import persons
from unhijack.core.contact import Earlier, Reached
from unhijack.core.errors import WrongUse
from unhijack.ports import Secrets


class People:
    """The table of persons, inside somebody else's transaction."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def of(self, connection: sa.Connection, mail: str) -> str:
        """The identifier of a mailbox's owner, made when first wanted."""
        person = self._name(mail)
        known = connection.execute(sa.select(persons.c.key).where(persons.c.id == person)).first()
        if known is not None and known.key is not None:
            return person
        key = self._secrets.new_key()
        row = {
            "id": person,
            "key": self._secrets.seal(key),
            "mail": self._secrets.seal(mail.encode(), key),
            "provider": self._secrets.keyed_hash(f"provider {mail.lower().rpartition('@')[2]}")[
                :32
            ],
        }
        if known is not None:  # erased, and met again
            connection.execute(sa.update(persons).where(persons.c.id == person).values(**row))
            return person
        with suppress(sa.exc.IntegrityError), connection.begin_nested():  # or somebody was as quick
            connection.execute(sa.insert(persons).values(**row))
        return person

    def earlier(self, connection: sa.Connection, mails: Sequence[str]) -> list[Earlier]:
        """What became of the last message to each of these mailboxes, where there was one."""
        names = {self._name(mail): mail for mail in mails}
        query = sa.select(persons.c.id, persons.c.stage, persons.c.stage_at).where(
            persons.c.id.in_(list(names)), persons.c.stage_at.is_not(None)
        )
        return [
            Earlier(names[row.id], Reached(row.stage), row.stage_at)
            for row in connection.execute(query)
        ]

    def reached(self, connection: sa.Connection, person: str, how: Reached, now: datetime) -> None:
        """Put down what became of the last message to somebody."""
        connection.execute(
            sa.update(persons).where(persons.c.id == person).values(stage=str(how), stage_at=now)
        )

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

    def _name(self, mail: str) -> str:
        return self._secrets.keyed_hash(f"person {mail.lower()}")[:32]

    def _key(self, connection: sa.Connection, person: str) -> bytes | None:
        sealed = connection.scalar(sa.select(persons.c.key).where(persons.c.id == person))
        return None if sealed is None else self._secrets.unseal(sealed)
