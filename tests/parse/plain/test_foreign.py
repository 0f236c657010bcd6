import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.files import plain_marks


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.asp", b'<% eval request("w") %>'),
        ("a.asp", b'<% Set s = CreateObject("WScript.Shell") %>'),
        ("a.aspx", b'<%@ Page Language="C#" %><% var p = new ProcessStartInfo(Request["w"]); %>'),
        ("a.jsp", b'<% Runtime.getRuntime().exec(request.getParameter("w")); %>'),
        ("a.cfm", b'<cfexecute name="#form.w#">'),
        ("a.pl", b"#!/usr/bin/perl\nmy $q = $ENV{QUERY_STRING}; print `$q`;"),
        ("a.py", b"import socket, os\ns = socket.socket(); os.dup2(s.fileno(), 0)"),
    ],
)
def test_shells_in_other_languages(name: str, content: bytes):
    assert max(mark.confidence for mark in plain_marks(name, content)) >= 0.5


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.asp", b'<% Response.Write(Server.HTMLEncode(Request("name"))) %>'),
        ("a.jsp", b'<%= request.getParameter("name") %>'),
        ("a.py", b"import socket\nprint(socket.gethostname())"),
        ("a.pl", b"print $ENV{QUERY_STRING};"),
    ],
)
def test_honest_pages_in_other_languages(name: str, content: bytes):
    assert plain_marks(name, content) == []


@pytest.mark.parametrize("word", [b"execute ", b"eval(", b"request ", b'open(a,"', b"assembly "])
def test_hostile_repetitions_cost_linear_time(word: bytes):
    start = time.process_time()
    plain_marks("a.asp", b"<% request assembly " + word * (1_000_000 // len(word)))
    plain_marks("a.pl", b"query_string socket " + word * (1_000_000 // len(word)))
    assert time.process_time() - start < 8


@given(st.sampled_from(["a.asp", "a.jsp", "a.pl", "a.txt"]), st.binary(max_size=300))
def test_any_bytes_are_survived(name: str, content: bytes):
    plain_marks(name, b"<%" + content)
