"""A real Postfix and a real Dovecot from Debian, on loopback, as nobody in particular.

Postfix insists on being root and on having a second user. It gets both inside a user namespace:
seen from outside, root there is a user without any rights. Where no such namespace can be had the
tests are skipped, and say why.
"""

import grp
import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.servers import ended, listening

NOBODY = 65534
FIRST_UID = 100_000
"""Outside, of the namespace's root: nobody's."""
POSTFIX = "/usr/lib/postfix/sbin/master"
DOVECOT = "/usr/sbin/dovecot"
STARTS_WITHIN = 20.0
ATTEMPTS = 3
_OWN_FOLDERS = (
    "active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public"
)


@dataclass(frozen=True, slots=True)
class Postfix:
    """A mail server that runs."""

    folder: Path
    port: int

    def send(
        self,
        message: bytes,
        to: str,
        *,
        sender: str = "notices@cert.test",
        notify: str = "",
    ) -> None:
        """Hand over one message; `notify` asks for delivery status (RFC 3461)."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as smtp:
            smtp.ehlo("client.test")
            options = [f"NOTIFY={notify}"] if notify else []
            smtp.sendmail(sender, [to], message, rcpt_options=options)

    def log(self) -> str:
        return (self.folder / "data" / "log").read_text()


@dataclass(frozen=True, slots=True)
class Dovecot:
    """Mailboxes, and ways in."""

    folder: Path
    imap_port: int
    imaps_port: int
    lmtp_port: int
    password: str = "correct horse"


@contextmanager
def postfix(routes: Mapping[str, str], more: str = "", port: int = 0) -> Iterator[Postfix]:
    """A mail server that hands on what is for these domains, ``lmtp:inet:127.0.0.1:24``."""
    if not Path(POSTFIX).exists():
        pytest.skip("postfix is missing: `make system` installs it")
    folder = Path(tempfile.mkdtemp(prefix="unhijack-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        for _ in range(ATTEMPTS):
            port = port or free_port()
            _configure_postfix(folder, port, routes, more)
            process = _in_a_namespace(folder)
            if listening(process, port):
                break
            ended(process)
            port = 0
        else:
            log = folder / "data" / "log"
            pytest.fail(f"postfix does not start: {log.read_text() if log.exists() else ''}")
        yield Postfix(folder, port)
    finally:
        if process is not None:
            ended(process)
        shutil.rmtree(folder, ignore_errors=True)


def _configure_postfix(folder: Path, port: int, routes: Mapping[str, str], more: str) -> None:
    for name in ("conf", "data", "queue", *(f"queue/{one}" for one in _OWN_FOLDERS.split())):
        (folder / name).mkdir(exist_ok=True)
    (folder / "queue" / "pid").mkdir(exist_ok=True)
    table = ", ".join(f"{{ {domain} = {where} }}" for domain, where in routes.items())
    (folder / "conf" / "main.cf").write_text(
        f"""compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.town.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
