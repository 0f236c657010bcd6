"""Whose folder is it? What panels and lists say, and what they may not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.account import Account, Refused
from unhijack.core.text import printable
from unhijack.parse.server.accounts import (
    LONGEST_NAME,
    account,
    customers,
    is_userdatadomains,
    ispconfig_account,
    plesk_account,
    read_csv,
    read_domains_list,
    read_userdata,
    read_userdatadomains,
)

HOME = "/".join(("", "home"))
"""Where DirectAdmin has its users: no path of this machine."""


def test_csv_without_headings_is_customer_folder_mail_language_domain():
    text = "c1,/srv/c1/web,c1@mail.test,de,shop.test\nc2,/srv/c2\n"

    assert list(read_csv(text, "list")) == [
        Account("c1", "/srv/c1/web", ("shop.test",), "c1@mail.test", "de"),
        Account("c2", "/srv/c2"),
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_headings_may_stand_in_any_order_and_under_the_names_of_a_panel(mark: str):
    lines = (
        ("www_root", "login", "name"),
        ("/var/www/vhosts/shop.test/httpdocs", "u1", "shop.test"),
    )
    text = "\ufeff" + "\r\n".join(mark.join(line) for line in lines)

    assert list(read_csv(text, "psa")) == [
        Account("u1", "/var/www/vhosts/shop.test/httpdocs", ("shop.test",))
    ]


def test_a_cell_in_quotation_marks_may_hold_anything_also_a_line_break():
    text = '"A, B\n& Sons","/srv/a\nb"\n# a comment\n\nc2,/srv/c2\n'

    assert [one.customer for one in read_csv(text, "list") if isinstance(one, Account)] == [
        "A, B\n& Sons",
        "c2",
    ]


@pytest.mark.parametrize(
    ("docroot", "why"),
    [
        ("web", "no absolute folder"),
        ("", "no absolute folder"),
        ("/srv/../etc", "with .. in it"),
        ("/srv/a\0b", "no absolute folder"),
        ("/", "whole machine"),
        ("//", "whole machine"),
        ("/x" * 4000, "no absolute folder"),
    ],
)
def test_what_is_no_customers_folder_is_refused(docroot: str, why: str):
    found = account("c1", docroot, "list", 3)
    assert isinstance(found, Refused)
    assert why in found.why
    assert found.line == 3


def test_a_reason_shows_nothing_raw():
    found = account("c1", "evil\x1b[2J\nx", "list", 1)
    assert isinstance(found, Refused)
    assert printable(found.why, 1000) == found.why


def test_no_customer_or_an_endless_one_is_refused():
    assert isinstance(account("", "/srv/a", "list", 1), Refused)
    assert isinstance(account("x" * (LONGEST_NAME + 1), "/srv/a", "list", 1), Refused)


def test_what_is_no_name_mailbox_or_language_is_left_out():
    found = account(
        "c1",
        "/srv/./a//b/",
        "list",
        1,
        domains=["Shop.TEST.", "no name", "<b>.test", "*.shop.test", "shop.test"],
        mail="a@b.test, c@d.test",
        language="de; rm",
    )
    assert found == Account("c1", "/srv/a/b", ("shop.test",))


def test_cpanels_list_of_domains():
    text = (
        "shop.test: bakery==root==main==shop.test==/homes/bakery/public_html==192.0.2.1:80====\n"
        "blog.test: bakery==root==addon==shop.test==/homes/bakery/public_html/blog==192.0.2.1:80\n"
        "nonsense\n\n"
    )
    assert is_userdatadomains(text)
    assert not is_userdatadomains("c1,/srv/c1\n")

    first, second, third = read_userdatadomains(text, "/etc/userdatadomains")

    assert first == Account("bakery", "/homes/bakery/public_html", ("shop.test",))
    assert second == Account("bakery", "/homes/bakery/public_html/blog", ("blog.test",))
    assert isinstance(third, Refused)


def test_cpanels_file_of_a_domain():
    text = (
        "--- \ndocumentroot: /homes/bakery/public_html\nserveralias: www.shop.test mail.shop.test\n"
        "servername: shop.test\nuser: bakery\n"
    )
    assert list(read_userdata(text, "bakery", "f")) == [
        Account(
            "bakery", "/homes/bakery/public_html", ("shop.test", "www.shop.test", "mail.shop.test")
        )
    ]
    assert list(read_userdata("main_domain: shop.test\n", "bakery", "f")) == []


def test_directadmins_list_names_folders_by_custom():
    found = list(read_domains_list("Shop.test\n../../etc\n\n", "bakery", "f"))
    assert found[0] == Account(
        "bakery", f"{HOME}/bakery/domains/shop.test/public_html", ("shop.test",)
    )
    assert isinstance(found[1], Refused)
    assert isinstance(next(read_domains_list("shop.test", "../x", "f")), Refused)


def test_ispconfig_and_plesk_say_it_by_their_folders():
    assert ispconfig_account("/var/www/clients/client3/web12") == Account(
        "client3", "/var/www/clients/client3/web12/web"
    )
    assert ispconfig_account("/var/www/clients/client3/shop.test") is None
    assert plesk_account("/var/www/vhosts/shop.test") == Account(
        "shop.test", "/var/www/vhosts/shop.test/httpdocs", ("shop.test",)
    )
    assert plesk_account("/var/www/vhosts/system") is None


def test_of_folders_in_each_other_the_outermost_is_scanned_with_the_names_of_all():
    (who,) = customers(
        [
            Account("c1", "/homes/c1/web/blog", ("blog.test",)),
            Account("c1", "/homes/c1/web", ("shop.test",), "c1@mail.test"),
            Account("c1", "/homes/c1/web", ("www.shop.test",)),
            Account("c1", "/homes/c1/web-old"),
        ]
    )
    assert [(one.docroot, one.domains) for one in who.docroots] == [
        ("/homes/c1/web", ("shop.test", "www.shop.test", "blog.test")),
        ("/homes/c1/web-old", ()),
    ]
    assert who.mail == "c1@mail.test"


def test_a_folder_in_another_customers_is_scanned_for_each():
    both = customers([Account("c1", "/homes/c1"), Account("c2", "/homes/c1/c2")])
    assert [len(who.docroots) for who in both] == [1, 1]


@given(st.text(max_size=400))
def test_whatever_a_list_holds_is_an_account_or_a_reason(text: str):
    for read in (read_csv, read_userdatadomains):
        for one in read(text, "list"):
            if isinstance(one, Account):
                assert one.docroot.startswith("/")
                assert ".." not in one.docroot.split("/")
            else:
                assert printable(one.why, 1000) == one.why
    customers(one for one in read_csv(text, "list") if isinstance(one, Account))
    list(read_userdata(text, "user", "f"))
    list(read_domains_list(text, "user", "f"))
    is_userdatadomains(text)
