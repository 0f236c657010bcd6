"""Forms that send themselves: a page whose script does nothing but press the button.

Only what can be read without running a script: an inline script, or a handler of the body, that
is one call of ``submit`` and no more. Anything longer is for the script tier.
"""

import re

_PLACE = (
    r"(?:(?:window|self|top)\.)?(?:"
    r"document\.(?:forms\[[^\]]{1,60}\]|forms\.\w{1,60}|\w{1,60}"
    r"|getElementById\([^)]{1,60}\)|querySelector\([^)]{1,60}\)"
    r"|getElementsBy(?:TagName|Name|ClassName)\([^)]{1,60}\)\[\d\])"
    r"|\w{1,60})"
)
_CALL = rf"{_PLACE}\.submit\(\)"
_ALONE = re.compile(
    rf"(?:javascript:)?(?:{_CALL}"
    rf"|setTimeout\((?:function\(\)\{{{_CALL};?\}}|\(\)=>\{{?{_CALL};?\}}?|['\"]{_CALL};?['\"]),\d{{1,5}}\)"
    rf"|(?:window\.)?onload=function\(\)\{{{_CALL};?\}}"
    rf"|\(function\(\)\{{{_CALL};?\}}\)\(\)"
    rf"|\w{{1,60}}\.addEventListener\(['\"](?:load|DOMContentLoaded)['\"],function\(\)\{{{_CALL};?\}}\)"
    r");?"
)
_LONGEST = 400
_COMMENTS = re.compile(r"/\*[^*]{0,200}\*/|//[^\n]{0,200}\n|<!--|-->|\s+")


def may_submit(lowered: bytes) -> bool:
    """Whether a page, in lower case, can hold a form that sends itself; False is certain."""
    return b"submit()" in lowered and b"<form" in lowered


def submits(script: str) -> bool:
    """Whether a script, or a handler, does nothing but send a form."""
    if len(script) > _LONGEST:
        return False
    return _ALONE.fullmatch(_COMMENTS.sub("", script)) is not None
