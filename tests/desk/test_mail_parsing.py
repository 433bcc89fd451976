"""From the bytes of a mail to plain values: nothing a sender writes is believed, loaded or run. S2-12.2, S3-3.1.1b"""

from email.message import EmailMessage
from time import process_time

import pytest

from portal.desk.cards import LEFT_OUT, holds_card_number, without_card_numbers
from portal.desk.mail.parsing import LONGEST_SUBJECT, MOST_FILES, parsed
from portal.desk.mail.plain import of_html, without_quotes
from tests.mails import bounced, written

PNG = b"\x89PNG\r\n\x1a\n rest"


@pytest.mark.parametrize(
    ("head", "subject", "name", "address"),
    [
        (b"Subject: =?utf-8?B?R3LDvMOfZQ==?=\nFrom: =?iso-8859-1?Q?J=F6rg?= <J@B.example>", "Grüße", "Jörg", "j@b.example"),
        ("Subject: Grüße roh\nFrom: Jörg <j@example.com>".encode(), "Grüße roh", "Jörg", "j@example.com"),
        (b"Subject: two\n lines\nFrom: <j@example.com>", "two lines", "", "j@example.com"),
        (b"Subject: =?utf-8?Q?a=0D=0ABcc:_b@b.example?=\nFrom: j@example.com", "a Bcc: b@b.example", "", "j@example.com"),
        (b"Subject: =?martian?B?4pyT?=\nFrom: j@example.com, k@example.com", "✓", "", "j@example.com"),
        (b"From:\nSubject: from nobody", "from nobody", "", ""),
        (b"Subject: =?utf-8?B?not base64?=\nFrom: nobody", "= ?utf-8?B?not base64?=", "", ""),
        (b"From: a b <j@example.com\nSubject: " + b"x" * 9000, "x" * LONGEST_SUBJECT, "a b", "j@example.com"),
        (b'From: "a\0b" <j@exa\0mple.com>\nSubject: n\0l', "nl", "ab", "j@example.com"),
        (b"From: j@example.com\nSubject: pay 4111-1111-1111-1111", f"pay {LEFT_OUT}", "", "j@example.com"),
    ],
)  # fmt: skip
def test_heads_are_read_as_well_as_they_can_be(head: bytes, subject: str, name: str, address: str) -> None:
    told = parsed(head + b"\n\nHello")
    assert (told.subject, told.sender_name, told.sender_address, told.words) == (
        subject,
        name,
        address,
        "Hello",
    )


def test_of_a_page_only_its_words_are_kept() -> None:
    """No picture, no style, no script, whether or not the head is closed."""
    page = (
        "<html><head><title>No</title><style>p{}</style><body><p>Dear  all,</p><script>alert(1)</script>"
        "<ul><li>one<li>two</ul><img src='https://t.example.com/p.gif' alt='x'>&lt;b&gt; &amp; &#128512;<br>end"
    )
    made = EmailMessage()
    made["From"], made["Subject"] = "a@example.com", "Page"
    made.set_content(page, subtype="html")
    assert parsed(made.as_bytes()).words == "Dear all,\n\none\ntwo\n<b> & 😀\nend"
    assert of_html("<script>never ends") == ""
    both = EmailMessage()
    both["From"] = "a@example.com"
    both.set_content("As text")
    both.add_alternative(page, subtype="html")
    assert parsed(both.as_bytes()).words == "As text"


def test_files_are_kept_like_those_of_a_contact_and_the_rest_is_named() -> None:
    files = [
        ("../../photo.png", PNG),
        ("invoice.pdf.exe", b"%PDF-1.7"),
        ("page.html", b"<script>"),
        ("empty.txt", b""),
        ("large.txt", b"x" * (5 * 1024 * 1024 + 1)),
        ("Ünïcode 4111111111111111.txt", b"Hello"),
    ]
    told = parsed(written(files=files))
    assert [(one.name, one.media_type) for one in told.files] == [
        ("photo.png", "image/png"),
        (f"Ünïcode {LEFT_OUT}.txt", "text/plain; charset=utf-8"),
    ]
    assert [line.partition(":")[0] for line in told.left_out] == [
        "invoice.pdf.exe",
        "page.html",
        "empty.txt",
        "large.txt",
    ]
    many = parsed(written(files=[(f"{one}.txt", b"x") for one in range(MOST_FILES + 2)]))
    assert (len(many.files), many.left_out[-1]) == (
        MOST_FILES,
        f"21.txt: no more than {MOST_FILES} files are kept.",
    )


def test_the_same_mail_has_the_same_key_whatever_servers_add_on_the_way() -> None:
    raw = written(message_id="<a@example.com>")
    assert parsed(b"Received: from elsewhere\n" + raw).key == parsed(raw).key
    assert parsed(raw.replace(b"Saturday", b"Sunday")).key != parsed(raw).key
    nameless = b"From: a@example.com\n\nHello"
    assert parsed(nameless).key == parsed(nameless).key != parsed(b"Received: x\n" + nameless).key


def test_what_a_mail_answers_and_what_a_server_reports() -> None:
    told = parsed(written(in_reply_to="<b@x>", references="<a@x> <b@x> no <" + "x" * 600 + ">"))
    assert (told.references, told.report, told.automatic) == (("<b@x>", "<a@x>"), None, "")
    report = parsed(bounced("<ours@example.com>", "smtp; 550 4111111111111111 gone")).report
    assert report is not None
    assert (report.failed, "<ours@example.com>" in report.letters) == (True, True)
    assert parsed(written(auto_submitted="no")).automatic == ""


@pytest.mark.parametrize(
    ("words", "fresh"),
    [
        ("Yes.\n\nOn Monday we wrote:\n> Really?\n>\n> Yours\n\n", "Yes."),
        ("> Really?\nYes.\n", "> Really?\nYes.\n"),
        ("> all of it\n> is quoted", "> all of it\n> is quoted"),
        ("Nothing quoted", "Nothing quoted"),
    ],
)
def test_what_is_quoted_below_is_left_out(words: str, fresh: str) -> None:
    assert without_quotes(words) == fresh


def test_card_numbers_are_left_out_in_every_spelling_and_hostile_digits_cost_little() -> None:
    """Decision 7: nobody can be asked to write a mail anew."""
    told = without_card_numbers(
        "Mine: \uff14\uff11\uff11\uff11 1111-1111\u20111111, until 12/28. Order HR-26-000123-7."
    )
    assert told == f"Mine: {LEFT_OUT}, until 12/28. Order HR-26-000123-7."
    started = process_time()
    assert not holds_card_number(without_card_numbers("1 2 " * 10_000))
    assert process_time() - started < 5
