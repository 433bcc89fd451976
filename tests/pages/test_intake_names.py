"""Names of the world, addresses and hostile strings go through the wizard and come back as they were typed."""

import csv
import json

from portal.desk.cards import holds_card_number
from portal.desk.work import Desk
from tests.cast import CORA
from tests.html import Element, forms, read
from tests.real_input import real
from tests.visits import Visitor
from tests.wizard import Walk, known, stored, to_lines

FIELDS = ("ship_name", "ship_address", "note", "requests", "notes")


def answers(page: Element) -> dict[str, str]:
    """What a browser would show in the fields of the step."""
    return dict(next(form for form in forms(page) if form.id == "answers").values)


def strings() -> list[str]:
    with real("names/person_names.csv").open(encoding="utf-8", newline="") as opened:
        names = [" ".join(filter(None, [row["given"], row["surname"]])) for row in csv.DictReader(opened)]
    with real("names/addresses.jsonl").open(encoding="utf-8") as opened:
        addresses = [json.loads(line)["expected"].strip("\n") for line in opened]
    hostile = json.loads(real("names/naughty_strings.json").read_bytes())
    told = dict.fromkeys(text for text in [*hostile, *names, *addresses] if text.strip())
    return [text for text in told if not holds_card_number(text)]


async def test_what_is_typed_comes_back_unchanged_and_escaped(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    await walk.open("delivery")
    scripts = len(list(read(walk.page.text).each("script")))
    texts = strings()
    assert len(texts) > 800
    for start in range(0, len(texts), len(FIELDS)):
        typed = dict(zip(FIELDS, texts[start : start + len(FIELDS)], strict=False))
        answer = await walk.draft(**typed)
        assert (answer.status_code, typed) == (200, typed)
        await walk.open("delivery")
        page = read(walk.page.text)
        shown = answers(page)
        assert {name: shown[name] for name in typed} == typed
        assert len(list(page.each("script"))) == scripts
        kept = (await stored(desk, walk.id)).answers
        assert {**kept["delivery"], **kept["notes"]} == {**kept["notes"], **typed}
