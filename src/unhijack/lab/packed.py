"""How scripts are wrapped so that reading them shows little: what the street's gates wear.

Each takes a script and gives one that does the same. The words are hidden, and nothing else is.
"""

import base64
import re
from collections.abc import Callable

Packer = Callable[[str], str]

_WORD = re.compile(r"\w+")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_UNPACK = (
    "eval(function(p,a,c,k,e,d){e=function(c){return(c<a?'':e(parseInt(c/a)))+((c=c%a)>35?"
    "String.fromCharCode(c+29):c.toString(36))};if(!''.replace(/^/,String)){while(c--)"
    "{d[e(c)]=k[c]||e(c)}k=[function(e){return d[e]}];e=function(){return'\\\\w+'};c=1};"
    "while(c--){if(k[c]){p=p.replace(new RegExp('\\\\b'+e(c)+'\\\\b','g'),k[c])}}return p}"
)


def char_codes(script: str) -> str:
    """A number for each character."""
    return f"eval(String.fromCharCode({','.join(str(ord(c)) for c in script)}));"


def base_64(script: str) -> str:
    """As mail packs it."""
    return f"eval(atob('{base64.b64encode(script.encode()).decode()}'));"


def escaped(script: str) -> str:
    """A percent sign and two digits for each character."""
    return f"eval(unescape('{''.join(f'%{ord(c):02x}' for c in script)}'));"


def backwards(script: str) -> str:
    """From its end to its beginning."""
    return f"eval({_quoted(script[::-1])}.split('').reverse().join(''));"


def in_pieces(script: str) -> str:
    """With a mark between every three characters."""
    parts = "~".join(script[n : n + 3] for n in range(0, len(script), 3))
    return f"eval({_quoted(parts)}.split('~').join(''));"


def by_function(script: str) -> str:
    """Made into a function by the constructor of all functions."""
    return f"[]['filter']['constructor']({_quoted(script)})();"


def shifted(script: str) -> str:
    """Each character one further than it was, by exclusive or with a number."""
    codes = ",".join(str(ord(c) ^ 23) for c in script)
    return (
        f"(function(){{var a=[{codes}],s='';for(var i=0;i<a.length;i++)"
        "{s+=String.fromCharCode(a[i]^23);}(new Function(s))();})();"
    )


def words_apart(script: str) -> str:
    """Words in a table and numbers in their place: the packer that libraries were once sent in."""
    words = list(dict.fromkeys(_WORD.findall(script)))
    numbers = {word: _base36(number) for number, word in enumerate(words)}
    text = _WORD.sub(lambda found: numbers[found[0]], script)
    table = "|".join(words)
    return f"{_UNPACK}({_quoted(text)},36,{len(words)},'{table}'.split('|'),0,{{}}))"


def _base36(number: int) -> str:
    return (_base36(number // 36) if number > 35 else "") + _DIGITS[number % 36]


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("</", "<\\/") + "'"


def hexed(text: str) -> str:
    """A string literal of nothing but hexadecimal escapes."""
    return "'" + "".join(f"\\x{ord(c):02x}" for c in text) + "'"
