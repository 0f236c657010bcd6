"""What code that shows some visitors another site is made of, and what speaks for honest code: how
each small sign is recognised. What they count is in `cloak_weights`.

Patterns are for text as `cloak_text` makes it: small letters, ``"`` for every quote, no remarks, no
blanks beside punctuation.
"""

from __future__ import annotations

import re
from re import Pattern
from typing import NamedTuple

from unhijack.parse.plain.hosts import WELL_KNOWN


class Sign(NamedTuple):
    """One thing that is there, or not."""

    name: str
    why: str
    pattern: Pattern[bytes]


def _sign(name: str, why: str, pattern: bytes) -> Sign:
    return Sign(name, why, re.compile(pattern))


_KNOWN = b"|".join(re.escape(name.encode()) for name in WELL_KNOWN)
_HOST = (
    rb"(?!(?:[a-z0-9-]{1,63}\.){0,5}(?:" + _KNOWN + rb")(?![a-z0-9.-]))"
    rb"(?:[a-z0-9-]{1,63}\.){1,5}(?!(?:php|js|css|html?|png|jpe?g|gif|json|xml|txt|dat|inc|ico|log|svg|tpl|ini|phtml"
    rb"|woff2?|md|bin|mmdb|zip|gz|sql|twig|yml)(?![a-z]))[a-z]{2,12}(?![a-z0-9.(-])"
)
ADDRESS = rb"(?:https?:)?//" + _HOST
FOREIGN = rb"//" + _HOST
"""An address that is no well-known place, in a text as it stands."""

REFERRER = rb"(?:http_referer|wp_get_(?:raw_)?referer|(?:get)?(?:http_?)?referr?er\b)"
AGENT = rb"(?:http_user_agent|user_?-?agent|get_browser\b|http_x_wap_profile|sec_ch_ua|navigator\.)"
KIND = (
    rb"(?:(?:is|check|detect|looks?_?like|was|seems)_?a?_?"
    rb"(?:mobile|tablet|phone|smart|bot|crawler|robot|spider|human|search|google|engine|se\b)|wp_is_mobile)"
)
PLACE = (
    rb"(?:remote_addr|x_forwarded|x-forwarded|client_?ip\b|real_?ip\b|connecting_ip|ipcountry|geoip|gethostbyaddr"
    rb"|ip2long|sxgeo|maxmind|country_?code|iso_?code|->country\b|getcountry|get_country|country_name|continent|user_?ip\b|visitor_?ip|remote_?addr(?:ess)?\b|ip-?api)"
)
LANGUAGE = rb"(?:accept[_-]language|preferred_?language)"
COOKIE = rb"(?:\$_cookie\b|\"_cookie\"|http_cookie\b|cookies?(?:->|\(\)->)|(?:get|has|read|raw)_?cookie\b|cookie\(\"|document\.cookie)"
VISITOR = b"(?:" + b"|".join((REFERRER, AGENT, KIND, PLACE, LANGUAGE, COOKIE)) + b")"

_ENGINES = rb"(?:google(?!apis|tag|-?analytics|_?map|\.com/(?:maps|recaptcha|fonts))|bing\b|yahoo|yandex|baidu|duckduck|\baol\b|\bmsn\b|altavista|sogou|naver|\bask\.)"
_ROBOTS = rb"(?:googlebot|bingbot|bot\b|\bbot|crawl|spider|slurp|ahrefs|semrush|mj12|headless|lighthouse|archiver|wget)"
_PHONES = rb"(?:iphone|android|ipad|ipod|mobile|windows phone|midp|blackberry|opera m|symbian|webos|phone)"
_DESKTOP = rb"(?:windows|win64|macintosh|msie|trident|chrome|firefox|safari|x11|linux)"

