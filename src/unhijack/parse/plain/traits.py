"""How much a PHP file looks like planted code, when no single thing in it proves it: as a sum.

`GROUPS` gathers features that serve one purpose, `WEIGHTS` says what so many of them count, alone or
(``a&b``) beside those of another group. The weights were fitted to open collections of planted and of
honest files, with bounds: what honest old code does too (it asks, it mails) can never decide alone.
"""

from __future__ import annotations

from typing import Dict, Set, Tuple

BASE = -5.0
"""The sum of a file without any feature."""
SUSPICIOUS = 0.5
"""From this sum on a file is spoken of."""

GROUPS: Dict[str, Tuple[str, ...]] = {
    "asks": (
        "reads:$_post", "reads:$_get", "reads:$_request", "reads:$_cookie", "reads:$_files",
    ),
    "blobs": (
        "longest-string>=1000", "longest-string>=5000", "longest-string>=20000",
        "strings/size>=0.7", "strings/size>=0.9", "line>=1000", "line>=5000", "line-mean>=200",
        "long-run",
    ),
    "calls": (
        "dynamic-calls>=1", "dynamic-calls>=3", "dynamic-calls>=10", "hidden-calls>=1",
        "hidden-calls>=3",
    ),
    "coders": (
        "call:eval", "call:assert", "call:create_function", "does:php-code-from-request",
        "says:eval(",
    ),
    "commands": (
        "call:exec", "call:shell_exec", "call:system", "call:passthru", "call:popen",
        "call:proc_open", "call:pcntl_exec", "says:wscript.shell",
        "does:php-command-from-request",
    ),
    "decoders": (
        "call:base64_decode", "call:gzinflate", "call:gzuncompress", "call:str_rot13",
        "call:strrev", "call:hex2bin", "call:pack", "call:rawurldecode", "call:urldecode",
    ),
    "files": (
        "call:opendir", "call:readdir", "call:scandir", "call:unlink", "call:rename",
        "call:chmod", "call:mkdir", "call:rmdir", "call:copy", "call:fileperms", "call:touch",
        "call:fileowner", "call:filegroup", "call:move_uploaded_file", "call:file_put_contents",
        "call:fwrite", "call:chdir",
    ),
    "forms": (
        "says:<form", "says:<textarea", "says:multipart/form-data", 'says:name="cmd"',
        "says:name=cmd", "says:name='cmd'", "says:execute", "says:command", "says:upload",
        "says:edit file", "says:new file", "says:new dir", "says:make dir", "says:create file",
        "says:delete file", "says:file manager", "says:filemanager", "says:readable",
        "says:writable", "says:writeable", "says:perms", "says:owner", "says:current dir",
        "says:php_self",
    ),
    "names": (
        "odd-names>=0.2", "odd-names>=0.4", "odd-names>=0.7", "odd-names-count>=5",
        "odd-names-count>=20", "odd-functions>=1", "odd-functions>=3",
    ),
    "network": (
        "call:fsockopen", "call:pfsockopen", "call:socket_create", "call:socket_connect",
        "call:stream_socket_client", "call:curl_exec", "call:gethostbyname", "call:ftp_connect",
        "call:dns_get_record", "call:mail", "says:x-mailer", "says:bcc",
    ),
    "pieces": (
        "call:chr", "call:ord", "dots/token>=10", "number-indexes/token>=1",
        "number-indexes/token>=4", "escapes>=10", "escapes/size>=0.1", "gotos>=2", "gotos>=10",
    ),
    "quiet": (
        "call:error_reporting", "call:set_time_limit", "call:ignore_user_abort",
        "call:set_magic_quotes_runtime", "call:ini_restore", "says:display_errors",
        "says:error_log", "says:log_errors", "says:max_execution_time", "quiet>=3", "quiet>=10",
        "quiet>=30", "quiet/token>=0.5", "quiet/token>=3",
    ),
    "system": (
        "call:php_uname", "call:getmyuid", "call:getmygid", "call:get_current_user",
        "call:posix_getpwuid", "call:posix_getgrgid", "call:posix_geteuid", "call:posix_getuid",
        "call:disk_total_space", "call:disk_free_space", "call:diskfreespace", "call:phpinfo",
        "call:get_cfg_var", "call:apache_get_modules", "says:safe_mode", "says:disable_functions",
        "says:open_basedir", "says:uname", "says:whoami", "says:kernel", "says:server ip",
        "says:your ip", "says:client ip", "says:suhosin",
    ),
    "targets": (
        "says:/etc/passwd", "says:/etc/shadow", "says:cmd.exe", "says:/bin/sh", "says:/bin/bash",
        "says:named.conf", "says:wp-config", "says:configuration.php", "says:httpd.conf",
        "says:cpanel", "says:crontab", "says:.ssh", "says:xp_cmdshell", "says:into outfile",
        "says:load_file", "says:/dev/tcp", "says:netstat", "says:authorized_keys", "says:ps aux",
        "says:wget", "says:gcc ", "says:lwp-download", "says:#!/usr/bin/perl", "says:registry",
    ),
    "visitors": (
        "says:http_user_agent", "says:googlebot", "says:http_referer", "says:remote_addr",
        "says:script_filename", "says:document_root", "says:404 not found", "says:http/1.0 404",
        "says:http/1.1 404", "says:sitemap", "says:robots.txt", "says:keyword",
    ),
    "words": (
        "says:shell", "says:hacked", "says:hacker", "says:hack", "says:exploit", "says:bypass",
        "says:0day", "says:deface", "says:backconnect", "says:back connect", "says:back-connect",
        "says:bindport", "says:bind port", "says:reverse", "says:spam", "says:inbox",
        "says:priv8", "says:greetz", "says:coded by", "says:zone-h", "says:victim", "says:brute",
        "says:port scan", "says:symlink", "says:jumping", "says:ddos", "says:flood",
        "says:self remove", "says:self-remove", "says:kill self", "says:mass ", "says:casino",
        "says:viagra", "says:phish", "says:doorway", "says:unlink(__file__)", "says:api.telegram",
        "says:pastebin",
    ),
}

