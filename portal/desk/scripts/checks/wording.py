"""What is said and written: every language, every channel, only blanks that somebody fills in."""

from __future__ import annotations

import string
from collections.abc import Mapping
from itertools import product

from models.words import Channel
from portal.desk.scripts.document import text_in
from portal.desk.scripts.findings import Draft, Findings
from portal.desk.scripts.phrases import Told, key_of, parts, texts
from portal.desk.scripts.steps import PLACEHOLDERS

LONGEST_WORD = 32
"""Signs: what is longer runs off a telephone."""
LANGUAGE_NAMES = {"en": "English", "de": "German"}
_TIMES = ("morning", "afternoon", "evening")
_EACH = ("is missing", "are missing")


def find(draft: Draft) -> Findings:
    """Missing languages, blanks nobody fills in, and advice on titles and long words."""
    for key, field, told in texts(draft.document):
        yield from _languages(draft, key, field, told)
        yield from _long_words(draft, key, field, told)
    for step in draft.steps:
        yield from _said(draft, step)
        yield from _title(draft, step)
        yield from _announced(draft, step)


def _languages(draft: Draft, step: str, field: str, told: object) -> Findings:
    if not isinstance(told, Mapping):
        return
    missing = [one for one in draft.context.languages if not str(told.get(one, "")).strip()]
    if missing and len(missing) < len(draft.context.languages):
        there = next(one for one in draft.context.languages if one not in missing)
        yield draft.finding(
            step,
            field,
            f"{_spoken(missing)} {_EACH[len(missing) > 1]} for “{_short(str(told[there]))}”.",
            f"Write it in {_spoken(missing)} as well.",
        )


def _said(draft: Draft, step: Told) -> Findings:
    key = key_of(step)
    by_language = _spoken_words(step, draft.context.languages)
    for language, words in by_language.items():
        for place, text in words.items():
            yield from _blanks(draft, key, f"say.{language}.{place}", str(text))
    if not by_language:
        return
    served = {language: _served(words) for language, words in by_language.items()}
    everything = frozenset().union(*served.values())
    for language in draft.context.languages:
        lacking = everything - served.get(language, frozenset())
        if lacking == everything:
            yield draft.finding(
                key,
                f"say.{language}",
                f"{_spoken([language])} is missing for what to say.",
                f"Write it in {_spoken([language])} as well.",
            )
        elif lacking:
            yield draft.finding(
                key,
                f"say.{language}",
                f"There is nothing to say in {_spoken([language])} {_places(lacking)}, and there is in another language.",
                "Write the words for every channel (any), or for these.",
            )
    mute = frozenset(product(map(str, Channel), _TIMES)) - everything
    if mute:
        yield draft.finding(
            key,
            "say",
            f"There is nothing to say {_places(mute)}.",
            "Write the words for every channel (any), unless nothing is meant to be said there.",
            stops=False,
        )


def _spoken_words(step: Told, languages: tuple[str, ...]) -> dict[str, Told]:
    """What a step says by language, then by channel and time of day; words of no language are good for each."""
    say = step.get("say")
    if not isinstance(say, Mapping) or not say:
        return {}
    if not set(say) <= set(languages):
        return dict.fromkeys(languages, say)
    return {
        language: {"any": words} if isinstance(words, str) else words
        for language, words in say.items()
        if words
    }


def _served(words: Told) -> frozenset[tuple[str, str]]:
    """The channels and times of day that find words, by the fall-back from the most exact to any."""
    there = {str(place) for place, text in words.items() if str(text).strip()}
    return frozenset(
        (channel, time)
        for channel, time in product(map(str, Channel), _TIMES)
        if there & {f"{channel}-{time}", channel, time, "any"}
    )


def _places(lacking: frozenset[tuple[str, str]]) -> str:
    """The channels that lack words, with the times of day where only some of them do."""
    told = []
    for channel in map(str, Channel):
        times = [time for time in _TIMES if (channel, time) in lacking]
        if times:
            when = "" if len(times) == len(_TIMES) else f" in the {' and '.join(times)}"
            told.append(f"{channel.replace('_', ' ')}{when}")
    return f"by {', '.join(told)}" if len(lacking) < len(Channel) * len(_TIMES) else "on any channel"


def _blanks(draft: Draft, step: str, field: str, text: str) -> Findings:
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        yield draft.finding(
            step,
            field,
            f"A curly bracket is not closed, or closed without being opened: “{_short(text)}”.",
            "Write {name} around a blank that is filled in; nothing else needs curly brackets.",
        )
        return
    for name in sorted(names - PLACEHOLDERS):
        yield draft.finding(
            step,
            field,
            f"Nobody fills in {{{name}}}.",
            f"Use one of {', '.join(f'{{{one}}}' for one in sorted(PLACEHOLDERS))}.",
        )


def _long_words(draft: Draft, step: str, field: str, told: object) -> Findings:
    for language in draft.context.languages if isinstance(told, Mapping) else ("",):
        words = text_in(told, language) if language else str(told)
        longest = max((word for word in words.split() if "://" not in word), key=len, default="")
        if len(longest) > LONGEST_WORD:
            yield draft.finding(
                step,
                f"{field}.{language}".rstrip("."),
                f"“{longest}” is very long for one word: a telephone cannot show it on one line.",
                "Put it in shorter words, or apart with a hyphen.",
                stops=False,
            )


def _announced(draft: Draft, step: Told) -> Findings:
    """What has to be said by region and cannot be in every language, where the step asks for it. S3-10.2.1"""
    for asked in parts(step, "ask"):
        if asked.get("kind") != "announcement":
            continue
        for key, missing in draft.context.announcements:
            yield draft.finding(
                key_of(step),
                f"ask.{asked.get('name', '')}",
                f"{_spoken(list(missing))} {_EACH[len(missing) > 1]} for the announcement {key}.",
                f"Write it in {_spoken(list(missing))} as well, in the table of announcements.",
            )


def _title(draft: Draft, step: Told) -> Findings:
    told = step.get("title")
    for language in draft.context.languages if isinstance(told, Mapping) else ("",):
        words = (text_in(told, language) if language else str(told)).strip()
        if words and not words.endswith("?"):
            yield draft.finding(
                key_of(step),
                f"title.{language}".rstrip("."),
                f"“{_short(words)}” is no question.",
                "A page asks one question: let its title end with a question mark.",
                stops=False,
            )


def _spoken(languages: list[str]) -> str:
    return " and ".join(LANGUAGE_NAMES.get(one, one) for one in languages)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_WORD * 2 else f"{text[: LONGEST_WORD * 2 - 1]}…"
