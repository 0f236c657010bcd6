"""Modules of a web server, and the packages that brought them."""

from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.server.modules import listed_files, listed_sums, module_marks, modules_of

APACHE = b"""# LoadModule commented_module modules/no.so
LoadModule rewrite_module /usr/lib/apache2/modules/mod_rewrite.so
  LoadModule helper_module "/usr/lib/apache2/modules/mod_helper.so"
LoadModule tmp_module /var/tmp/.x/mod.so
"""
OWNED = listed_files(b"/.\n/usr/lib/apache2/modules/mod_rewrite.so\n/lib/nginx/modules/geo.so\n")


def test_a_module_of_no_package_is_told_and_one_from_an_odd_place_is_certain():
    found = list(module_marks(modules_of(APACHE, "/etc/apache2"), OWNED))
    assert [(module.name, mark.rule, mark.confidence) for module, mark in found] == [
        ("helper_module", "server-module-unowned", 0.6),
        ("tmp_module", "server-module-unowned", 0.9),
    ]
    assert APACHE[found[0][1].start :].lstrip().startswith(b"LoadModule helper")


def test_nginx_s_modules_are_relative_to_its_prefix():
    config = b"load_module modules/geo.so;\nload_module modules/other.so;\n"
    modules = list(modules_of(config, "/usr/lib/nginx"))
    assert [module.path for module in modules] == [
        "/usr/lib/nginx/modules/geo.so",
        "/usr/lib/nginx/modules/other.so",
    ]
    assert [module.path for module, _ in module_marks(modules, OWNED)] == [modules[1].path]


def test_a_module_that_is_not_as_its_package_brought_it_is_told():
    sums = listed_sums(
        b"d41d8cd98f00b204e9800998ecf8427e  usr/lib/apache2/modules/mod_rewrite.so\n\xff\n"
    )
    (module,) = [one for one in modules_of(APACHE, "/") if one.name == "rewrite_module"]
    same = {module.path: "d41d8cd98f00b204e9800998ecf8427e"}
    assert list(module_marks([module], OWNED, sums, same)) == []
    ((_, mark),) = module_marks([module], OWNED, sums, {module.path: "0" * 32})
    assert mark.rule == "server-module-changed"


@given(st.binary(max_size=300))
def test_whatever_a_configuration_holds_nothing_raises(content: bytes):
    list(module_marks(modules_of(b"LoadModule x " + content, "/"), listed_files(content)))
    listed_sums(content)