SENDS = (
    rb"(?:\"(?:\s?http/[0-9.]+ 30\d[^\"]{0,40}\"[^\"]{0,60}\")?location:|\"refresh:|\"(?:location|refresh)\"(?:,|=>|\]=)"
    rb"|\b(?:wp_redirect|http_redirect|redirect|drupal_goto|setredirect|localredirect|_redirect|sendredirect|withredirect|away|redirectto|gotourl)\("
    rb"|redirectresponse\(|zen_redirect\(|tep_redirect\()"
)
SCRIPT_SENDS = rb"(?:\b(?:window|document|top|self|parent|globalthis)(?:\.|\[\")location|\blocation(?:\.href)?=(?!=)|\blocation\.(?:replace|assign)\b|window\.open\(|\.submit\(\))"
REFRESHES = rb"http-equiv(?:=\"?|\"(?:=>|,)\")refresh"
LOADS = rb"(?:<script[^>]{0,80}[ \"]src=|<iframe|createelement\(\"(?:script|iframe)|(?:enqueue|register)_script\(|addscript\(|document\.write\(|\.src=|\"#tag\"=>\"(?:script|iframe)\"|<object|<embed|<frame\b)"
FETCHES = (
    rb"(?:curl_exec|curl_init|curl_multi|file_get_contents\((?:\"(?:https?:)?//|\$[a-z_]\w{0,30}(?:\.|,false|\)))|wp_(?:safe_)?remote_(?:get|post|request|fopen)|p?fsockopen|stream_socket_client"
    rb"|drupal_http_request|http_get\(|guzzlehttp|httpclient|stream_context_create|fopen\(\"(?:https?:)?//|readfile\(\"(?:https?:)?//"
    rb"|dns_get_record|->(?:request\(\"(?:get|post)\"|get\(\"https?:))"
)
SHOWS = (
    rb"(?:\b(?:echo|print|die|exit)\b|\bprintf?\(|<\?=|setcontent\(|setbody\(|appendbody|print_r\()"
)
SINK = b"(?:" + b"|".join((SENDS, SCRIPT_SENDS, REFRESHES, LOADS, rb"rewriterule")) + b")"
ENDS = rb"(?:\b(?:exit|die)\b|wp_die\(|drupal_exit|jexit|->(?:end|close|send|terminate)\(\)|->sendheaders\(\)|return\b)"
_TURNS = rb"(?:header\(|" + SENDS + rb")"

