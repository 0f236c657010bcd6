"""Signs of planted code in files of a shop's program as its makers released it.

Such files ask for requests, send mail and reach other servers by the program's own classes alone:
what does any of it directly was added.
"""

from __future__ import annotations

import re

from unhijack.parse.plain.tell import Tell

_HEAD = re.compile(
    rb"@(?:category|package)\s{1,9}(?:mage_?|varien_?|enterprise_?)|@copyright[^\n]{0,60}\bmagento\b"
    rb"|copyright\s[^\n]{0,40}magento"
)
_OWN = (
    rb"(?:[\w-]{1,40}\.){0,4}(?:magento(?:commerce)?|paypal(?:objects)?|usps|ups|fedex|dhl|dhl-usa|authorize|google(?:apis|-analytics|tagmanager|syndication)?"
    rb"|gstatic|w3|zend|php|opensource|varien|ebay|amazon(?:aws)?|moneybookers|example|xmlsoap|shippingapis|sagepay|worldpay"
    rb"|facebook|apple|iconcommerce|currencyconverterapi|webservicex|fixer|getfirebug|openssl|iana|ietf|phpdoc|prototypejs"
    rb"|adobe|youtube|braintreegateway|cybersource|eway|verisign|dibs|paygate|cardinalcommerce|localhost|gnu|github|x)"
    rb"\.(?:com|org|net|co\.uk|dk|de|gov|au|io|eu|commerce)"
)
_STRANGER = rb"(?:https?:)?//(?!" + _OWN + rb"\b)[a-z0-9-]{1,60}(?:\.[a-z0-9-]{1,60}){1,4}"
_REACHES = (
    rb"(?:curl_setopt|curl_init|file_get_contents|fopen|fsockopen|get_headers|readfile|stream_context_create|getimagesize"
    rb"|gethostbyname|dns_get_record|new\s{1,5}(?:zend|varien)_http_client|->seturi|simplexml_load_file)"
)
_REACHING = (
    b"curl_", b"file_get_contents", b"fopen", b"fsockopen", b"readfile", b"get_headers", b"getimagesize",
    b"gethostbyname", b"dns_get_record", b"_http_client", b"seturi", b"simplexml_load_file",
)  # fmt: skip
_ASKED = rb"(?:\$_(?:post|request|cookie|get)\b|getpost\s?\(|getparams\s?\(|php://input)"
_KEEPS = rb"(?:file_put_contents|fwrite|fputs|fopen|error_log|curl_setopt|curl_exec|setcookie)"


def is_shop_core(low: bytes) -> bool:
    """Whether a file, in lower case, has the head of Magento's own files."""
    return b"mage" in low and _HEAD.search(low, 0, 4000) is not None


