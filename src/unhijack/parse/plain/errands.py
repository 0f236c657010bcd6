"""What a hijacked server is used for: attacks on others, swindles, forged accounts and pages.

Rows like those of `tells`, each short of certain, for tools of the owner's may do the same.
"""

from __future__ import annotations

import re

from unhijack.parse.plain.tell import Tell, some

_RUNNERS = some("shell_exec exec system passthru popen proc_open")
_FETCHERS = some("curl_init curl_setopt file_get_contents fsockopen wp_remote_post wp_remote_get")
_WRITERS = some("file_put_contents fwrite fputs")
_KIT = some(
    "antibot antibots block_vpn block_bots double_login telegram_token telegram_chat bot_token chat_ids chat_id"
    " exit_link killbot yourmail youremail sendmail_to rezult rezlt fullz send_log save_log one_time_access onetime"
    " redirect_link blocker scampage scama true_login mail_result"
)
_SORTERS = some(
    "kclickclient kclient click_client sendutmlabels currentpageasreferrer executeandbreak performaction"
    " restorefromsession disablesessions forceredirectoffer landing_id sub_id_1 clickid_from_tds tds_url tds_key"
)

ERRANDS: tuple[Tell, ...] = (
    Tell("php-tries-passwords", "webshell", 0.65,
         "Tries passwords on another site.",
         (b"log=", b"pwd="),
         re.compile(rb"(['\"&]log=[^;]{0,80}pwd=)"),
         (), (_FETCHERS,)),
    Tell("php-tries-passwords", "webshell", 0.65,
         "Tries passwords on another site.",
         (),
         re.compile(rb"(wp\.getusersblogs[^\x00]{0,600}?(?:curl_|fsockopen)|ftp_login\s?\([^;]{0,60}trim\s?\()"),
         (), (some("getusersblogs ftp_login"), some("curl_init curl_setopt fsockopen explode"))),
    Tell("php-wipes-logs", "backdoor", 0.6,
         "Empties or deletes the logs of the web server.",
         (b"/var/log/",),
         re.compile(rb"/var/log/[^\x00]{0,500}?((?:file_put_contents\s?\([^;]{0,80},\s?(?:''|\"\")|unlink\s?\(|ftruncate\s?\()[^;]{0,80})"),
         (b"access_log", b"access.log", b"error_log", b"error.log")),
    Tell("php-sets-password-by-query", "backdoor", 0.65,
         "Changes a user's password in the site's database.",
         (b"user_pass",),
         re.compile(rb"(update\s[^;\n]{0,80}users?\W{0,3}\s{1,5}set\s[^;\n]{0,80}user_pass)"),
         (), (some("user_pass"),)),
    Tell("php-inserts-account-by-query", "backdoor", 0.6,
         "Puts a user with a password of its own into the site's database.",
         (b"insert into",),
         re.compile(rb"(insert into\s[^;\n]{0,60}users?\W[^;\n]{0,140}(?:password|passwd)\W[^;\n]{0,140}md5\s?\(|insert into\s{1,5}\S{0,20}user_usergroup_map)"),
         (), (some("password passwd"), some("md5 user_usergroup_map __user_usergroup_map"))),
    Tell("php-returns-by-cron", "dropper", 0.65,
         "Has the server run something again and again.",
         (),
         re.compile(rb"(\bcrontab\s{1,4}(?:-|/tmp))"),
         (), (some("crontab"), _RUNNERS)),
    Tell("php-pipes-into-shell", "dropper", 0.7,
         "Has the server run a script of another one.",
         (),
         re.compile(rb"((?:curl|wget|lwp-download)\s[^'\"\n;]{0,160}(?:\||;|&&)\s{0,3}(?:ba|da)?sh\b)"),
         (), (some("curl wget lwp"), some("sh bash dash"), _RUNNERS)),
    Tell("php-leaves-running", "dropper", 0.55,
         "Has a program go on running on the server.",
         (),
         re.compile(rb"(['\"`]\s?nohup\s|/dev/tcp/|chmod\s{1,3}\+x\s{1,3}/tmp)"),
         (b"nohup", b"/dev/tcp/", b"chmod"), (some("nohup tcp tmp"), _RUNNERS)),
    Tell("php-includes-pictures", "backdoor", 0.65,
         "Loads pictures as programs.",
         (),
         re.compile(rb"['\"]\.?(?:jpe?g|png|gif|ico|bmp)['\"][^;}]{0,60}[{)][^;}]{0,40}?(@?\b(?:include|require)(?:_once)?\b)"),
         (), (some("include include_once require require_once"), some("jpg jpeg png gif ico bmp"))),
    Tell("php-sells-links", "spam", 0.5,
         "Shows on each page the links that another server keeps for it.",
         (b"unserialize",),
         re.compile(rb"(unserialize\s?\(\s?@?(?:file_get_contents|\$\w{1,30}->_?(?:read|fetch))\w{0,20}\s?\()"),
         (), (some("unserialize"), some("request_uri"), some("http_host"), some("fsockopen curl_exec"))),
    Tell("php-is-set-up-for-swindle", "injection", 0.55,
         "Holds the settings of a swindle: whom to tell, whom to keep out.",
         (b"$",),
         re.compile(rb"(\$\w{0,20}(?:token|antibot|block|double|exit|mail|chat|log|link)\w{0,20}\s?=\s?['\"])"),
         (), (_KIT,), 3),
    Tell("php-passes-mail-on", "redirect", 0.5,
         "Hands the visitor's mail address on to a page, in a hidden way.",
         (b"location",),
         re.compile(rb"(header\s?\(\s?['\"]location\s?:[^;]{0,120}?mail=['\"]?\s?\.?\s?base64_encode)"),
         (), (some("base64_encode"), some("_get _post _request _session"))),
    Tell("php-lists-visitors", "injection", 0.5,
         "Keeps a list of visitors and of where they are.",
         (),
         re.compile(rb"((?:fopen|file_put_contents)\s?\([^;]{0,80}?\.(?:txt|log|html?|dat|ini)['\"])"),
         (), (some("remote_addr"), some("geoplugin ipinfo freegeoip iplocation geoiptool extreme json_decode"), some("_post geoplugin country countrycode country_name"), _WRITERS)),
    Tell("php-lets-anybody-in", "backdoor", 0.6,
         "Logs in whoever asks by an address that asks for no permission.",
         (),
         re.compile(rb"(wp_set_auth_cookie\s?\()"),
         (), (some("wp_set_auth_cookie"), some("__return_true"), some("register_rest_route"))),
    Tell("php-floods-others", "webshell", 0.6,
         "Sends packets without end to a host that somebody names.",
         (b"udp://",),
         re.compile(rb"(fsockopen\s?\(\s?['\"]udp://(?:['\"]\s?\.\s?)?\{?\$(?!this)[a-z0-9_}\[\]'\"]{1,40}\s?,\s?(?:\$|(?:mt_)?rand))"),
         (), (some("udp"), some("str_repeat rand mt_rand"))),
    Tell("php-obeys-traffic-system", "redirect", 0.55,
         "Has a system that sorts visitors decide where each of them goes.",
         (),
         re.compile(rb"(new\s{1,5}\\?\w{0,40}(?:click|client|tds|tracker|campaign)\w{0,40}\s?\(\s?['\"]https?://|->\s?(?:execute|perform)\w{0,20}\s?\()"),
         (), (_SORTERS,), 2),
    Tell("php-moves-site", "redirect", 0.65,
         "Makes the site call itself by the name of another.",
         (),
         re.compile(rb"(update_option\s?\(\s?['\"](?:siteurl|home)['\"]\s?,\s?['\"]https?://)"),
         (), (some("siteurl home"), some("update_option"))),
    Tell("php-posts-as-request-says", "spam", 0.55,
         "Starts the site's program by itself and publishes what a request brings.",
         (),
         re.compile(rb"(wp_insert_post\s?\([^;]{0,400}\$_(?:post|request|get))"),
         (b"wp-load", b"wp-blog-header", b"wp-config"), (some("wp_insert_post"), some("_post _request _get"))),
)  # fmt: skip