SIGNS: tuple[Sign, ...] = (
    # -- who asks
    _sign("referrer", "Where the visitor comes from is asked.", REFERRER),
    _sign("agent", "The browser is asked.", AGENT),
    _sign("kind", "A function says whether it is a phone or a robot.", KIND),
    _sign("place", "The address, or the country, is asked.", PLACE),
    _sign("language", "The language is asked.", LANGUAGE),
    _sign("cookie", "A cookie is asked.", COOKIE),
    _sign("stranger", "Who is signed in is asked.",
          rb"(?:is_user_logged_in|current_user_can|is_admin\b|isadmin|isguest|isanonymous|is_?logged|adminid|wordpress_(?:logged|sec)|\"wordpress_|wp-settings|->guest\b|isauthenticated)"),
    _sign("chance", "Chance decides.", rb"\b(?:mt_rand|rand|random_int|wp_rand|array_rand|shuffle|lcg_value)\("),
    _sign("hour", "The time of day or week decides.", rb"date\(\"(?:h|g|n|w|hi|d|ymd|l|j|i)\""),
    # -- compared with
    _sign("engines", "Names of search engines stand in it.", _ENGINES),
    _sign("engines>=2", "Several of them.", _ENGINES + rb"[^;{}]{1,40}" + _ENGINES),
    _sign("social", "Names of social networks stand in it.", rb"(?:facebook|fbclid|gclid|instagram|tiktok|\bt\.co\b|pinterest|utm_|vk\.com|telegram)"),
    _sign("robots", "Names of robots stand in it.", _ROBOTS),
    _sign("phones", "Names of phones stand in it.", _PHONES),
    _sign("desktop", "Names of browsers stand in it.", _DESKTOP),
    _sign("countries", "Countries or languages are compared.",
          rb"(?:[=(\[,]\"(?:us|gb|uk|de|fr|es|it|br|pt|in|jp|au|ca|nl|at|ch|se|no|pl|tr|ru|ua|kz|by|id|th|vn|ja|ko|zh|en)\"(?:[,)\]]|=>))"),
    _sign("compares", "A trait of the visitor is searched.",
          rb"(?:str[ir]?i?pos|str_contains|stristr|strstr|preg_match(?:_all)?|eregi?|in_array|substr_count|str_starts_with|fnmatch|strncasecmp|strcasecmp|strcmp)\([^;{}]{0,120}" + VISITOR),
    _sign("search-words", "Words of spam.", rb"(?:casino|viagra|pharm|\bslots?\b|\bbet\b|dating|porn|loan|lottery|\bpills?\b|jackpot|replica)"),
    # -- leads away
    _sign("sends", "A visitor is sent elsewhere.", SENDS),
    _sign("script-sends", "A script moves the page.", SCRIPT_SENDS),
    _sign("refreshes", "A tag moves the page.", REFRESHES),
    _sign("loads", "A script or frame is printed.", LOADS),
    _sign("fetches", "Another server is asked.", FETCHES),
    _sign("shows", "Something worked out is shown.", SHOWS + rb" ?\(?@?(?:\$|\w{2,30}\()|(?:readfile|include|require)\(?\"https?:|fpassthru\("),
    _sign("script-made", "What a printed script does is worked out.",
          rb"<script[^>]{0,60}>\"?[.,{]{0,2}(?:\$|[a-z_]\w{1,30}\(\$)|\"<script>\"\.[a-z_$]"),
    _sign("answers-foreign", "An address that the site answers with is another site's.",
          rb"(?:return |->(?:url|href|guid|link)=|\[\"(?:href|url|link)\"\]=)\"" + ADDRESS),
    _sign("loads-made", "The host of a script or frame is worked out.",
          rb"<(?:script|iframe)[^>]{0,60}src=\"{0,2}(?:https?:)?(?://)?\"?[.{]{0,2}\$"),
    _sign("header-made", "A header is worked out.", rb"\bheader\((?:\$|self::|static::|[a-z_]\w{0,30}\(|[a-z_]+\[)"),
    _sign("serves-file", "A hidden or foreign file is shown.",
          rb"\b(?:readfile|include|include_once|require|require_once|file_get_contents|file|fopen)\b\(?[^;]{0,80}(?:https?://|/\.[a-z_]|\.(?:ico|gz|dat|woff2?|png|jpe?g|gif|css|bin|cache|html?)\")"),
    _sign("data-script", "A script stands in an address.", rb"data:(?:text|application)/(?:x-)?(?:javascript|html)"),
    _sign("buffer", "The finished page is changed.", rb"ob_start\((?:function|\"|\[|array|fn\b|\$|static)|the_content\"|ob_get_clean|ob_get_contents|setbody\(|str_i?replace\(\"</?(?:body|head|html)"),
    _sign("canonical", "Who owns a page is told to search engines.", rb"rel=\"?canonical|<link[^>]{0,40}canonical"),
    _sign("rewrites", "Rules of the server are written.", rb"rewritecond|auto_prepend"),
    # -- where to
    _sign("foreign", "Another site is named.", ADDRESS),
    _sign("foreign-host", "Another site is named without its scheme.", rb"\"" + _HOST + rb"[/\"]"),
    _sign("sends-foreign", "And visitors are sent there.", SENDS + rb"(?:0;url=|\d{1,2};\s?url=|\s|[(\"]){0,6}" + ADDRESS),
    _sign("sends-variable", "Where to is in a variable.", SENDS + rb"\s?\"?[.({]{0,3}\$(?!_server\[\"(?:http_host|request_uri|php_self|script))"),
    _sign("sends-made", "Where to is put together.", SENDS + rb"[\"., ]{0,6}(?:base64_decode|implode|join|strrev|str_rot13|gzinflate|pack|chr|trim|urldecode|hex2bin|sprintf|array_rand|file_get_contents|get_option|rtrim)\("),
    _sign("chooses", "It is drawn from a list.", rb"\[(?:array_rand|mt_rand|rand|random_int)\("),
    _sign("numbered-host", "A host has a name made on the spot.", rb"//[a-z0-9.-]{0,30}\"\.(?!\$_server\[\"http_host)"),
    _sign("home", "It is the site itself.", rb"(?:" + SENDS + rb"|" + SCRIPT_SENDS + rb")[^;]{0,40}(?:home_url|site_url|http_host|server_name|admin_url|get_permalink|php_self|request_uri|route\(|url::)"),
    _sign("path", "It is a path.", SENDS + rb"\"?\s?(?:/[a-z\"?]|\./|[a-z_-]{1,30}\.php|\?)"),
    # -- manners
    _sign("shows-and-ends", "Something is shown, and the program ends.", rb"\b(?:die|exit)\([\"$]|\becho.{0,300}?;(?:exit|die)\b"),
    _sign("silent", "Errors are not shown.", rb"@[a-z$]|error_reporting\(0\)|display_errors"),
    _sign("variable-calls", "What is called is in a variable.", rb"(?<![>:])\$\w{1,30}\(|call_user_func|\}\("),
    _sign("odd-spelling", "Server variables are asked by pieces.", rb"\$\{|\$globals\[|\$_server\[\$|getenv\(|filter_input|getallheaders|apache_request_headers"),
    _sign("decoders", "Something is decoded.", rb"(?:base64_decode|gzinflate|gzuncompress|str_rot13|strrev|hex2bin|pack\(|convert_uu|openssl_decrypt|\bchr\(|\bord\(|fromcharcode|atob\(|unescape\(|[\])]\^[$(a-z])"),
    _sign("front", "Hangs on each page.", rb"\"(?:init|template_redirect|wp_head|wp_footer|wp|plugins_loaded|wp_loaded|send_headers|shutdown|the_content|wp_body_open|wp_enqueue_scripts|parse_request|pre_get_posts)\",|onafterinitialise|hook_boot|onafterrender"),
    _sign("stored", "Where to lies in settings.", rb"get_option\(|get_site_option\(|get_transient\(|variable_get\(|get_theme_mod\("),
    # -- honest
    _sign("checks", "Forms are checked.", rb"nonce|csrf|password|passwd|wp_verify|check_admin_referer|captcha"),
    _sign("throws", "Errors are thrown.", rb"throw new"),
    _sign("typed", "Arguments and answers have types.", rb"\)(?:use\([^)]{0,80}\))?:\??(?:string|bool|void|array|int|self|static|[a-z\\]{3,40})\{|(?:protected|private) (?:static )?(?:function|readonly|\?)"),
    _sign("escapes", "What is printed is escaped.", rb"esc_(?:html|attr|url)|htmlspecialchars|htmlentities|sanitize_"),
    _sign("translates", "Texts are translated.", rb"\b(?:__|_e|_x|t|trans|gettext|lang|_)\(\""),
    _sign("tests", "Is a test.", rb"assert(?:same|equals|true|false|null|contains)|phpunit|->expects\(|createmock|getmock"),
    _sign("safe-redirect", "Sends within the site only.", rb"wp_safe_redirect|wp_validate_redirect|login_url|auth_redirect"),
    _sign("extends", "Is a framework's class.", rb"class \w{1,60} extends|implements "),
    _sign("logs", "Notes what it does.", rb"->(?:log|debug|info|warning|error)\(|error_log\(|trigger_error|deprecated"),
)  # fmt: skip