IN_SHOP_CORE: tuple[Tell, ...] = (
    Tell("php-core-calls-stranger", "injection", 0.65,
         "A file of the shop's program itself reaches a server that is none of its makers' partners.",
         (b"//",),
         re.compile(rb"(" + _REACHES + rb"\s?\([^;]{0,120}?['\"]" + _STRANGER + rb")"),
         _REACHING),
    Tell("php-core-calls-stranger", "injection", 0.6,
         "A file of the shop's program itself reaches a server that is none of its makers' partners.",
         (b"//",),
         re.compile(rb"(\$\w{1,40}\s?=\s?['\"]" + _STRANGER + rb"[^'\"\n]{0,200}['\"])\s?;(?:[^}]{0,600}?)" + _REACHES + rb"\s?\("),
         _REACHING),
    Tell("php-core-calls-stranger", "injection", 0.6,
         "A file of the shop's program itself puts together the address of a server and reaches it.",
         (b"//",),
         re.compile(rb"(" + _REACHES + rb"\s?\([^;]{0,80}?['\"]https?://['\"]\s?\.\s?\$)"),
         _REACHING),
    Tell("php-core-looks-up", "injection", 0.55,
         "A file of the shop's program itself asks for names of servers.",
         (),
         re.compile(rb"(?<![a-z0-9_>:])((?:gethostbyname|dns_get_record|checkdnsrr)\s?\([^;]{0,200}\.)"),
         (b"gethostbyname", b"dns_get_record", b"checkdnsrr")),
    Tell("php-core-commands", "injection", 0.55,
         "A file of the shop's program itself runs commands of the server.",
         (),
         re.compile(rb"(?<![a-z0-9_>:$])(?<!function )((?:exec|shell_exec|system|passthru|popen|proc_open)\s?\(\s?['\"$b@])"),
         (b"exec", b"system", b"passthru", b"popen", b"proc_open")),
    Tell("php-core-mails-stranger", "injection", 0.6,
         "A file of the shop's program itself sends mail to an address that stands in it.",
         (b"@",),
         re.compile(rb"(->\s?(?:addto|setto|addbcc|addcc)\s?\(\s?['\"][^'\"@\s]{1,60}@(?!example\b))"),
         (b"addto", b"setto", b"addbcc", b"addcc")),
    Tell("php-core-logs-entries", "injection", 0.55,
         "A file of the shop's program itself keeps passwords or what visitors enter in a log.",
         (b"mage::log",),
         re.compile(rb"(mage::log\s?\([^;]{0,160}?(?:\$pass|passw|cc_num|cc_cid|getpost|\$_post|\$_request|print_r\s?\(\s?\$(?:data|post|payment)\b))")),
    Tell("php-core-sets-cookie", "injection", 0.6,
         "A file of the shop's program itself hides what visitors enter in a cookie.",
         (b"setcookie",),
         re.compile(rb"(?<![a-z0-9_>:])(setcookie\s?\([^;]{0,160}?(?:base64_encode|serialize|json_encode|bin2hex|\$pass))")),
    Tell("php-core-opens-login", "backdoor", 0.6,
         "A file of the shop's program itself knows a password.",
         (),
         re.compile(rb"(\$\w{0,20}pass\w{0,20}\s?={2,3}\s?['\"][^'\"\n]{4,})|((?:md5|sha1)\s?\(\s?\$[\w\[\]'\">-]{1,60}\s?\)\s?={2,3}\s?['\"][0-9a-f]{32})"),
         (b"pass", b"md5", b"sha1")),
    Tell("php-core-makes-administrator", "backdoor", 0.6,
         "A file of the shop's program itself makes an administrator whose password stands in it.",
         (b"admin/user", b"password"),
         re.compile(rb"(['\"]password['\"]\s?=>\s?['\"][^'\"\n]{4,}|->setpassword\s?\(\s?['\"])")),
    Tell("php-core-joins-card", "injection", 0.55,
         "A file of the shop's program itself puts the fields of a card on one line.",
         (),
         re.compile(rb"((?:cc_num|cc_cid|getccnumber|getcccid)[^;\n]{0,60}\.\s?['\"][^'\"\n]{0,12}[|:;,][^'\"\n]{0,12}['\"])"),
         (b"cc_num", b"cc_cid", b"getccnumber", b"getcccid")),
    Tell("php-core-mails-directly", "injection", 0.6,
         "A file of the shop's program itself sends mail past the program's own way.",
         (b"mail",),
         re.compile(rb"(?<![a-z0-9_>:$])(?<!function )(@?mail\s?\(\s?(?:['\"b@]|\$(?!this)))"),
         (b"mail(", b"mail (")),
    Tell("php-core-asks-directly", "injection", 0.6,
         "A file of the shop's program itself keeps or sends away what visitors enter.",
         (),
         re.compile(_ASKED + rb"[^}]{0,900}?(?<![a-z0-9_>:])(" + _KEEPS + rb"\s?\()|(?<![a-z0-9_>:])(" + _KEEPS + rb"\s?\()[^;}]{0,300}?" + _ASKED),
         (b"$_post", b"$_request", b"$_cookie", b"$_get", b"getpost", b"getparams", b"php://input")),
    Tell("php-core-keeps-in-media", "injection", 0.6,
         "A file of the shop's program itself adds to a file that poses as a picture, style or script.",
         (),
         re.compile(rb"(?<![a-z0-9_>:])((?:file_put_contents|fopen|error_log)\s?\([^;]{0,160}?\.(?:jpe?g|png|gif|ico|css|js|svg)['\"])"),
         (b"file_put_contents", b"fopen", b"error_log")),
    Tell("php-core-decodes", "injection", 0.65,
         "A file of the shop's program itself decodes a text that stands in it.",
         (),
         re.compile(rb"(?<![a-z0-9_>:])((?:base64_decode|gzinflate|str_rot13|hex2bin|gzuncompress|convert_uudecode)\s?\(\s?['\"][a-z0-9+/=]{8,})"),
         (b"base64_decode", b"gzinflate", b"str_rot13", b"hex2bin", b"gzuncompress", b"convert_uudecode")),
    Tell("php-core-runs", "injection", 0.65,
         "A file of the shop's program itself runs a text as code.",
         (),
         re.compile(rb"(?<![a-z0-9_>:$])((?:eval|assert|create_function)\s?\(\s?[@$'\"a-z])"),
         (b"eval", b"assert", b"create_function")),
    Tell("php-core-silences", "injection", 0.4,
         "A file of the shop's program itself hushes up what goes wrong.",
         (),
         re.compile(rb"(?<![a-z0-9_>:$])(error_reporting\s?\(\s?0\s?\)|@ini_set\s?\(\s?['\"](?:display_errors|error_log)['\"])"),
         (b"error_reporting", b"ini_set")),
    Tell("php-core-encrypts-entries", "injection", 0.7,
         "A file of the shop's program itself encrypts what visitors enter.",
         (),
         re.compile(rb"(openssl_public_encrypt\s?\(|(?:base64_encode|bin2hex|gzcompress|str_rot13)\s?\(\s?(?:serialize|json_encode|http_build_query|implode|print_r)\s?\()"),
         (b"openssl_public_encrypt", b"base64_encode", b"bin2hex", b"gzcompress", b"str_rot13")),
    Tell("php-core-prints-stranger", "injection", 0.6,
         "A file of the shop's program itself prints a script of another site.",
         (b"<script", b"//"),
         re.compile(rb"(<script[^>]{0,80}\ssrc\s?=\s?\\?['\"]?\s?" + _STRANGER + rb")")),
    Tell("php-core-includes-aside", "injection", 0.6,
         "A file of the shop's program itself loads what is no program of it.",
         (),
         re.compile(rb"(@(?:include|require)(?:_once)?[\s(]{1,3}[^;\n]{0,160}?/\.[a-z0-9])|(?:include|require)(?:_once)?[\s(]{1,3}['\"][^'\"\n]{0,120}\.(?:jpe?g|png|gif|ico|css|js|txt|log|dat)['\"]"),
         (b"include", b"require")),
    Tell("php-core-sends-away", "redirect", 0.6,
         "A file of the shop's program itself sends visitors to another site.",
         (b"location", b"//"),
         re.compile(rb"(header\s?\(\s?['\"]location\s?:\s?" + _STRANGER + rb")")),
)  # fmt: skip
