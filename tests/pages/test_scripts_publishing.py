"""A draft on its way into force, and scripts brought in from files: what stops them says where and why. S1-6.2"""

import re

import pytest
from starlette.applications import Starlette

from portal.desk import library
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM, Desk
from tests.cast import MARA, Clock
from tests.html import read
from tests.pages.test_scripts_editor import drafted, seated, typed
from tests.seat import Seat


@pytest.fixture
async def mara(app: Starlette, desk: Desk) -> Seat:
    """A manager, where scripts and library are as they come."""
    async with desk.work(SYSTEM) as work:
        await library.install(work)
        await versions.install(work)
    return await seated(app, desk, MARA)


async def in_force(desk: Desk) -> int:
    async with desk.look(MARA) as work:
        return (await versions.in_force(work))["complaint"].number


async def test_what_the_linter_finds_stops_publishing_until_it_is_mended(mara: Seat, desk: Desk) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}?step=apology")
    await mara.send(mara.form("step-form"), {"title-de": ""}, "Save this step")
    assert "stops publishing" in mara.words
    await mara.open(f"{here}/publishing")
    assert "It cannot be published like this." in mara.words
    assert not [one for one in mara.forms() if one.action.endswith("/publishing")]
    (way,) = re.findall(r'href="(/scripts/[^"]+#[^"]+)"', mara.answer.text)
    assert way == f"{here}?step=apology#title-de"
    forced = await mara.client.post(f"{here}/publishing", data={"note": "Now!"})
    assert (forced.status_code, await in_force(desk)) == (422, 1)
    await mara.open(way)
    await mara.send(mara.form("step-form"), {"title-de": "Tut es uns leid?"}, "Save this step")
    await mara.open(f"{here}/publishing")
    await mara.send(mara.form("/publishing"), {"note": "Shorter in German."}, "Publish")
    assert (await in_force(desk), "Version 2 is in force from now on." in mara.words) == (2, True)
    assert "Shorter in German." in mara.words


async def test_a_version_comes_into_force_at_its_hour(mara: Seat, desk: Desk, clock: Clock) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}/publishing")
    await mara.send(mara.form("/publishing"), {"at": "9999-12-31T23:59-12:00"}, "Publish")
    assert (mara.status, "Enter a day and a time" in mara.words) == (422, True)
    await mara.send(mara.form("/publishing"), {"at": "soon", "note": "For spring"}, "Publish")
    assert (mara.status, "Enter a day and a time" in mara.words) == (422, True)
    assert typed(mara, "note", "/publishing") == "For spring"
    await mara.send(mara.form("/publishing"), {"at": "2026-03-03T09:00"}, "Publish")
    assert (mara.at, await in_force(desk)) == ("/scripts/complaint", 1)
    await mara.open("/scripts")
    assert "comes tomorrow 09:00" in mara.words
    clock.forward(days=2)
    assert await in_force(desk) == 2


async def test_approved_rolled_back_and_retired(mara: Seat, desk: Desk) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}?step=apology")
    await mara.send(mara.form("step-form"), {"name-en": "Sorry"}, "Save this step")
    await mara.open(f"{here}/publishing")
    await mara.send(mara.form("/approval"), press="Approve only")
    assert "approved by Mara" in mara.words
    await mara.send(mara.form("/publishing"), press="Publish")
    assert await in_force(desk) == 2
    await mara.send(mara.form("/rolling-back"), press="Put version 1")
    assert (await in_force(desk), "as a new version" in mara.words) == (3, True)
    await mara.open("/scripts/complaint")
    await mara.send(mara.form("/retirement"), press="Retire version 2")
    assert "Version 2 retired" in mara.words
    async with desk.look(MARA) as work:
        told = [(one.number, one.status.value, one.note) for one in await versions.history(work, "complaint")]
    assert [one[:2] for one in told] == [(3, "published"), (2, "retired"), (1, "published")]
    force = await mara.client.get("/scripts/complaint")
    newest = next(re.finditer(r"/scripts/versions/\d+", force.text))[0]
    assert (await mara.client.post(f"{newest}/rolling-back")).status_code == 303
    assert (await mara.client.post(f"{here}/publishing", data={})).status_code == 409


