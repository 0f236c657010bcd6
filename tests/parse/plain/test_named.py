"""A name that is PHP's alone is looked at by the readers of PHP alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain import named

OTHERS = (named.PAGE, named.SCRIPT, named.APACHE, named.SERVER_PAGE, named.INI, named.OTHER)


@given(st.text(alphabet="htacespwd.-_jx1", max_size=12))
def test_no_other_pattern_fits_a_name_that_is_only_php(stem):
    name = f"{stem}.php"
    if named.is_only_php(name):
        assert named.PHP.search(name)
        assert not any(pattern.search(name) for pattern in OTHERS)


@pytest.mark.parametrize("name", ["index.php", "class-wp_x.php"])
def test_ordinary_programs_are_only_php(name):
    assert named.is_only_php(name)


@pytest.mark.parametrize("name", ["htaccess.php", "httpd.conf.php", "a.html.php", ".php", "a.php5"])
def test_what_may_be_something_else_is_not(name):
    assert not named.is_only_php(name)
