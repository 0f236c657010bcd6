"""Forms that send themselves, as far as that can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.evidence import Via
from unhijack.parse.forms import may_submit, submits
from unhijack.parse.html import read_page
from unhijack.parse.redirects import from_forms

HOME = "http://shop.test/"
FORM = b"<form id=f action=http://hop.example/in method=post><input name=a value=1></form>"


@pytest.mark.parametrize(
    "script",
    [
        "document.forms[0].submit();",
        "document.forms['go'].submit()",
        "document.getElementById('f').submit()",
        " document . f.submit ( ) ; ".replace(" ", ""),
        "f.submit()",
        "window.onload=function(){document.forms[0].submit();}",
        "setTimeout(function(){ document.forms[0].submit() }, 500);",
        "setTimeout('document.f.submit()',10)",
        "(function(){document.f.submit();})();",
        "window.addEventListener('load', function () { document.f.submit(); });",
        "/* go */ document.f.submit()",
    ],
)
def test_a_script_that_only_sends_a_form_is_known(script: str):
    assert submits(script)
    page = FORM + b"<script>" + script.encode() + b"</script>"
    assert may_submit(page.lower())
    onward = from_forms(HOME, read_page(page, None), "shop.test")
    assert onward is not None
    assert (onward.target, onward.via) == ("http://hop.example/in", Via.FORM)


def test_a_handler_of_the_body_does_it_too():
    page = b"<body onload='document.forms[0].submit()'>" + FORM
    onward = from_forms(HOME, read_page(page, None), "shop.test")
    assert onward is not None


@pytest.mark.parametrize(
    "script",
    [
        "",
        "function go(){document.f.submit()}",
        "if (ok) document.f.submit()",
        "button.onclick=function(){document.f.submit()}",
        "document.f.submit" + " " * 500 + "()",
    ],
)
def test_a_script_that_may_send_a_form_is_left_to_the_script_tier(script: str):
    assert not submits(script)


def test_a_form_of_the_site_itself_leads_nowhere_else():
    page = b"<form action=/search></form><script>document.forms[0].submit()</script>"
    assert from_forms(HOME, read_page(page, None), "shop.test") is None


@given(st.text(max_size=400))
def test_any_text_has_an_answer(text: str):
    assert submits(text) in (True, False)
