"""The sheet a script is drawn on: boxes downwards, conditional ones in a panel, jumps at the right side."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.desk import trees
from portal.desk.scripts.canvas import cut, element, group, lines_of, route, width_of
from portal.desk.scripts.document import options_in, text_in
from portal.desk.scripts.phrases import Told, key_of, name_of, parts
from portal.desk.scripts.steps import CLOSING, DIFFICULT, END, OPENING
from portal.desk.scripts.traffic import Counts
from portal.desk.scripts.ways import START, Arrow, Stretch, tree_rows

ROOM_PAST, BOX, GAP, PAD = 108.0, 380.0, 34.0, 14.0
LABEL, LANE, MARGIN = 210.0, 16.0, 12.0
NAME_SIZE, TEXT_SIZE, SMALL = 15.0, 13.0, 12.0
LINE = 17.0
PILL = 34.0
MOST_LABEL_LINES = 3
INDENT = 20.0
ENDS = {
    OPENING: ("A contact begins", "On to what it is about"),
    CLOSING: ("Everything was dealt with", "The contact has ended"),
    DIFFICULT: ("One key, from every step", "Back to the step it was opened at"),
}
COMMON_ENDS = ("From the opening", "On to the closing")


@dataclass(slots=True)
class Sheet:
    """The sheet being drawn on, from top to bottom."""

    script: str
    title: str
    ways: tuple[Arrow, ...]
    counted: dict[str, Counts]
    language: str
    y: float = MARGIN
    back: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    tops: dict[str, float] = field(default_factory=dict)
    foots: dict[str, float] = field(default_factory=dict)
    exits: dict[tuple[str, int], float] = field(default_factory=dict)
    """Where each jump leaves its box, by the step and the jump's number."""
    panels: dict[str, tuple[float, float]] = field(default_factory=dict)
    """From where to where a step reaches, with the panel around it where it has one."""
    width: float = 0

    def __post_init__(self) -> None:
        self.width = self.left + BOX + PAD + MARGIN

    @property
    def left(self) -> float:
        """Where the boxes begin: there is room for the ways around conditional steps where there are any."""
        return ROOM_PAST if any(one.kind == "past" for one in self.ways) else MARGIN + PAD

    @property
    def ends(self) -> tuple[str, str]:
        return ENDS.get(self.script, COMMON_ENDS)

    @property
    def middle(self) -> float:
        return self.left + BOX / 2

    def draw(self, gathered: list[Stretch]) -> None:
        self._pill(START, self.ends[0])
        if self.script not in ENDS:
            self._beside()
        for stretch in gathered:
            self.y += GAP
            panel = self.y
            if stretch.words:
                self.y += self._heading(stretch.words)
            for place, step in enumerate(stretch.steps):
                self.y += GAP if place else 0
                self._box(step)
            if stretch.words:
                self.y += PAD
                self.back.insert(0, self._panel(panel))
                self.panels.update((key_of(step), (panel, self.y)) for step in stretch.steps)
        self.y += GAP
        self._pill(END, self.ends[1])
        self._connect()

    def _heading(self, words: str) -> float:
        """What stands over conditional steps; gives its height."""
        told = lines_of(f"Only if {words}", SMALL, BOX, MOST_LABEL_LINES)
        for at, line in enumerate(told):
            self.back.append(
                element("text", "when", line, x=self.left, y=self.y + PAD + SMALL + at * LINE - 4)
            )
        return PAD * 1.5 + len(told) * LINE

    def _panel(self, top: float) -> str:
        return element(
            "rect", "panel", x=self.left - PAD, y=top, width=BOX + PAD * 2, height=self.y - top, rx=12
        )

    def _pill(self, key: str, words: str) -> None:
        wide = width_of(words, TEXT_SIZE) + PILL
        self.boxes.append(
            group(
                [
                    element(
                        "rect",
                        "pill",
                        x=self.middle - wide / 2,
                        y=self.y,
                        width=wide,
                        height=PILL,
                        rx=PILL / 2,
                    ),
                    element("text", "pill-words", words, x=self.middle, y=self.y + PILL / 2 + 4.5),
                ],
                "end",
                data_step=key,
            )
        )
        self.tops[key], self.y = self.y, self.y + PILL
        self.foots[key] = self.y
        self.panels[key] = self.tops[key], self.y

    def _beside(self) -> None:
        """The guide for difficult contacts, which is one key away all the time."""
        words = "Difficult contact: one key away"
        wide, left = width_of(words, SMALL) + 24, self.left + BOX + 20
        self.boxes.append(
            group(
                [
                    element("rect", "beside", x=left, y=self.tops[START] + 3, width=wide, height=28, rx=14),
                    element("text", "beside-words", words, x=left + wide / 2, y=self.tops[START] + 21),
                ],
                "aside",
            )
        )
        self.width = max(self.width, left + wide + MARGIN)

    def _box(self, step: Told) -> None:
        key, top = key_of(step), self.y
        optional = step.get("required") is False
        title = lines_of(text_in(step.get("title"), self.language), TEXT_SIZE, BOX - PAD * 2, 2)
        height = PAD + 20 + len(title) * LINE + 20 + PAD / 2
        labels = self._labels(key, top)
        self.y = top + max(height, labels)
        height = self.y - top
        drawn = [
            element(
                "rect",
                "box-optional" if optional else "box",
                x=self.left,
                y=top,
                width=BOX,
                height=height,
                rx=10,
            ),
        ]
        right = self._counts(drawn, self.counted.get(key, Counts()), top)
        drawn.append(
            element(
                "text",
                "name",
                cut(name_of(step, self.language), NAME_SIZE * 1.08, right - self.left - PAD),
                x=self.left + PAD,
                y=top + 26,
            )
        )
        drawn += [
            element("text", "title", line, x=self.left + PAD, y=top + 46 + at * LINE)
            for at, line in enumerate(title)
        ]
        drawn.append(
            element(
                "text",
                "more",
                cut(more_of(step), SMALL, BOX - PAD * 2),
                x=self.left + PAD,
                y=top + 48 + len(title) * LINE,
            )
        )
        self.tops[key] = top
        for tree in trees.read(options_in(step.get("options", {}), self.language)):
            self._tree(tree)
        self.foots[key] = self.y
        self.panels[key] = top, self.y
        self.boxes.append(group(drawn, "step", data_step=key))

    def _counts(self, drawn: list[str], counted: Counts, top: float) -> float:
        """Chips for who is here and who left here; gives where they begin."""
        right = self.left + BOX - PAD + 4
        for kind, number, word in (("left", counted.left, "left here"), ("here", counted.here, "here now")):
            if number:
                words = f"{number} {word}"
                wide = width_of(words, SMALL) + 16
                right -= wide
                drawn.append(element("rect", kind, x=right, y=top + 10, width=wide, height=22, rx=11))
                drawn.append(element("text", f"{kind}-words", words, x=right + wide / 2, y=top + 25.5))
                right -= 6
        return right

    def _labels(self, key: str, top: float) -> float:
        """The words of the jumps of a step, right of its box; gives their height."""
        place = top + 30
        jumps = [one for one in self.ways if one.kind == "jump" and one.source == key]
        for number, one in enumerate(jumps):
            told = lines_of(f"If {one.words}" if one.words else "Always", SMALL, LABEL - 20, MOST_LABEL_LINES)
            for at, line in enumerate(told):
                self.boxes.append(element("text", "label", line, x=self.left + BOX + 12, y=place + at * 15))
            place += len(told) * 15
            self.exits[key, number] = place - 6
            place += 14
        return place - top if jumps else 0

    def _tree(self, tree: trees.Tree) -> None:
        """A tree of questions of a step, under its box."""
        self.y += 10
        top = self.y
        self.y += PAD
        self.boxes.append(element("text", "tree-name", tree.name, x=self.left + PAD, y=self.y + 11))
        self.y += 22
        feet: dict[int, float] = {}
        for row in tree_rows(tree):
            x = self.left + PAD + INDENT * row.depth
            wide = self.left + BOX - PAD - x
            if row.depth:
                up, at = feet[row.depth - 1], self.y + 9
                points = [(x - 14, up), (x - 14, at), (x - 4, at)]
                self.lines.append(element("path", "twig", d=route(*points, radius=4)))
            kind = f"node-{row.end}" if row.end else "node"
            told = [(row.answer, "answer")] if row.answer else []
            told += [(line, kind) for line in lines_of(row.words, SMALL, wide, 2)]
            for line, sort in told:
                self.boxes.append(element("text", sort, cut(line, SMALL, wide), x=x, y=self.y + 13))
                self.y += 16
            feet[row.depth] = self.y
            self.y += 6
        self.y += PAD / 2
        self.back.append(element("rect", "tree", x=self.left, y=top, width=BOX, height=self.y - top, rx=10))

    def _connect(self) -> None:
        lanes: list[list[tuple[float, float]]] = []
        numbers: dict[str, int] = {}
        lane_of: dict[str, int] = {}
        """Jumps to the same step share a lane: the first of them is the longest."""
        for one in self.ways:
            data = {"data_from": one.source, "data_to": one.target, "data_kind": one.kind}
            if one.kind == "on":
                start, end = self.foots[one.source], self.tops[one.target]
                if self.panels[one.source] != self.panels[one.target]:  # a panel is met and left at its edge
                    start, end = self.panels[one.source][1], self.panels[one.target][0]
                points = [(self.middle, start), (self.middle, end - 1)]
                self.lines.append(self._arrow("on", points, **data))
            elif one.kind == "past":
                self._past(one, data)
            else:
                number = numbers[one.source] = numbers.get(one.source, -1) + 1
                start, end = self.exits[one.source, number], self.tops[one.target] + 12
                if one.target not in lane_of:
                    lane_of[one.target] = _lane(lanes, start, end)
                x = self.left + BOX + LABEL + lane_of[one.target] * LANE
                edge = self._edge(one.target)
                points = [(self.left + BOX, start), (x, start), (x, end), (edge + 2, end)]
                self.lines.append(self._arrow("jump", points, **data))
                self.width = max(self.width, x + MARGIN)

    def _past(self, one: Arrow, data: dict[str, str]) -> None:
        """The way around conditional steps, left of them."""
        x = self.left - PAD - 18
        start, end = self.panels[one.source][1] + 9, self.panels[one.target][0] - 13
        points = [(self.middle, start), (x, start), (x, end), (self.middle - 2, end)]
        self.lines.append(self._arrow("past", points, **data))
        self.boxes.append(element("text", "label-left", one.words, x=x - 7, y=start + 24))

    def _edge(self, key: str) -> float:
        """Where an arrow from the right meets a box or a pill."""
        if key != END:
            return self.left + BOX
        return self.middle + (width_of(self.ends[1], TEXT_SIZE) + PILL) / 2

    def _arrow(self, kind: str, points: list[tuple[float, float]], **data: str) -> str:
        head = f"url(#{self.script}-{'jump-' if kind == 'jump' else ''}head)"
        return element("path", kind, d=route(*points), marker_end=head, **data)

    def _head(self, kind: str) -> str:
        """The point of an arrow."""
        return element(
            "marker",
            inner=element("path", kind, d="M0 0L8 4L0 8Z"),
            id=f"{self.script}-{kind}",
            viewBox="0 0 8 8",
            refX=7,
            refY=4,
            markerWidth=7,
            markerHeight=7,
            orient="auto",
        )

    def svg(self) -> str:
        """Everything as one image with its name and what it shows."""
        wide, high = round(self.width), round(self.y + MARGIN)
        steps = len(self.tops) - 2
        inner = [
            element("title", "", f"Diagram: {self.title}", id=f"{self.script}-title"),
            element(
                "desc",
                "",
                f"{steps} steps from top to bottom; the same stands as a list beside it.",
                id=f"{self.script}-desc",
            ),
            element("defs", inner=self._head("head") + self._head("jump-head")),
            *self.back,
            *self.lines,
            *self.boxes,
        ]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="hr-diagram" role="img" width="{wide}" height="{high}"'
            f' viewBox="0 0 {wide} {high}" aria-labelledby="{self.script}-title {self.script}-desc">'
            f"{''.join(inner)}</svg>"
        )


def more_of(step: Told) -> str:
    """What else a step holds, in few words."""
    asked, served = len(parts(step, "ask")), len(step.get("clauses", ()))
    told = [
        "may be skipped" if step.get("required") is False else "",
        f"{asked} question{'s' if asked > 1 else ''} of our own" if asked else "",
        f"serves {served} clause{'s' if served > 1 else ''}" if served else "",
    ]
    return " · ".join([str(step.get("kind", "")).replace("_", " "), *filter(None, told)])


def _lane(lanes: list[list[tuple[float, float]]], start: float, end: float) -> int:
    """The first lane in which nothing else runs between these heights."""
    for number, taken in enumerate(lanes):
        if all(end < other[0] - GAP / 2 or start > other[1] + GAP / 2 for other in taken):
            taken.append((start, end))
            return number
    lanes.append([(start, end)])
    return len(lanes) - 1
