"""A mail server that dies in its answer: one mail, marked uncertain, named to people, never resent."""

from datetime import timedelta
from pathlib import Path

from tests.support.command import unhijack
from tests.support.house import open_house, run, victim
from unhijack.adapters.mail import SmtpMail
from unhijack.casework.agenda import run_due
from unhijack.core.case import Kind, State
from unhijack.core.journal import first_broken
from unhijack.lab.sink import MailSink, Moods, count

SITE = victim()


def test_a_mail_server_that_dies_in_its_answer(tmp_path: Path):
    async def story() -> None:
        moods = Moods(die_in_answer=frozenset({SITE.owner.mailbox}))
        async with MailSink(tmp_path / "mails", moods=moods) as sink:
            mail = SmtpMail("127.0.0.1", sink.port, "notices@cert.test", starttls=False)
            house = open_house(tmp_path / "state", mail=mail)
            house.report(f"http://{SITE.host}/")
            await run_due(house.office)
            sink.moods = Moods()
            for _ in range(3):
                house.clock.at += timedelta(days=1)
                await run_due(house.office)
            assert Kind.UNCERTAIN in house.kinds()
            assert (house.case().state, house.case().uncertain) == (State.NOTIFIED, 1)
            assert first_broken(1, house.store.journal(1)) is None
            house.store.close()

    run(story())
    assert list(count(tmp_path / "mails").values()) == [1]

    told = unhijack("cases", "show", "1", state=tmp_path / "state").stdout.decode()
    assert "UNCERTAIN whether the notice left" in told
    assert "not sent again by itself" in told
    listed = unhijack("cases", "--json", state=tmp_path / "state").stdout.decode()
    assert '"uncertain": 1' in listed
