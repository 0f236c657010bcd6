"""What planted code is in the habit of, told by the bytes of a file: rows like those of `tells`.

None of it is what a well-kept program does; each row is short of certain, for old ones may.
"""

from __future__ import annotations

import re

from unhijack.parse.plain.tell import Tell, some

_GUARD = (
    rb"(?:wordfence|sucuri|itsec|wfconfig|wfissues|wp-security|ninjafirewall|imunify|maldet|clamav|clamscan|cerber"
    rb"|defender|malcare|limit_login)"
)
_DISARMS = (
    rb"(?:update_option|delete_option|deactivate_plugins|truncate|unlink|rename|rmdir|delete\s{1,5}from"
    rb"|file_put_contents|chmod|update\s{1,5}['\"`$.\s]{0,9}\w{0,40}['\"`$.\s]{0,9}set\s|pkill|killall|remove_action)"
)
_ASKED = some("_post _get _request _cookie _server _files")
_SENT = rb"\$_(?:post|get|request|cookie|server\s?\[\s?\\?['\"]http_)"
_TWO_DIGITS = frozenset(b"%d" % number for number in range(41))
_WATCHERS = some(
    "phishtank netcraft virustotal kaspersky urlscan paloalto trendmicro fortinet websense bitdefender"
    " safebrowsing mcafee"
)
_WATCHER = rb"(?:" + b"|".join(sorted(_WATCHERS)) + rb")"
_LISTS = some("spamhaus surbl safebrowsing uribl transparencyreport dnsbl")
_LIST = rb"(?:" + b"|".join(sorted(_LISTS)) + rb")"
_LOOKS_ROUND = (
    rb"(?:disable_functions|get_current_user|getmyuid|posix_get|open_basedir|is_writ|getcwd)"
)

SPELLINGS: tuple[Tell, ...] = (
    Tell("php-spells-by-index", "backdoor", 0.75,
         "Spells words letter by letter out of another text.",
         (),
         re.compile(rb"(\$(\w{1,30})\s?[\[{]\s?\d{1,4}\s?[\]}](?:\s?\.\s?\$\2\s?[\[{]\s?\d{1,4}\s?[\]}]){6})"),
         (), (_TWO_DIGITS,), 5,
         glimpse=re.compile(rb"\$(?:(?<=[\]}]\.\$)|(?<=[\]}] \. \$))")),
    Tell("php-braces-names", "backdoor", 0.7,
         "Writes the names of variables as texts, so that nobody finds them.",
         (),
         re.compile(rb"(\$\{\s?['\"][a-z_0-9\\]{1,80}['\"]\s?\}\s?(?:\[|=[^=]))")),
    Tell("php-own-alphabet", "backdoor", 0.7,
         "Decodes a text by an alphabet of its own.",
         (),
         re.compile(rb"(strtr\s?\([^;]{0,300}['\"][a-z0-9+/=]{50,80}['\"]\s?,\s?['\"][a-z0-9+/=]{50,80}['\"])"),
         (), (some("strtr"),)),
    Tell("php-own-decoder", "backdoor", 0.55,
         "Decodes base64 by a function of its own.",
         (),
         re.compile(rb"(abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789\+/)"),
         (), (some("chr"), some("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789"))),
    Tell("php-far-to-the-right", "injection", 0.65,
         "Hides code behind so many blanks that an editor does not show it.",
         (b" " * 120,),
         re.compile(rb"(?:[;{})]|\?>|\*/) {120,3000}(?:/\*[^*]{0,40}\*/)?([^\s/*#])")),
    Tell("php-far-to-the-right", "injection", 0.65,
         "Hides code behind so many blanks that an editor does not show it.",
         (b"\t" * 40,),
         re.compile(rb"(?:[;{})]|\?>|\*/)\t{40,1000}(?:/\*[^*]{0,40}\*/)?([^\s/*#])")),
    Tell("php-program-before-program", "injection", 0.65,
         "A program on one line stands before the file's own.",
         (),
         re.compile(rb"\s{0,9}(<\?(?:php)?\s(?=[^\n]{0,4000}?(?:eval|base64|\$_(?:get|post|request|cookie|server|files)|@include|@require"
                    rb"|chr\s?\(|rot13|\$\w{1,40}\(|curl_|file_get|gzinflate))[^\n]{40,200000}\?>)\s{0,9}<\?(?:php)?\s"),
         at_start=True),
)  # fmt: skip

