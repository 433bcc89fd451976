"""Two versions of a script side by side, in words: what came, went, moved and changed, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from portal.desk.fields import FIELDS
from portal.desk.notices import LANGUAGES
from portal.desk.scripts.document import text_in
from portal.desk.scripts.phrases import (
    ENGLISH,
    Told,
    conditions_in_words,
    key_of,
    name_of,
    parts,
    step_texts,
    steps_of,
)
from portal.desk.scripts.steps import END

ADDED, REMOVED, MOVED, CHANGED = "added", "removed", "moved", "changed"
SPOKEN = {"en": "English", "de": "German"}
PLACES = {"know": "What to know", "ask": "The question", "title": "The title", "name": "The name"}
PLAIN = {
    "kind": "The kind of step",
    "marks": "What it marks",
    "clauses": "The clauses",
    "needs": "What comes first",
}

BARE = ("key", "kind", "name")
"""What a new step is called by; everything else of it is told as added."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is different in the newer document."""

    sort: str
    """`added`, `removed`, `moved` or `changed`."""
    step: str
    """The key of the step; empty for the script as a whole."""
    field: str
    """As the editor names it; empty for a whole step."""
    words: str
    """What is different, as a sentence."""
    before: str = ""
    after: str = ""


def differences(old: Told, new: Told, language: str = ENGLISH) -> list[Difference]:
    """Everything that is different between two documents, in the order of the newer one."""
    found = list(_texts("", "the script", {"title": old.get("title")}, {"title": new.get("title")}))
    before = {key_of(step): step for step in steps_of(old)}
    after = {key_of(step): step for step in steps_of(new)}
    for key, step in before.items():
        if key not in after:
            found.append(Difference(REMOVED, key, "", f"The step “{name_of(step, language)}” was taken out."))
    moved = _moved(list(before), list(after))
    last = ""
    for key, step in after.items():
        called = name_of(step, language)
        behind = f"behind “{last}”" if last else "at the beginning"
        if key not in before:
            found.append(Difference(ADDED, key, "", f"The step “{called}” is new, {behind}."))
            bare = {name: step[name] for name in BARE if name in step}
            found += _changed(bare, step, (before, after), language)
        else:
            if key in moved:
                found.append(Difference(MOVED, key, "", f"The step “{called}” now stands {behind}."))
            found += _changed(before[key], step, (before, after), language)
        last = called
    return found


def _moved(old: list[str], new: list[str]) -> set[str]:
    """The steps that stand elsewhere among those that are in both."""
    both = set(old) & set(new)
    was, now = [key for key in old if key in both], [key for key in new if key in both]
    kept = SequenceMatcher(None, was, now, autojunk=False).get_matching_blocks()
    return set(now) - {now[at] for block in kept for at in range(block.b, block.b + block.size)}


def _changed(
    old: Told, new: Told, known: tuple[Mapping[str, Told], Mapping[str, Told]], language: str
) -> Iterator[Difference]:
    key, called = key_of(new), f"“{name_of(new, language)}”"
    yield from _texts(key, called, _by_field(old), _by_field(new))
    yield from _texts(key, called, _said(old), _said(new))
    yield from _questions(key, called, (old, new), known, language)
    for field, spoken in PLAIN.items():
        yield from _plain(key, field, f"{spoken} of {called}", _flat(old.get(field)), _flat(new.get(field)))
    duty = {True: "has to be done", False: "may be skipped"}
    yield from _plain(
        key,
        "required",
        f"Whether {called} has to be done",
        duty[old.get("required", True) is not False],
        duty[new.get("required", True) is not False],
    )
    when = (
        conditions_in_words(parts(step, "when"), by, language)
        for step, by in zip((old, new), known, strict=True)
    )
    yield from _plain(key, "when", f"When {called} comes", *(words or "always" for words in when))
    ways = (_ways(step, by, language) for step, by in zip((old, new), known, strict=True))
    yield from _plain(key, "next", f"Where {called} leads", *(words or "the step behind" for words in ways))
    before, after = _flattened(old.get("options"), "options"), _flattened(new.get("options"), "options")
    for field in dict.fromkeys([*before, *after]):
        yield from _plain(
            key,
            field,
            f"The setting {field.removeprefix('options.')} of {called}",
            before.get(field, ""),
            after.get(field, ""),
        )


def _by_field(step: Told) -> dict[str, object]:
    """The texts of a step, but those of questions that only one of two versions has."""
    return {field: told for field, told in step_texts(step) if not field.startswith("ask.")}


def _said(step: Told) -> dict[str, object]:
    """What is said, each place as a text by language."""
    say = step.get("say")
    found: dict[str, dict[str, str]] = {}
    if not isinstance(say, Mapping):
        return {}
    if not set(say) <= set(LANGUAGES):
        return {f"say.{place}": words for place, words in say.items()}
    for language, words in say.items():
        for place, text in words.items() if isinstance(words, Mapping) else (("any", words),):
            found.setdefault(f"say.{place}", {})[language] = str(text)
    return dict(found)


