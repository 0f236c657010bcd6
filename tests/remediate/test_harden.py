"""Advice fits what was found, and the server that is there."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.remediate.town_logs import BEGIN, MemoryLogs, line
from tests.support.servers import APACHE, NGINX
from unhijack.core.text import printable
from unhijack.remediate.cause import find_cause
from unhijack.remediate.harden import Facts, Outdated, Where, harden
from unhijack.remediate.trail import Planted

EVERYTHING = Facts(
    cms="wordpress",
    outdated=(Outdated("WordPress", "5.0", "6.9"),),
    writable_core=("wp-includes",),
    php_in_uploads=("wp-content/uploads/x.php",),
    upload_folders=("wp-content/uploads",),
    default_keys=True,
    planted=True,
    file_editor_on=True,
    exposed=(".git",),
    neighbours=("shop",),
    database_routines=1,
    odd_administrators=1,
    jobs=1,
    unused=("hello",),
)


def test_a_clean_and_current_site_gets_no_advice():
    assert harden(Facts(cms="wordpress")) == ()


def test_what_brings_it_back_comes_first():
    names = [one.name for one in harden(EVERYTHING)]
    assert names[:2] == ["database-programs", "jobs"]
    assert names[-1] == "unused"
    assert {
        "outdated",
        "php-in-uploads",
        "secrets",
        "exposed",
        "neighbours",
        "writable-core",
    } <= set(names)


def test_steps_are_for_the_server_and_the_program_that_are_there():
    facts = Facts(cms="drupal", server=Where.NGINX, php_in_uploads=("x.php",), planted=True)
    steps = {step.where for advice in harden(facts) for step in advice.steps}
    assert steps == {Where.NGINX, Where.DRUPAL, Where.PERSON}
    (uploads,) = [one for one in harden(facts) if one.name == "php-in-uploads"]
    assert "sites/default/files" in uploads.steps[0].text


def test_guessed_passwords_close_xmlrpc():
    change = BEGIN + timedelta(hours=5)
    lines = [
        line(change - timedelta(seconds=n), "203.0.113.6", "POST /xmlrpc.php") for n in range(90)
    ]
    logs = MemoryLogs({"access.log": [text for _, text in lines]})
    cause = find_cause([Planted("x.php", change, change)], logs)
    (logins,) = [one for one in harden(Facts(cms="wordpress"), cause) if one.name == "logins"]
    assert "hundreds" in logins.reason
    assert any("xmlrpc.php" in step.text for step in logins.steps)


def test_the_way_in_is_closed_before_anything_else():
    change = BEGIN + timedelta(hours=5)
    request = "POST /wp-content/plugins/oven/upload.php"
    logs = MemoryLogs({"access.log": [line(change, "203.0.113.6", request)[1]]})
    cause = find_cause([Planted("x.php", change, change)], logs)
    first = harden(Facts(cms="wordpress"), cause)[0]
    assert first.name == "way-wp-plugin-upload"
    assert "(oven)" in first.reason


@pytest.mark.parametrize("server", [Where.APACHE, Where.NGINX])
def test_the_servers_themselves_accept_the_steps(tmp_path: Path, server: Where):
    program = APACHE if server is Where.APACHE else NGINX
    if shutil.which(program) is None:
        pytest.skip(f"{program} is missing: `make system` installs it")
    facts = Facts(
        "drupal", server, php_in_uploads=("x",), upload_folders=("a.b", "c"), exposed=(".env",)
    )
    texts = [step.text for one in harden(facts) for step in one.steps if step.where is server]
    assert len(texts) == (4 if server is Where.APACHE else 3)
    text = "\n".join(texts).replace("DOCROOT", str(tmp_path))
    config = tmp_path / "server.conf"
    if server is Where.APACHE:
        names = ("mpm_event", "authz_core", "alias")
        loads = "".join(
            f"LoadModule {n}_module /usr/lib/apache2/modules/mod_{n}.so\n" for n in names
        )
        config.write_text(
            f"{loads}ServerName x.test\nErrorLog {tmp_path}/e\nListen 127.0.0.1:1\n{text}\n"
        )
        command = [program, "-t", "-f", str(config)]
    else:
        config.write_text(
            f"pid {tmp_path}/p;\nerror_log {tmp_path}/e;\nevents {{}}\nhttp {{ server {{\n{text}\n}} }}\n"
        )
        command = [program, "-t", "-e", f"{tmp_path}/e", "-c", str(config)]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr


@given(st.text(max_size=200), st.lists(st.text(max_size=50), max_size=9))
def test_names_from_a_server_are_harmless_in_advice(name: str, names: list[str]):
    facts = Facts("wordpress", outdated=(Outdated(name, name, name),), exposed=tuple(names))
    assert all(printable(one.reason, 2000) == one.reason for one in harden(facts))
