"""Subtitles and plain words become a text that can be read, without card numbers. S3-6.1.1a, S0-3.5.2a"""

import pytest

from portal.desk.cards import LEFT_OUT
from portal.desk.timed_text import as_text, turns_of

VTT = """\ufeffWEBVTT - call 12

NOTE recorded by the switchboard
00:00:00.000 --> 00:00:01.000

STYLE
::cue { color: lime }

1
00:00:01.000 --> 00:00:04.000 align:start
<v.loud Cora Hale>Good morning, <i>Example &amp; Sons</i>.

00:00:04.500 --> 00:00:06.000
<v Cora Hale>How may
I help <00:00:05.000>you?</v>

01:02:03.000 --> 01:02:05.000
<v Ana>The kettle leaks &lt;a lot&gt;.

01:02:06.000 --> 01:02:07.000
"""
SRT = """1
00:00:01,000 --> 00:00:02,000
{\\an8}<font color="#fff">The kettle leaks.</font>

2
00:00:03,000 --> 00:00:04,000
Since when?
3
00:00:05,000 --> 00:00:06,000
Since 3 March.
"""
READ_OUT = """WEBVTT

00:01.000 --> 00:02.000
<v Ana>It is 4111 1111

00:03.000 --> 00:04.000
<v Cora>Please stop, do not

00:05.000 --> 00:06.000
4111 1111

00:07.000 --> 00:08.000
1111

00:09.000 --> 00:10.000
1111, valid until May.
"""
LINES = "[00:10] Ana: my number is 4111 1111\n[00:12] Ana: 1111 1111\n[00:15] Cora: Please stop, I must not note it."


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (
            VTT,
            (
                "[00:00:01] Cora Hale: Good morning, Example & Sons. How may I help you?\n"
                "[01:02:03] Ana: The kettle leaks <a lot>."
            ),
        ),
        (SRT, "[00:00:01] The kettle leaks.\n[00:00:03] Since when?\n[00:00:05] Since 3 March."),
        (
            SRT.replace("\n", "\r\n"),
            "[00:00:01] The kettle leaks.\n[00:00:03] Since when?\n[00:00:05] Since 3 March.",
        ),
        (
            "  Cora: Hello.\r\n\r\n10:15 Ana: The order 12345678901234 is late. \n",
            "Cora: Hello.\n\n10:15 Ana: The order 12345678901234 is late.",
        ),
        ("Ana: 4111 1111 1111 1111.\nCora: e\u0301 is kept.", f"Ana: {LEFT_OUT}.\nCora: e\u0301 is kept."),
        (LINES, f"[00:10] Ana: my number is {LEFT_OUT}\n[00:15] Cora: Please stop, I must not note it."),
        (
            READ_OUT,
            f"[00:01] Ana: It is 4111 1111\n[00:03] Cora: Please stop, do not\n[00:05] {LEFT_OUT}, valid until May.",
        ),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana></v>\n", ""),
        (" \n\n", ""),
    ],
)
def test_what_was_said_is_a_line_a_turn(told: str, text: str) -> None:
    assert as_text(turns_of(told)) == text
    assert as_text(turns_of(text)) == text  # correcting a word changes no other line
