"""Trying a version out: invented answers in, the steps that come out of them. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from starlette.responses import Response

from models.words import Channel
from portal.desk import specimens
from portal.desk.fields import books
from portal.desk.notices import LANGUAGES
from portal.desk.scripts import linting, offering, previewing, trying, versions
from portal.desk.scripts.phrases import title_of
from portal.desk.scripts.steps import DAYTIMES, BrokenScript, whole
from portal.desk.speaking import NAMES
from portal.pages.scripts import picture
from portal.showing import word
from portal.web import Visit


async def trial(visit: Visit) -> Response:
    """Which steps come with these answers, what is said there, and why the others do not."""
    channel = _one_of(visit.asked("channel"), [one.value for one in Channel])
    language = _one_of(visit.asked("language"), list(LANGUAGES))
    daytime = _one_of(visit.asked("daytime"), list(DAYTIMES))
    async with visit.look() as work:
        facts = previewing.blanks(work, language, daytime)
        version = await versions.load(work, visit.number("version_id"))
        context = await linting.context_of(work)
    mine = visit.desk.terms.language
    asked = offering.deciding(version.document, context.documents, mine)
    typed = {one.name: visit.asked(one.name).strip() for one in asked}
    answers: dict[str, dict[str, str]] = {}
    for one in asked:
        if typed[one.name]:
            answers.setdefault(one.step, {})[one.field] = typed[one.name]
    broken = ""
    walked: list[trying.Tried] = []
    try:
        walked = trying.try_out(
            version.document,
            context,
            answers,
            Channel(channel),
            language,
            daytime=daytime,
            desk_language=mine,
        )
    except BrokenScript as error:
        broken = f"{error}."
    pictures, needless = await _pictures(visit, walked, answers, Channel(channel), language)
    return visit.page(
        "scripts/trial.html",
        version=version,
        title=title_of(version.document, mine),
        asked=asked,
        typed=typed,
        walked=[
            (
                replace(
                    one,
                    said=previewing.filled(one.said, facts),
                    comes=one.comes and one.step.key not in needless,
                    why=needless.get(one.step.key, one.why),
                ),
                pictures.get(one.step.key),
            )
            for one in walked
        ],
        broken=broken,
        channel=channel,
        language=language,
        daytime=daytime,
        channels=[(one.value, word(one)) for one in Channel],
        daytimes=[(one, word(one)) for one in DAYTIMES],
        languages=[(one, NAMES[one]) for one in LANGUAGES],
    )


async def _pictures(
    visit: Visit,
    walked: Sequence[trying.Tried],
    answers: Mapping[str, dict[str, str]],
    channel: Channel,
    language: str,
) -> tuple[dict[str, picture.Picture], dict[str, str]]:
    """What is filled in at each step that comes, by its key: the fields of its kind and the desk's own questions.

    Beside it the steps that the answers lead to, but that such a contact does without, each with the reason.
    """
    script = whole("", "", [one.step for one in walked], language=language)
    found: dict[str, picture.Picture] = {}
    needless: dict[str, str] = {}
    async with visit.look() as work:
        for number, step in enumerate((one.step for one in walked if one.comes), 1):
            specimen = await specimens.specimen(work, script, step, channel, language, answers)
            if specimen.needless:
                needless[step.key] = specimen.needless
            asked = await books.facts(work, step.asks(answers), answers.get(step.key, {}), None)
            if drawn := picture.drawn(visit, specimen, f"step-{number}-", asked):
                found[step.key] = drawn
    return found, needless


def _one_of(told: str, known: list[str]) -> str:
    return told if told in known else known[0]
