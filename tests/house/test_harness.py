"""The mail server and the browser under the tests do what the tests believe they do."""

from email.message import EmailMessage

import aiosmtplib
import pytest
from playwright.async_api import Page

from tests.harness.browser import axe, violations
from tests.harness.smtp import MailServer, Reply


async def post(smtp: MailServer, subject: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "desk@example.com", "ana@example.com", subject
    message.set_content("Your order is on its way.")
    await aiosmtplib.send(message, hostname=smtp.host, port=smtp.port, timeout=0.5)


async def test_the_mail_server_keeps_what_it_accepts(smtp: MailServer) -> None:
    await post(smtp, "Order")
    assert [(one.sender, one.recipients, one.message["Subject"]) for one in smtp.letters] == [
        ("desk@example.com", ("ana@example.com",), "Order")
    ]


@pytest.mark.parametrize(
    ("reply", "error", "kept"),
    [
        (Reply.LATER, aiosmtplib.SMTPRecipientsRefused, 0),
        (Reply.NEVER, aiosmtplib.SMTPRecipientsRefused, 0),
        (Reply.HANG, aiosmtplib.SMTPReadTimeoutError, 0),
        (Reply.DROP, aiosmtplib.SMTPServerDisconnected, 1),
    ],
)
async def test_the_mail_server_misbehaves_once_as_told(
    smtp: MailServer, reply: Reply, error: type[Exception], kept: int
) -> None:
    smtp.next(reply)
    with pytest.raises(error):
        await post(smtp, "First")
    await post(smtp, "Second")
    assert (smtp.attempts, len(smtp.letters)) == (2, kept + 1)


async def test_a_stopped_mail_server_refuses_and_comes_back(smtp: MailServer) -> None:
    smtp.stop()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await post(smtp, "Lost")
    smtp.start()
    await post(smtp, "Found")
    assert [one.message["Subject"] for one in smtp.letters] == ["Found"]


async def test_axe_sees_a_field_without_a_name(page: Page) -> None:
    await page.set_content(
        "<html lang=en><title>Desk</title><main><h1>Desk</h1><label>Name <input></label></main>"
    )
    await axe(page)
    await page.set_content("<html lang=en><title>Desk</title><main><h1>Desk</h1><input></main>")
    assert [rule["id"] for rule in await violations(page)] == ["label"]


async def test_a_telephone_is_390_pixels_wide(phone: Page) -> None:
    assert await phone.evaluate("innerWidth") == 390
