"""What is sent to browsers is what we vendored, and holds nothing that a strict content policy refuses."""

import hashlib
import re
import tomllib
from importlib.resources import files as resources

import pytest

from tests.house.source import ROOT, files, place

VENDOR = ROOT / "static/vendor"
CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
FORBIDDEN = {
    "a script without its own file": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on, which needs eval": re.compile(r"\bhx-on\b"),
    "a script as an address or a value": re.compile(r"\b(?:javascript|js):"),
    "a trigger filter, which needs eval": re.compile(r"""\bhx-trigger\s*=\s*(["'])[^"']*\["""),
}
UNESCAPED = re.compile(r"\|\s*safe\b|autoescape\s+false")


def test_vendored_files_are_the_ones_the_manifest_weighed() -> None:
    manifest = tomllib.loads((VENDOR / "MANIFEST.toml").read_text(encoding="utf-8"))
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VENDOR.iterdir()}
    found.pop("MANIFEST.toml")
    assert found == {name: entry["sha256"] for name, entry in manifest.items()}


def test_every_icon_in_a_template_is_in_the_sprite() -> None:
    drawn = set(
        re.findall(r'<symbol id="i-([a-z0-9-]+)"', (VENDOR / "icons.svg").read_text(encoding="utf-8"))
    )
    used = {
        icon
        for file in files(".html")
        for icon in re.findall(r"#i-([a-z0-9-]+)\b", file.read_text(encoding="utf-8"))
    }
    assert used - drawn == set()


@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates_hold_nothing_inline(what: str) -> None:
    found = [
        f"{place(file)}: {line.strip()}"
        for file in files(".html", below="templates")
        for line in CODE.sub("", file.read_text(encoding="utf-8")).split("\n")
        if FORBIDDEN[what].search(line)
    ]
    assert found == []


def test_templates_leave_escaping_on() -> None:
    found = [place(file) for file in files(".html") if UNESCAPED.search(file.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a script without its own file", "<script>alert(1)</script>"),
        ("a style element", "<style>p {}</style>"),
        ("a style attribute", '<p style="color: red">'),
        ("an event attribute", '<p onclick="go()">'),
        ("hx-on, which needs eval", '<p hx-on:click="go()">'),
        ("a script as an address or a value", "<p hx-vals='js:{a: 1}'>"),
        ("a trigger filter, which needs eval", '<p hx-trigger="click[ctrlKey]">'),
    ],
)
def test_the_search_for_inline_things_finds_them(what: str, line: str) -> None:
    assert FORBIDDEN[what].search(line)


def test_the_look_is_the_tabler_that_sqladmin_brings() -> None:
    """One look for wizard and admin: an upgrade of it must be seen, not stumbled over."""
    heading = resources("sqladmin").joinpath("statics/css/tabler.min.css").read_text(encoding="utf-8")[:400]
    assert re.findall(r"Tabler v(\S+)", heading) == ["1.4.0"]