HABITS: tuple[Tell, ...] = (
    *SPELLINGS,
    Tell("php-text-runs-request", "backdoor", 0.75,
         "Has a text in it that runs what a request brings.",
         (),
         re.compile(rb"(?<![a-z0-9_>:$])((?:eval|assert|system|passthru|shell_exec|exec|popen)\s?\(\s?(?:@|stripslashes\(|base64_decode\(){0,2}\\?" + _SENT + rb")"),
         (), (_ASKED, some("eval assert system passthru shell_exec exec popen")),
         glimpse=re.compile(rb"\((?:(?<=(?:al|rt|em|ru|ec|en)\()|(?<=(?:al|rt|em|ru|ec|en)\s\())\s?(?:@|stripslashes\(|base64_decode\(){0,2}\\?\$_")),
    Tell("php-writes-through-database", "webshell", 0.55,
         "Has the database write a file of the server.",
         (),
         re.compile(rb"(into\s{1,9}(?:dumpfile|outfile)\b)"),
         (), (_ASKED, some("dumpfile outfile"))),
    Tell("php-disarms-guards", "backdoor", 0.6,
         "Switches off what guards the site.",
         (),
         re.compile(_GUARD + rb"[^;]{0,160}?(" + _DISARMS + rb")|(" + _DISARMS + rb")[^;]{0,160}?" + _GUARD),
         (), (some("wordfence sucuri itsec itsec_file_change wfconfig wfissues wp_wfconfig wp_wfissues ninjafirewall imunify"
                   " imunify360 maldet clamav clamscan cerber malcare defender limit_login"),)),
    Tell("php-watches-blacklists", "redirect", 0.6,
         "Asks blacklists whether the site's own name is on them.",
         (),
         re.compile(rb"(?:http_host|server_name)[^;]{0,120}?(" + _LIST + rb")|(" + _LIST + rb")[^;]{0,160}?(?:http_host|server_name)"),
         (), (_LISTS, some("http_host server_name"))),
    Tell("php-writes-rewrites", "dropper", 0.7,
         "Writes rules of the server that send some visitors elsewhere.",
         (),
         re.compile(rb"(rewritecond\s{1,9}%\{http_(?:referer|user_agent)\}[^\x00]{0,1500}?rewriterule\s[^\n]{0,120}?https?://(?![%$]))"),
         (), (some("rewritecond"), some("file_put_contents fwrite fputs"))),
    Tell("php-attaches-script", "injection", 0.55,
         "Puts a script of another site into the head of pages that strangers see.",
         (b"#tag", b"//"),
         re.compile(rb"(['\"]#tag['\"]\s?=>\s?['\"]script['\"][^\n]{0,200}?['\"]src['\"]\s?=>\s?['\"](?:https?:)?//(?![a-z0-9.-]{0,60}(?:google|gstatic|jsdelivr|cloudflare|jquery)))"),
         (), (some("isanonymous isauthenticated http_referer referer user_is_logged_in http_user_agent"),)),
    Tell("php-attaches-refresh", "redirect", 0.6,
         "Puts a tag into the head of the page that sends visitors to another site.",
         (b"refresh", b"//"),
         re.compile(rb"(['\"]http-equiv['\"]\s?=>\s?['\"]refresh['\"][^\n]{0,200}?//[a-z0-9'\"])"),
         (), (some("equiv"), some("refresh"))),
    Tell("php-invents-pages", "spam", 0.5,
         "Makes up addresses for a map that search engines read.",
         (b"<urlset",),
         re.compile(rb"(<urlset)"),
         (), (some("urlset"), some("rand mt_rand shuffle array_rand random_int"))),
    Tell("php-writes-handlers", "dropper", 0.65,
         "Writes settings by which other files are run as programs.",
         (),
         re.compile(rb"((?:addhandler|sethandler|addtype)\s{1,9}(?:cgi-script|application/x-httpd|php\d?-script))"),
         (), (some("addhandler sethandler addtype"), some("file_put_contents fwrite fputs"))),
    Tell("php-transforms-to-calls", "backdoor", 0.55,
         "Lets a document call PHP's functions.",
         (),
         re.compile(rb"(registerphpfunctions)"),
         (), (some("registerphpfunctions"), _ASKED | some("assert system eval"))),
    Tell("php-tells-messenger", "injection", 0.6,
         "Sends what visitors enter to a messenger.",
         (b"api.telegram.org/bot",),
         re.compile(rb"(api\.telegram\.org/bot)"),
         (), (some("telegram"), some("_post _request _session remote_addr"))),
    Tell("php-tells-of-server", "webshell", 0.5,
         "Tells whoever asks what server it is on, as whom it runs and what it may do.",
         (),
         re.compile(rb"(php_uname\s?\()[^}]{0,500}?" + _LOOKS_ROUND + rb"|" + _LOOKS_ROUND + rb"[^}]{0,500}?(php_uname\s?\()"),
         (), (some("php_uname"),)),
    Tell("php-boasts", "spam", 0.6,
         "Shows visitors that somebody broke in.",
         (),
         re.compile(rb"(?:<title>|<h\d[^>]{0,80}>|<font[^>]{0,80}>|<center>)[^<]{0,80}(hacked|h4ck|defaced|pwned|0wned|owned by|touched by)|(hacked by\s[^<\n]{1,60}<)"),
         (), (some("hacked h4ck h4cked defaced pwned 0wned owned touched"),)),
    Tell("php-shuns-watchers", "redirect", 0.6,
         "Keeps those out who look for swindles.",
         (),
         re.compile(rb"(" + _WATCHER + rb")[^;]{0,1500}?" + _WATCHER + rb"[^\x00]{0,3000}?(?:remote_addr|http_user_agent|gethostbyaddr|\$\w{0,9}(?:ip|agent|ua|host)\w{0,9}\b)"),
         (), (_WATCHERS,), 2),
    Tell("php-moves-out-of-sight", "spam", 0.5,
         "Copies a folder to a name made by chance and sends the visitor there.",
         (),
         re.compile(rb"(header\s?\(\s?['\"]location\s?:\s?['\"]?\s?\.?\s?\$)"),
         (), (some("opendir scandir"), some("copy"), some("rand mt_rand"), some("md5"))),
    Tell("php-invents-links", "spam", 0.4,
         "Makes up links by chance.",
         (b"<a ",),
         re.compile(rb"(array_rand\s?\([^}]{0,600}?<a\s[^>]{0,40}href)"),
         (), (some("array_rand"), some("file"))),
    Tell("php-shows-set-up", "webshell", 0.5,
         "Shows everybody how the server is set up, and does nothing else.",
         (),
         re.compile(rb"[\s\xef\xbb\xbf]{0,9}<\?(?:php)?\s{1,20}(@?phpinfo\s?\(\s?(?:-?\d|info_all)?\s?\))\s?;?\s{0,20}(?:(?:exit|die)\s?(?:\(\s?\))?\s?;\s{0,20})?(?:\?>\s{0,20})?\Z"),
         (), (some("phpinfo"),), at_start=True),
)  # fmt: skip
