"""Real mail servers: notices leave by Postfix for Dovecot, and what comes back finds its case."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.answers_mail import HOUSE, letter
from tests.support.house import House, open_house, victim
from tests.support.mailservers import Dovecot, Postfix, dovecot, postfix, until
from tests.support.ports import free_port
from unhijack.adapters.mail import SmtpMail
from unhijack.adapters.mailbox.imap import ImapAccount, ImapInbox
from unhijack.adapters.mailbox.lmtp import Place, serve
from unhijack.casework.answers import Desk, Outcome
from unhijack.casework.mailroom import Collected, Host, collect
from unhijack.core.answer import answer_address
from unhijack.core.case import Event, Kind, State
from unhijack.core.notice import Contact

DESK = Desk(HOUSE)
HELD, HEAD = 8 * 1024 * 1024, 64 * 1024
AWAY = (
    'require ["vacation"];\nvacation :subject "Out of office" "I am away. It has been cleaned.";\n'
)
SHOP = {"olga@shop.test": "", "full@shop.test": "quota_rule=*:bytes=10", "away@shop.test": ""}


@dataclass(frozen=True, slots=True)
class World:
    """The mail servers of a town."""

    postfix: Postfix
    dovecot: Dovecot
    ours: int
    """Port that is ours to take mail at."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """``cert.test`` is handed to us, ``imap.test`` into a mailbox that we visit."""
    ours, port = free_port(), free_port()
    boxes = {**SHOP, "notices@imap.test": ""}
    with dovecot(boxes, submission=port, sieve={"away@shop.test": AWAY}) as boxes_run:
        theirs = f"lmtp:inet:127.0.0.1:{boxes_run.lmtp_port}"
        routes = {"shop.test": theirs, "imap.test": theirs, "box.test": "virtual:"}
        routes["cert.test"] = f"lmtp:127.0.0.1:{ours}"
        with postfix(routes, "lmtp_tls_security_level = none", port) as relay:
            if relay.port != port:
                pytest.fail("the port was taken meanwhile: run the test again")
            yield World(relay, boxes_run, ours)


def house_of(folder: Path, world: World, owner: str, sender: str = HOUSE) -> House:
    """A house whose notices leave by Postfix; one case, whose owner has a notice on its way."""
    site = victim()
    mail = SmtpMail("127.0.0.1", world.postfix.port, sender, starttls=None)
    contacts: dict[str, Sequence[Contact]] = {site.host: [Contact("owner", owner, "test", 1.0)]}
    house = open_house(folder, contacts=contacts, mail=mail)
    house.report(f"http://{site.host}/")
    house.work()
    return house


def taking(house: House, world: World, enough: Callable[[], bool], seconds: float = 20) -> bool:
    """Take mail until it is enough."""

    async def story() -> bool:
        place = Place("127.0.0.1", world.ours)
        async with serve(place, Host(house.doors, DESK), HELD):
            for _ in range(int(seconds / 0.05)):
                if enough():
                    return True
                await asyncio.sleep(0.05)
        return False

    return asyncio.run(story())


def found(house: House, kind: Kind) -> Event | None:
    return next((one for one in house.journal() if one.kind is kind), None)


def address_of(house: House, sender: str = HOUSE) -> str:
    """Where answers to the first notice go."""
    return answer_address(sender, house.store.reference(1), 1, house.doors.secrets.keyed_hash)


@pytest.mark.parametrize(
    ("owner", "why", "status"),
    [("nobody@shop.test", "unknown", "5.1.1"), ("full@shop.test", "full", "5.2.2")],
)
def test_a_bounce_of_a_real_server_finds_its_notice(tmp_path, world, owner, why, status):
    house = house_of(tmp_path, world, owner)
    assert taking(house, world, lambda: found(house, Kind.BOUNCED) is not None)
    bounced = found(house, Kind.BOUNCED)
    assert bounced is not None
    assert (bounced.data["why"], bounced.data["status"]) == (why, status)
    assert house.case().state is State.BOUNCED


def test_a_domain_that_does_not_exist_bounces_as_well(tmp_path, world):
    house = house_of(tmp_path, world, "olga@nowhere.test")
    assert taking(house, world, lambda: found(house, Kind.BOUNCED) is not None)
    assert house.case().state is State.BOUNCED


def test_an_owners_answer_is_relayed_to_us(tmp_path, world):
    house = house_of(tmp_path, world, "olga@shop.test")
    raw = letter("CLEAN", to=address_of(house))
    world.postfix.send(raw, address_of(house), sender="olga@shop.test")
    assert taking(house, world, lambda: found(house, Kind.CLAIMED) is not None)
    assert house.case().state is State.CLAIMED_CLEAN
    assert [one.outcome for one in house.store.mailroom(10)] == ["claimed-clean"]


def test_an_out_of_office_by_sieve_moves_nothing(tmp_path, world):
    house = house_of(tmp_path, world, "olga@shop.test")
    raw = letter("Please look at your site.", sender=HOUSE, to="away@shop.test")
    world.postfix.send(raw, "away@shop.test", sender=address_of(house))
    assert taking(house, world, lambda: found(house, Kind.NOTED) is not None)
    noted = found(house, Kind.NOTED)
    assert noted is not None
    assert noted.data["what"] == "auto-reply"
    assert house.case().state is State.DELIVERED


@pytest.mark.parametrize(
    ("to", "kind", "what"),
    [("olga@box.test", Kind.RECEIVED, "delivered"), ("olga@shop.test", Kind.NOTED, "passed-on")],
)
def test_a_delivery_status_of_success_is_proof_where_it_says_delivered(
    tmp_path, world, to, kind, what
):
    """Postfix puts mail into a box of its own; what it hands on it has merely relayed."""
    house = house_of(tmp_path, world, "olga@shop.test")
    raw = letter("A notice.", sender=HOUSE, to=to)
    world.postfix.send(raw, to, sender=address_of(house), notify="SUCCESS")
    assert taking(house, world, lambda: found(house, kind) is not None)
    received = found(house, kind)
    assert received is not None
    assert (received.data["status"], received.data["what"]) == ("2.0.0", what)


def test_an_attachment_of_50_mb_is_refused_and_its_sender_told(tmp_path, world):
    house = house_of(tmp_path, world, "olga@shop.test")
    raw = letter("see attachment", to=address_of(house)) + (b"A" * 76 + b"\r\n") * 700_000
    world.postfix.send(raw, address_of(house), sender="olga@shop.test")
    assert taking(house, world, lambda: found(house, Kind.NOTED) is not None, 40)
    (mailed,) = house.store.mailroom(10)
    assert (mailed.outcome, mailed.number) == ("refused", 1)
    assert "too big" in mailed.reason
    assert until(lambda: "5.3.4 The message is larger" in world.postfix.log())


def test_mail_that_comes_while_we_are_away_waits_and_counts_once(tmp_path, world):
    house = house_of(tmp_path, world, "olga@shop.test")
    own = ["Message-ID: <1@shop.test>", "Date: Mon, 2 Mar 2026 10:00:00 +0000"]
    raw = letter("We look into it.", to=address_of(house), headers=own)
    world.postfix.send(raw, address_of(house), sender="olga@shop.test")
    world.postfix.send(raw, address_of(house), sender="olga@shop.test")
    assert until(lambda: "Connection refused" in world.postfix.log())
    before: int = world.postfix.log().count("2.0.0 Kept")

    def both() -> bool:
        return bool(world.postfix.log().count("2.0.0 Kept") >= before + 2)

    assert taking(house, world, both, 40)
    assert house.kinds().count(Kind.ACKNOWLEDGED) == 1
    assert len(house.store.mailroom(10)) == 1


def test_a_mailbox_that_is_visited_brings_the_bounce_once(tmp_path, world, monkeypatch):
    sender = "notices@imap.test"
    house = house_of(tmp_path, world, "nobody@shop.test", sender)
    account = ImapAccount(
        *("127.0.0.1", world.dovecot.imap_port, sender, world.dovecot.password), security="none"
    )
    raw = letter("WRONG", to=address_of(house, sender))
    world.postfix.send(raw, address_of(house, sender), sender="olga@shop.test")
    desk = Desk(sender)

    def visit() -> Collected:
        inbox = ImapInbox(account, HELD, HEAD)
        try:
            return collect(house.doors, desk, inbox, 100)
        finally:
            inbox.close()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    assert until(lambda: world.postfix.log().count("to=<notices+") >= 1)
    with monkeypatch.context() as patched:
        patched.setattr(ImapInbox, "done", killed)
        assert until(lambda: _interrupted(visit))
    collected = visit()
    assert (collected.outcomes[Outcome.DISPUTED], collected.again) == (1, 1)
    assert house.kinds().count(Kind.DISPUTED) == 1
    assert visit() == Collected()


def _interrupted(visit: Callable[[], Collected]) -> bool:
    try:
        visit()
    except KeyboardInterrupt:
        return True
    return False
