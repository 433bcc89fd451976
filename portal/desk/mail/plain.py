"""The words of a page of HTML, and nothing else of it: no picture is loaded, no style kept, no script run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LONGEST = 300_000
"""Characters of a page that are looked at."""
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "svg"})
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol", "blockquote"})


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.told: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as the base has it
        if tag in _SILENT:
            self._silent += 1
        elif tag == "body":  # whether or not the head was closed
            self._silent = 0
        elif tag in _BLOCKS:
            self.told.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in _BLOCKS:
            self.told.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.told.append(re.sub(r"\s+", " ", data))


def of_html(page: str) -> str:
    """What a reader of the page would read."""
    reader = _Words()
    reader.feed(page[:LONGEST])
    reader.close()
    lines = (line.strip() for line in "".join(reader.told).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def without_quotes(words: str) -> str:
    """What was written anew: without the letter quoted below it. All of it where nothing else is left."""
    lines = words.splitlines()
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    if end == len(lines):
        return words
    if end and lines[end - 1].rstrip().endswith(":"):  # On Monday, we wrote:
        end -= 1
    return "\n".join(lines[:end]).strip() or words
