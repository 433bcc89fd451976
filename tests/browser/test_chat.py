"""A customer's telephone and Cora's desk talk, beside the wizard, and nobody's cursor is moved. S2-12.3"""

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser.serving import PHONE, served
from tests.browser.test_duty import looked_at
from tests.cast import CORA, Clock


async def said(page: Page, words: str) -> None:
    """Wait until these words stand in the chat, while the cursor stays in the box."""
    await expect(page.locator(".hr-chat-log")).to_contain_text(words)
    assert await page.evaluate("document.activeElement.name") == "words"


async def test_two_browsers_talk(tmp_path: Path, run_folder: Path, browser: Browser) -> None:
    """S2-12.3, and everything on the way can be used by everybody."""
    async with (
        served(run_folder, tmp_path, Clock(), chat=True) as portal,
        portal.seat(browser, None, viewport=PHONE, has_touch=True) as ana,
        portal.seat(browser, CORA) as cora,
    ):
        await ana.goto(f"{portal.address}/chat")
        await looked_at(ana)
        await ana.fill("[name=name]", "Ana")
        await ana.fill("[name=words]", "Where is my chair? " + "w" * 200)
        await ana.click("button[type=submit]")
        await expect(ana.locator("h1 ~ .hr-chat-state")).to_have_text(
            "You are waiting. Somebody is to be here by 10:05."
        )
        await looked_at(ana)
        await ana.fill("[name=words]", "Half a sen")
        await ana.focus("[name=words]")
        await cora.goto(f"{portal.address}/chats")
        await looked_at(cora)
        await cora.click("#chat-1")
        await cora.click("text=Take it")
        await expect(cora.locator("#messages-words")).to_be_visible()
        await looked_at(cora)
        await cora.fill("#messages-words", "I look & see.")
        await cora.press("#messages-words", "Control+Enter")
        await said(cora, "I look & see.")
        await said(ana, "I look & see.")
        await expect(ana.locator(".hr-chat-state")).to_have_text("Somebody is here with you.")
        assert await ana.input_value("[name=words]") == "Half a sen"
        async with cora.expect_navigation():
            await cora.click("text=Begin the contact")
        await expect(cora.locator("#chat .hr-chat-log")).to_contain_text("Where is my chair?")
        await looked_at(cora)
        await cora.fill("#chat-words", "Which one")
        await ana.fill("[name=words]", "The blue one")
        await ana.press("[name=words]", "Control+Enter")
        await said(ana, "The blue one")
        await said(cora, "The blue one")
        assert await cora.input_value("#chat-words") == "Which one"
        await cora.click("text=Send this in the chat")
        await expect(cora.locator("#chat .hr-chat-log")).to_contain_text("I am Cora")
        assert await cora.input_value("#chat-words") == "Which one"
        async with ana.expect_navigation():
            await ana.click("text=End the chat")
        await expect(ana.locator(".hr-chat-state")).to_have_text("This chat has ended.")
        await expect(cora.locator("#chat .hr-chat-state")).to_have_text("This chat has ended.")
        await looked_at(ana)