WEIGHTS: Tuple[Tuple[str, float], ...] = (
    ("asks>=1", 0.7),
    ("asks>=2", 0.7),
    ("blobs>=1", 0.6),
    ("blobs>=2", 1.1),
    ("blobs>=3", 1.2),
    ("blobs>=6", 1.3),
    ("calls>=1", 2.7),
    ("calls>=4", 2.5),
    ("coders>=1", 2.2),
    ("coders>=2", 1.0),
    ("commands>=1", 1.5),
    ("commands>=2", 0.9),
    ("decoders>=1", 1.0),
    ("does:php-code-decoded", 1.7),
    ("does:php-hidden-function", 1.7),
    ("does:php-include-request", 3.0),
    ("does:php-mails-fixed", 2.4),
    ("does:php-mails-request", 1.2),
    ("does:php-moves-upload", 3.0),
    ("files>=1", 0.7),
    ("forms>=1", 0.7),
    ("forms>=2", 0.6),
    ("high/size>=0.1", 0.9),
    ("names>=2", 1.4),
    ("names>=3", 2.9),
    ("network>=1", 0.7),
    ("network>=2", 0.3),
    ("pieces>=1", 1.9),
    ("pieces>=2", 2.0),
    ("quiet>=1", 1.3),
    ("quiet>=2", 1.2),
    ("system>=1", 0.5),
    ("visitors>=1", 0.7),
    ("asks&calls", 1.1),
    ("asks&coders", 1.8),
    ("asks&commands", 1.8),
    ("asks&decoders", 1.1),
    ("asks&files", 0.4),
    ("asks&network", 0.5),
    ("asks&quiet", 0.5),
    ("asks&words", 0.4),
    ("commands&targets", 0.3),
    ("decoders&blobs", 1.8),
    ("network&visitors", 1.7),
    ("quiet&network>=2", 0.3),
    ("style:@param", -1.5),
    ("style:@return", -1.5),
    ("style:@since", -1.5),
    ("style:abspath", -1.5),
    ("style: extends ", -1.5),
    ("style:implements ", -1.5),
    ("style:instanceof", -1.5),
    ("style:license", -1.5),
    ("style:namespace ", -1.5),
    ("style:phpunit", -1.5),
    ("style:throw new", -1.5),
)

SINGLE = frozenset(name for name, _ in WEIGHTS if name.startswith(("does:", "style:", "high", "many", "layers")))


def look_of(features: Set[str]) -> float:
    """The sum for a file with these features: below `SUSPICIOUS` it says nothing."""
    counts = {
        group: sum(1 for member in members if member in features)
        for group, members in GROUPS.items()
    }
    return BASE + sum(weight for name, weight in WEIGHTS if _holds(name, counts, features))


def _holds(name: str, counts: Dict[str, int], features: Set[str]) -> bool:
    if name in SINGLE:
        return name in features
    groups, _, least = name.partition(">=")
    return all(counts[group] >= int(least or 1) for group in groups.split("&"))