maillog_file = {folder}/data/log
maillog_file_prefixes = /tmp, {folder}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = none
smtp_dns_support_level = disabled
alias_maps =
alias_database =
transport_maps = inline:{{ {table} }}
default_transport = error:5.1.2 there is no such domain
bounce_queue_lifetime = 1h
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
message_size_limit = 104857600
virtual_mailbox_limit = 0
virtual_mailbox_domains =
virtual_mailbox_base = {folder}/data
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{pwd.getpwnam("postfix").pw_uid}
virtual_gid_maps = static:{pwd.getpwnam("postfix").pw_gid}
{more}
"""
    )
    plain = "rewrite:trivial-rewrite proxymap:proxymap smtp:smtp lmtp:lmtp error:error retry:error"
    services = [f"127.0.0.1:{port} inet n - n - - smtpd", "cleanup unix n - n - 0 cleanup"]
    services += ["qmgr unix n - n 1 1 qmgr", "flush unix n - n - 0 flush"]
    services += [f"{one} unix - - n - 0 bounce" for one in ("bounce", "defer", "trace")]
    services += ["virtual unix - n n - - virtual"]
    services += ["verify unix - - n - 1 verify", "anvil unix - - n - 1 anvil"]
    services += ["scache unix - - n - 1 scache", "postlog unix-dgram n - n - 1 postlogd"]
    services += [f"{a} unix - - n - - {b}" for a, _, b in (x.partition(":") for x in plain.split())]
    (folder / "conf" / "master.cf").write_text("\n".join(services) + "\n")
    folder.chmod(0o755)


def _in_a_namespace(folder: Path) -> "subprocess.Popen[bytes]":
    """Postfix as root of a namespace of its own, with the users that it wants."""
    owned = " ".join(f"queue/{one}" for one in _OWN_FOLDERS.split())
    script = (
        f"read _; cd {folder} && chown postfix data {owned}"
        f" && chgrp postdrop queue/maildrop queue/public && exec {POSTFIX} -d -c {folder}/conf"
    )
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, FIRST_UID, FIRST_UID)
        become = ["setpriv", "--reuid", "0", "--regid", "0", "--clear-groups"]
        words = ["unshare", "--user", "--keep-caps", "sh", "-c", 'read _; exec "$@"', "sh"]
        words += [*become, "sh", "-c", script]
    else:
        words = ["unshare", "--map-root-user", "--map-auto", "sh", "-c", script]
        if subprocess.run([*words[:3], "true"], capture_output=True, check=False).returncode:
            pytest.skip(
                "postfix needs more than one user, and this one has none to give: run the tests as"
                " root, or give it a range in /etc/subuid and /etc/subgid (and install uidmap)"
            )
    with (folder / "start.log").open("ab") as log:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=log, stderr=log)
    assert process.stdin is not None
    if os.geteuid() == 0:
        _map_users(process.pid)
    process.stdin.write(b"\n\n")
    process.stdin.close()
    return process


def _map_users(pid: int) -> None:
    """Once it has a namespace of its own."""
    here = Path("/proc/self/ns/user").readlink()
    end = time.monotonic() + 5
    while Path(f"/proc/{pid}/ns/user").readlink() == here:
        if time.monotonic() > end:
            pytest.skip("postfix gets no user namespace here: the kernel does not allow it")
        time.sleep(0.01)
    for kind in ("uid_map", "gid_map"):
        Path(f"/proc/{pid}/{kind}").write_text(f"0 {FIRST_UID} 65536\n")


@contextmanager
def dovecot(
    mailboxes: Mapping[str, str],
    *,
    submission: int = 0,
    certificate: tuple[Path, Path] | None = None,
    sieve: Mapping[str, str] | None = None,
) -> Iterator[Dovecot]:
    """Mailboxes by address; the value is what else the server knows of each, ``quota_rule=...``."""
    if not Path(DOVECOT).exists():
        pytest.skip("dovecot is missing: `make system` installs it")
    folder = Path(tempfile.mkdtemp(prefix="unhijack-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        for _ in range(ATTEMPTS):
            server = Dovecot(folder, free_port(), free_port(), free_port())
            _configure_dovecot(server, mailboxes, submission, certificate, sieve or {})
            process = _started_low([DOVECOT, "-F", "-c", f"{folder}/dovecot.conf"], folder)
            if listening(process, server.imap_port):
                break
            ended(process)
        else:
            pytest.fail(f"dovecot does not start: {(folder / 'start.log').read_text()[-2000:]}")
        yield server
    finally:
        if process is not None:
            ended(process)
        shutil.rmtree(folder, ignore_errors=True)


def _configure_dovecot(
    server: Dovecot,
    mailboxes: Mapping[str, str],
    submission: int,
    certificate: tuple[Path, Path] | None,
    sieve: Mapping[str, str],
) -> None:
    folder = server.folder
    folder.chmod(0o755)
    lines = []
    for address, more in mailboxes.items():
        home = folder / "home" / address
        home.mkdir(parents=True, exist_ok=True)
        extra = f"userdb_{more}" if more else ""
        lines.append(f"{address}:{{PLAIN}}{server.password}::::{home}::{extra}")
        if address in sieve:
            (home / ".dovecot.sieve").write_text(sieve[address])
    (folder / "users").write_text("\n".join(lines) + "\n")
    low = os.geteuid() == 0
    user = "nobody" if low else pwd.getpwuid(os.geteuid()).pw_name
    group = "nogroup" if low else grp.getgrgid(os.getegid()).gr_name
    secure = "ssl = no"
    if certificate is not None:
        for name, path in zip(("cert", "key"), certificate, strict=True):
            shutil.copy(path, folder / name)
        secure = f"ssl = yes\nssl_cert = <{folder}/cert\nssl_key = <{folder}/key"
    plugins = "quota sieve" if sieve else "quota"
    (folder / "dovecot.conf").write_text(
        f"""base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_username_format = %Lu
recipient_delimiter = +
mail_max_userip_connections = 200
mail_location = maildir:~/Maildir
mail_home = {folder}/home/%u
submission_host = 127.0.0.1:{submission}
{secure}
mail_plugins = quota
protocol lmtp {{
  mail_plugins = {plugins}
  postmaster_address = postmaster@town.test
}}
plugin {{
  quota = maildir:User quota
  sieve = file:~/.dovecot.sieve
  sieve_vacation_send_from_recipient = yes
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
  default_fields = uid={user} gid={group}
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {server.imap_port}
  }}
  inet_listener imaps {{
    port = {server.imaps_port if certificate else 0}
  }}
}}
service lmtp {{
  chroot =
  service_count = 1
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {server.lmtp_port}
  }}
}}
service stats {{
  chroot =
}}
"""
    )


def _started_low(words: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    """As nobody, and with nobody's folder, where the tests run as root."""
    low = os.geteuid() == 0
    log = folder / "start.log"
    log.touch()
    if low:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    with log.open("ab") as out:
        return subprocess.Popen(
            words,
            stdout=out,
            stderr=out,
            cwd=folder,
            user=NOBODY if low else None,
            group=NOBODY if low else None,
            extra_groups=[] if low else None,
        )


def until(what: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Wait for something that a server does in its own time."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
