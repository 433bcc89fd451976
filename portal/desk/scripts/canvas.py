"""The little of SVG that a diagram needs: elements without style or script, and text that is broken into lines."""

from __future__ import annotations

from html import escape

NARROW, WIDE = frozenset("iljtfrI.,:;'|!()[]- ’“”"), frozenset("mwMW@%&…")
WIDE_SCRIPTS = 0x1100
"""From here on signs are about as wide as high."""


def width_of(text: str, size: float) -> float:
    """How wide a text will be at the most: no font is at hand where it is drawn, and the widest usual one has to fit.

    In the unit of the size.
    """
    units = 0.0
    for sign in text:
        if sign in NARROW:
            units += 0.4
        elif sign in WIDE:
            units += 0.98
        elif ord(sign) >= WIDE_SCRIPTS:
            units += 1.0
        else:
            units += 0.76 if sign.isupper() else 0.63
    return units * size


def cut(text: str, size: float, width: float) -> str:
    """As much of a text as fits on one line, with an ellipsis for the rest."""
    if width_of(text, size) <= width:
        return text
    kept = text
    while kept and width_of(f"{kept}…", size) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def lines_of(text: str, size: float, width: float, most: int) -> list[str]:
    """Break a text into lines of a width; the last of at most so many ends with an ellipsis when more would follow."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most:
        line = words.pop(0)
        if len(lines) == most - 1:
            line = " ".join([line, *words])
            words = []
        while words and width_of(f"{line} {words[0]}", size) <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(cut(line, size, width))
    return lines


def element(name: str, kind: str = "", text: str = "", *, inner: str = "", **attributes: str | float) -> str:
    """One element with its class, everything escaped but the elements in it; `data_step` becomes `data-step`."""
    told: dict[str, object] = {"class": f"hr-diagram-{kind}" if kind else "", **attributes}
    written = "".join(
        f' {key.replace("_", "-")}="{escape(_plain(value))}"' for key, value in told.items() if value != ""
    )
    held = escape(text) + inner
    return f"<{name}{written}>{held}</{name}>" if held else f"<{name}{written}/>"


def group(inner: list[str], kind: str = "", **attributes: str) -> str:
    """Elements that belong together."""
    return element("g", kind, "", inner="".join(inner), **attributes)


def route(*points: tuple[float, float], radius: float = 8) -> str:
    """The path along these points, with round corners."""
    told = [f"M{_plain(points[0][0])} {_plain(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        enter, leave = _towards(corner, before, radius), _towards(corner, after, radius)
        told.append(
            f"L{_plain(enter[0])} {_plain(enter[1])}"
            f"Q{_plain(corner[0])} {_plain(corner[1])} {_plain(leave[0])} {_plain(leave[1])}"
        )
    told.append(f"L{_plain(points[-1][0])} {_plain(points[-1][1])}")
    return "".join(told)


def _towards(start: tuple[float, float], end: tuple[float, float], most: float) -> tuple[float, float]:
    across, down = end[0] - start[0], end[1] - start[1]
    length = max(abs(across), abs(down)) or 1
    share = min(most, length / 2) / length
    return start[0] + across * share, start[1] + down * share


def _plain(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
