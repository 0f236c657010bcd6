"""From settings to what notices leave by; what cannot be is said in one line, without the secret."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from unhijack.config.settings import read_settings
from unhijack.core.errors import WrongUse
from unhijack.wiring.notices import make_letterhead, make_mail


def test_a_letterhead_is_what_the_operator_says():
    head = make_letterhead(
        read_settings(
            organisation="CERT",
            organisation_names="it=CERT Italia; FR = CERT France",
            postal="Market Square 1; 12345 Town;",
            phone="+49 30 123456",
        )
    )

    assert head.postal == ("Market Square 1", "12345 Town")
    assert (head.name("it"), head.name("fr"), head.name("de")) == (
        "CERT Italia",
        "CERT France",
        "CERT",
    )


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("organisation_names", "it"),
        ("organisation_names", "it=a\nb"),
        ("postal", "one\ntwo"),
        ("phone", "\x1b[31m"),
        ("dkim_selector", "a b"),
        ("dkim_selector", "-"),
    ],
)
def test_odd_settings_are_refused(name: str, bad: str):
    with pytest.raises(WrongUse, match=name):
        read_settings(**{name: bad})


def test_a_password_is_never_sent_in_clear_and_never_shown():
    settings = read_settings(
        smtp_host="localhost",
        smtp_user="desk",
        smtp_password=SecretStr("correct horse"),
        smtp_starttls=False,
    )
    assert "correct horse" not in repr(settings)
    with pytest.raises(WrongUse, match="encrypted") as error:
        make_mail(settings, None)
    assert "horse" not in str(error.value)


def test_a_key_that_is_not_there_is_named(tmp_path: Path):
    settings = read_settings(smtp_host="localhost", dkim_key=tmp_path / "none.pem")
    with pytest.raises(WrongUse, match=r"none\.pem cannot be read"):
        make_mail(settings, None)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    with pytest.raises(WrongUse, match="no private key"):
        make_mail(read_settings(smtp_host="localhost", dkim_key=path), None)