async def test_a_file_comes_in_once_and_a_broken_one_not_at_all(mara: Seat, desk: Desk) -> None:
    await mara.open("/scripts/complaint")
    first = next(re.finditer(r"/scripts/versions/\d+", mara.answer.text))[0]
    told = (await mara.client.get(f"{first}/file")).text
    await mara.open("/scripts/imports")
    await mara.send(mara.form("/imports"), {"file": told}, "Bring it in")
    assert (mara.at, "nothing changed" in mara.words) == (first, True)
    changed = told.replace('name.en = "Apology"', 'name.en = "Say sorry"')
    for _ in range(2):
        await mara.open("/scripts/imports")
        await mara.send(mara.form("/imports"), {"file": changed}, "Bring it in")
    async with desk.look(MARA) as work:
        assert len(await versions.history(work, "complaint")) == 2
    for broken, words in (
        ("", "Choose the file of a script, or paste its text."),
        ("script = ", "line 1"),
        (changed.replace('kind = "apology"', 'kind = "applause"'), "line 79, step apology"),
        (changed.replace('kind = "yes_no"', 'kind = "perhaps"'), "perhaps"),
    ):
        await mara.open("/scripts/imports")
        await mara.send(mara.form("/imports"), {"file": broken}, "Bring it in")
        assert (mara.status, words in mara.words) == (422, True), mara.words[:400]
        assert typed(mara, "file", "/imports") == broken.strip()
    huge = await mara.client.post("/scripts/imports", data={"file": "# " + "x" * 5_000_000})
    assert (huge.status_code, "The script: it is larger than 512 KiB." in huge.text) == (422, True)
    async with desk.look(MARA) as work:
        assert len(await versions.history(work, "complaint")) == 2


async def test_a_file_is_chosen_as_it_lies_on_the_disk(mara: Seat, desk: Desk) -> None:
    await mara.open("/scripts/complaint")
    first = next(re.finditer(r"/scripts/versions/\d+", mara.answer.text))[0]
    told = (await mara.client.get(f"{first}/file")).content

    async def sent(content: bytes) -> tuple[int, str]:
        upload = {"upload": ("complaint.toml", content, "application/toml")}
        answer = await mara.client.post("/scripts/imports", files=upload, data={"file": "script ="})
        if answer.is_redirect:
            answer = await mara.client.get(answer.headers["location"])
        mara.answer, mara.page = answer, read(answer.text)
        return answer.status_code, mara.words

    # As editors of other systems keep it: other ends of lines, and a mark before the first sign.
    status, words = await sent(b"\xef\xbb\xbf" + told.replace(b"\n", b"\r\n"))
    assert (status, "Version 1 is the same already; nothing changed." in words) == (200, True)
    status, words = await sent(told.replace(b'kind = "apology"', b'kind = "applause"'))
    assert (status, "complaint.toml, line 79, step apology" in words) == (422, True)
    mended = typed(mara, "file", "/imports").replace("applause", "apology")
    assert mended.encode() == told.strip()
    for broken, reason in (
        ("Lösung".encode("latin-1"), "complaint.toml, line 1: it is no UTF-8 text; save it as UTF-8."),
        (b"script: complaint\n", "complaint.toml, line 1: Expected '='"),
        (b"#" + b"x" * 5 * 1024 * 1024, "complaint.toml: it is larger than 512 KiB."),
    ):
        status, words = await sent(broken)
        assert (status, reason in words) == (422, True), words[:400]
        assert typed(mara, "file", "/imports") == ("script: complaint" if b"script" in broken else "")
    async with desk.look(MARA) as work:
        assert len(await versions.history(work, "complaint")) == 1
