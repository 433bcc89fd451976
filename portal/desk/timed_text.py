"""Subtitles as a text that can be read: who spoke when, a line each, from WebVTT, SubRip or plain words. S3-6.1.1a

Nothing here knows a database. Card numbers go out of it, also one that was read out over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from portal.desk.cards import holds_card_number, without_card_numbers

_TIMING = re.compile(
    r"^\s*((?:\d{1,3}:)?\d{1,2}:\d{2})[.,]\d{1,3}\s*-->\s*(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}.*$"
)
_VOICE = re.compile(r"<v(?:\.[^\s.<>]+)*\s([^<>]*)>", re.IGNORECASE)
_MARKUP = re.compile(
    r"</?(?:c|i|b|u|v|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|\{\\[^{}]*\}", re.IGNORECASE
)
_LABEL = re.compile(
    r"^(\s*[\[(]?\d{1,3}(?::\d{2}){1,2}(?:[.,]\d{1,3})?[\])]?\s*[-–]?\s*)?([^\d:\n]{1,60}:\s+)?"
)
"""What a line of a transcript may begin with: when it was said, and who said it."""
_NOT_SPOKEN = ("NOTE", "STYLE", "REGION")
_SPAN = 6
"""Lines over which a number may have been read out."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one line says: its label – the time, who spoke – and the words."""

    label: str
    words: str

    def __str__(self) -> str:
        return f"{self.label}{self.words}"


def turns_of(told: str) -> list[Turn]:
    """Each turn of what was told, in subtitles or in plain lines; card numbers are still in it."""
    plain = told.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    timed = plain.lstrip().startswith("WEBVTT") or any(map(_TIMING.match, plain.split("\n")))
    return list(_cues(plain)) if timed else [_turn(line.rstrip()) for line in plain.split("\n")]


def as_text(turns: Sequence[Turn]) -> str:
    """A line for each turn, without card numbers. Empty where nothing is said."""
    return "\n".join(map(str, _without_cards(turns))).strip()


def digits_in(turns: Sequence[Turn]) -> int:
    """How many digits were spoken: looking for cards in very many would take long."""
    return sum(sign.isdigit() for one in turns for sign in one.words)


def _turn(line: str) -> Turn:
    label = _LABEL.match(line)
    at = label.end() if label else 0
    return Turn(line[:at], line[at:])


def _cues(text: str) -> Iterator[Turn]:
    """Each cue of subtitles; what one person says on and on becomes one line, with the time it began."""
    speaking, label, said = "", "", list[str]()
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip("\n").split("\n")
        timed = next((at for at, line in enumerate(lines) if _TIMING.match(line)), None)
        if timed is None or lines[0].startswith(_NOT_SPOKEN):
            continue
        for at, payload in _payloads(lines[timed:]):
            voice = _VOICE.search(payload)
            who = " ".join(unescape(voice[1]).split()) if voice else ""
            words = " ".join(unescape(_MARKUP.sub("", payload)).split())
            if not words:
                continue
            if who and who == speaking:
                said.append(words)
                continue
            if said:
                yield Turn(label, " ".join(said))
            speaking, said = who, [words]
            label = f"[{at}] {who}: " if who else f"[{at}] "
    if said:
        yield Turn(label, " ".join(said))


def _payloads(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The time and the words of each cue of a block: one that was not parted by an empty line is read all the same."""
    at, told = "", list[str]()
    for number, line in enumerate(lines):
        timing = _TIMING.match(line)
        if timing is None:
            told.append(line)
            continue
        if at:
            yield at, " ".join(_without_counter(told))
        at, told = timing[1], []
        if number == len(lines) - 1:
            return
    yield at, " ".join(told)


def _without_counter(told: list[str]) -> list[str]:
    """Without the number of the next cue, which stands above its time."""
    return told[:-1] if told and told[-1].strip().isdigit() else told


def _without_cards(turns: Sequence[Turn]) -> list[Turn]:
    """The turns without card numbers; those over which one was read out become one turn."""
    if not holds_card_number(_joined(turns)):
        return list(turns)
    kept: list[Turn] = []
    at = 0
    while at < len(turns):
        span = _held_over(turns[at : at + _SPAN])
        kept.append(Turn(turns[at].label, without_card_numbers(_joined(turns[at : at + span]))))
        at += span
    return kept


def _joined(turns: Sequence[Turn]) -> str:
    return " ".join(one.words for one in turns)


def _held_over(turns: Sequence[Turn]) -> int:
    """Over how many of these turns a number that may be a card's is told from the first on; else 1."""
    if holds_card_number(turns[0].words) or not holds_card_number(_joined(turns)):
        return 1
    span = next(many for many in range(2, len(turns) + 1) if holds_card_number(_joined(turns[:many])))
    return 1 if holds_card_number(_joined(turns[1:span])) else span  # it begins further down
