"""What scripts hide is spelled out where it stands. All that is hidden here is harmless words."""

import base64

import pytest

from unhijack.parse.plain.js_peel import peel

WORDS = "https://words.test/harmless"


def coded(text: str) -> str:
    return ",".join(str(ord(character)) for character in text)


def shifted(text: str, by: int) -> str:
    return "".join(chr(ord(character) + by) for character in text)


def mixed(text: str, key: int) -> str:
    return ",".join(str(ord(character) ^ key) for character in text)


LOOP = "for(i=0;i<t.length;i++)o+=String.fromCharCode(t.charCodeAt(i)-3)"
HIDDEN = {
    "hex": "x='" + "".join(f"\\x{ord(c):02x}" for c in WORDS) + "'",
    "unicode": "x='" + "".join(f"\\u{ord(c):04X}" for c in WORDS) + "'",
    "octal": "x='" + "".join(f"\\{ord(c):03o}" for c in WORDS) + "'",
    "codes": f"x=String.fromCharCode({coded(WORDS)})",
    "codes-spread": f"x=String.fromCharCode(...[{coded(WORDS)}])",
    "codes-applied": f"x=String.fromCharCode.apply(null,[{coded(WORDS)}])",
    "codes-by-property": f"x=String['fromCharCode']({coded(WORDS)})",
    "codes-one-by-one": "x=" + "+".join(f"String.fromCharCode({ord(c)})" for c in WORDS),
    "base64": f"x=atob('{base64.b64encode(WORDS.encode()).decode()}')",
    "base64-backwards": f"atob(r);var r='{base64.b64encode(WORDS.encode() + b'!!').decode()[::-1]}'",
    "base64-elsewhere": f"var k='{base64.b64encode(WORDS.encode()).decode()}';x=atob(k)",
    "percent": "x=unescape('" + "".join(f"%{ord(c):02x}" for c in WORDS) + "')",
    "percent-wide": "x=unescape('" + "".join(f"%u{ord(c):04x}" for c in WORDS) + "')",
    "entities": "$('<i/>').html('" + "".join(f"&#{ord(c)};" for c in WORDS) + "').text()",
    "backwards": f"x='{WORDS[::-1]}'.split('').reverse().join('')",
    "pieces": "x='https'+\"://wo\" + 'rds.test'+'/harm'+`less`",
    "joined": "x=['https:','//words.','test/harm','less'].join('')",
    "junk": "x='htQQtps://woQQrds.teQQst/harQQmless'.replace(/QQ/g,'')",
    "cut-by-a-sign": "x='https://w|ords.test/|harmless'.split('|').join('')",
    "hexadecimal": f"x=f('{WORDS.encode().hex()}');function f(a){{return parseInt(a,16)}}",
    "array": f"var _0xa1=['{WORDS}','b'];x=_0xa1[0];y=_0xa1[1]",
    "array-by-hexadecimal": f"var _0xa1=['b','{WORDS}'];x=_0xa1[0x1];y=_0xa1[0x0]",
    "packer": "eval(function(p,a,c,k,e,d){return p}('0=\"1://2.3/4\"',5,5,'x|https|words|test|harmless'.split('|'),0,{}))",
    "shifted": f't="{shifted("var a=document;" + WORDS + ";", 3)}";{LOOP}',
    "numbers-shifted": f"t=[{coded(shifted(WORDS, 7))}];{LOOP}",
    "numbers-mixed": f"t=[{mixed(WORDS, 23)}];{LOOP}",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_words_are_spelled_out(name: str):
    script = HIDDEN[name]
    plain = peel(script).text
    assert WORDS not in script or name.startswith("array")
    assert WORDS in plain


def test_layers_are_taken_off_one_by_one():
    script = f"x='{WORDS}'"
    for _ in range(4):
        script = f"eval(atob('{base64.b64encode(script.encode()).decode()}'))"
    assert WORDS in peel(script).text


def test_layers_end():
    script = WORDS
    for _ in range(30):
        script = f"atob('{base64.b64encode(script.encode()).decode()}')"
    assert WORDS not in peel(script).text


def test_plain_scripts_stay_as_they_are():
    script = "var a = document.querySelector('#a');\na.addEventListener('click', go);\n"
    peeled = peel(script)
    assert peeled.text == script
    assert peeled.pieces == ()


def test_properties_read_as_names():
    assert "document.write(" in peel('window["document"]["wri"+"te"]("a")').text


def test_what_does_the_decoding_still_shows_in_the_early_text():
    assert (
        "eval(atob("
        in peel(
            "window['ev\\x61l'](atob('aGVsbG8gd29ybGQ='))".replace("window['ev\\x61l']", "eval")
        ).early
    )


def test_letters_of_other_languages_are_no_hiding():
    assert peel("t='\\u041f\\u0440\\u0438'").pieces == ()