def _questions(
    key: str,
    called: str,
    steps: tuple[Told, Told],
    known: tuple[Mapping[str, Told], Mapping[str, Told]],
    language: str,
) -> Iterator[Difference]:
    before, after = ({str(one.get("name")): one for one in parts(step, "ask")} for step in steps)
    for name, asked in before.items():
        if name not in after:
            label = text_in(asked.get("label"), language)
            yield Difference(REMOVED, key, f"ask.{name}", f"{called} no longer asks “{label}”.", label, "")
    for name, asked in after.items():
        label = text_in(asked.get("label"), language)
        if name not in before:
            words = f"{called} also asks “{label}” ({_answered(asked, language)})"
            only_if = conditions_in_words(parts(asked, "when"), known[1], language)
            words += f", only if {only_if}" if only_if else ""
            yield Difference(ADDED, key, f"ask.{name}", f"{words}.", "", label)
            continue
        was, now = (dict(step_texts({"ask": [one]})) for one in (before[name], asked))
        answers = {
            field for field in was.keys() ^ now.keys() if ".choices." in field
        }  # told as a whole below
        yield from _texts(
            key,
            called,
            {field: told for field, told in was.items() if field not in answers},
            {field: told for field, told in now.items() if field not in answers},
        )
        both = (before[name], asked)
        kinds = (_kind(one) for one in both)
        yield from _plain(key, f"ask.{name}.kind", f"The kind of answer to “{label}” in {called}", *kinds)
        when = (
            conditions_in_words(parts(one, "when"), by, language) or "always"
            for one, by in zip(both, known, strict=True)
        )
        yield from _plain(key, f"ask.{name}.when", f"When {called} asks “{label}”", *when)
        told = (_flat(one.get("options")) for one in both)
        yield from _plain(key, f"ask.{name}.options", f"The settings of “{label}” in {called}", *told)
        told = (_flat([choice.get("value") for choice in parts(one, "choices")]) for one in both)
        yield from _plain(key, f"ask.{name}.choices", f"The answers to “{label}” in {called}", *told)


def _kind(asked: Told) -> str:
    kind = str(asked.get("kind", ""))
    return FIELDS[kind].label.lower() if kind in FIELDS else kind


def _answered(asked: Told, language: str) -> str:
    """How a question is answered, in words: `choice: A bang; A hiss`."""
    offered = "; ".join(text_in(one.get("label"), language) for one in parts(asked, "choices"))
    return f"{_kind(asked)}: {offered}" if offered else _kind(asked)


def _texts(
    key: str, called: str, old: Mapping[str, object], new: Mapping[str, object]
) -> Iterator[Difference]:
    """Texts that changed, each in each language."""
    for field in dict.fromkeys([*old, *new]):
        for language in LANGUAGES:
            before, after = (_exactly(told.get(field), language) for told in (old, new))
            if before == after:
                continue
            spoken = f"{_spoken(field)} of {called} in {SPOKEN.get(language, language)}"
            if isinstance(old.get(field), str) and isinstance(new.get(field), str):
                spoken = f"{_spoken(field)} of {called}"
            yield from _plain(key, f"{field}.{language}", spoken, before, after)
            if spoken.endswith(called):  # the same words in every language: told once
                break


def _plain(key: str, field: str, spoken: str, before: str, after: str) -> Iterator[Difference]:
    if before == after:
        return
    if not before:
        yield Difference(ADDED, key, field, f"{spoken}: added {_quoted(after)}.", before, after)
    elif not after:
        yield Difference(REMOVED, key, field, f"{spoken}: taken out {_quoted(before)}.", before, after)
    else:
        yield Difference(
            CHANGED, key, field, f"{spoken}: from {_quoted(before)} to {_quoted(after)}.", before, after
        )


def _quoted(words: str) -> str:
    """Words in quotation marks, unless they bring their own."""
    return words if "“" in words else f"“{words}”"


def _exactly(told: object, language: str) -> str:
    """A text in exactly this language; plain text is in all."""
    if isinstance(told, Mapping):
        return str(told.get(language, ""))
    return str(told or "")


def _spoken(field: str) -> str:
    """What a field is called in a sentence."""
    first, _, more = field.partition(".")
    if first == "say":
        return f"What to say ({more.replace('_', ' ')})" if more != "any" else "What to say"
    if first == "ask":
        name, _, rest = more.partition(".")
        return f"The {rest.replace('.', ' ')} of the question {name}"
    if first == "know":
        return f"What to know ({more.split('.')[0]})"
    return PLACES.get(first, f"The {first}")


def _ways(step: Told, known: Mapping[str, Told], language: str) -> str:
    told = []
    for jump in parts(step, "next"):
        to = str(jump.get("to"))
        name = "the end" if to == END else name_of(known.get(to, {"key": to}), language)
        words = conditions_in_words(parts(jump, "when"), known, language)
        told.append(f"{name}{f' if {words}' if words else ''}")
    return ", ".join(told)


def _flat(told: object) -> str:
    """A value as one text that can be compared and read."""
    if isinstance(told, Mapping):
        return ", ".join(f"{key}: {_flat(value)}" for key, value in told.items())
    if isinstance(told, list | tuple):
        return "; ".join(_flat(one) for one in told)
    return "" if told is None else str(told)


def _flattened(told: object, path: str) -> dict[str, str]:
    """Every value within settings by its place."""
    if isinstance(told, Mapping):
        return {
            place: text
            for key, one in told.items()
            for place, text in _flattened(one, f"{path}.{key}").items()
        }
    if isinstance(told, list | tuple):
        named = (
            (str(one.get("key", at)) if isinstance(one, Mapping) else str(at), one)
            for at, one in enumerate(told, 1)
        )
        return {place: text for key, one in named for place, text in _flattened(one, f"{path}.{key}").items()}
    return {path: str(told)} if told is not None else {}
