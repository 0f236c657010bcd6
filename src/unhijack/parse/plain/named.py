"""What a file is for a server by its name alone: patterns for the last part of a path, in lower case."""

from __future__ import annotations

import re

PHP = re.compile(
    r"\.(?:php\d?|pht|phtml|phps|phar|inc|module|install|theme|engine|tpl|ctp)(?:\.\w{1,12})*$"
)
PAGE = re.compile(r"\.(?:html?|xhtml|shtml|svg|xml|vue|twig|hbs|mustache|asp|aspx)$")
SCRIPT = re.compile(r"\.(?:js|mjs|cjs|jsx|ts)$")
APACHE = re.compile(
    r"(?:^\.?ht(?:access|passwd)|\.htaccess|^(?:httpd|apache2?)[\w.-]*\.conf|\.vhost)"
)
SERVER_PAGE = re.compile(r"\.(?:aspx?|asa|asax|cer|ashx|asmx|jspx?|cfml?)$")
INI = re.compile(r"^(?:\.user|php\d?(?:-\w{1,20})?|\.php)\.ini$")
OTHER = re.compile(r"\.(?:pl|pm|cgi|py|sh|rb|jspx?|ashx|asa|cer|cfml?|bak|old)$")
NGINX = re.compile(rb"\b(?:server|location|http|map|upstream)\b[^;{}]{0,200}\{")
"""Of the beginning of a ``.conf`` file: it is nginx's."""
_ONLY_PHP = re.compile(r"(?!ht(?:access|passwd))[\w-]+\.php")


def is_only_php(name: str) -> bool:
    """Whether a name is PHP's and none of the others': nearly every program's is."""
    return _ONLY_PHP.fullmatch(name) is not None
