"""Build the browser files in static/vendor from two npm packages.

Fetch them with `npm pack htmx.org@VERSION` and `npm pack @tabler/icons@VERSION`, then run
`python tools/vendor.py HTMX.tgz ICONS.tgz`. The same packages give the same bytes, and a test compares them
with static/vendor/MANIFEST.toml.
"""

import hashlib
import json
import re
import sys
import tarfile
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "static/vendor"
SCRIPTS = ("dist/htmx.min.js", "dist/ext/hx-sse.min.js", "dist/ext/hx-preload.min.js")
ICONS = (
    "alert-triangle",
    "arrow-left",
    "arrow-right",
    "arrows-exchange",
    "building-bank",
    "building-store",
    "calendar",
    "cash",
    "check",
    "chevron-down",
    "chevron-right",
    "clock",
    "clock-pause",
    "credit-card",
    "download",
    "eye",
    "eye-off",
    "file-text",
    "flag",
    "hand-stop",
    "headset",
    "help-circle",
    "history",
    "home",
    "list-check",
    "lock",
    "logout",
    "mail",
    "menu-2",
    "message",
    "moon",
    "package",
    "pencil",
    "phone",
    "player-pause",
    "plus",
    "receipt",
    "refresh",
    "search",
    "send",
    "shield-check",
    "shopping-cart",
    "speakerphone",
    "star",
    "sun",
    "tool",
    "truck",
    "user",
    "users",
    "world",
    "x",
)
PEN = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'


class Package:
    """An npm package as a file."""

    def __init__(self, at: Path) -> None:
        with tarfile.open(at) as archive:
            self.files = {
                member.name.removeprefix("package/"): content.read().decode()
                for member in archive
                if member.isfile()
                and (content := archive.extractfile(member))
                and not member.name.endswith(".png")
            }
        self.about = json.loads(self.files["package.json"])

    @property
    def title(self) -> str:
        """Its name, version and licence on one line."""
        return f"{self.about['name']} {self.about['version']} ({self.about['license']})"


def bundle(htmx: Package) -> str:
    """One file, because extensions that arrive later than htmx itself are sometimes left out."""
    parts = [re.sub(r"\n?//# sourceMappingURL=.*", "", htmx.files[name]).strip() for name in SCRIPTS]
    return f"/* {htmx.title}: {', '.join(SCRIPTS)} */\n" + "\n;\n".join(parts) + "\n"


def sprite(icons: Package) -> str:
    """Each icon as a symbol named `i-…`, drawn in the colour of the text around it."""
    symbols = []
    for name in sorted(ICONS):
        paths = re.findall(
            r"<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*?/?>",
            icons.files[f"icons/outline/{name}.svg"],
        )
        drawn = "".join(path for path in paths if 'stroke="none"' not in path)
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24" {PEN}>{drawn}</symbol>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg">\n<!-- {icons.title} -->\n'
        + "\n".join(symbols)
        + "\n</svg>\n"
    )


def entry(package: Package, file: str) -> str:
    """Say in the manifest what a file is and what it must weigh."""
    return "\n".join(
        (
            f'["{file}"]',
            f'package = "{package.about["name"]}"',
            f'version = "{package.about["version"]}"',
            f'licence = "{package.about["license"]}"',
            f'sha256 = "{hashlib.sha256((VENDOR / file).read_bytes()).hexdigest()}"',
        )
    )


def main(htmx_at: Path, icons_at: Path) -> None:
    """Write the files and the manifest that a test holds them to."""
    htmx, icons = Package(htmx_at), Package(icons_at)
    VENDOR.mkdir(parents=True, exist_ok=True)
    made = {
        "htmx-bundle.js": (htmx, bundle(htmx)),
        "htmx-LICENSE.txt": (htmx, htmx.files["LICENSE"]),
        "icons.svg": (icons, sprite(icons)),
        "icons-LICENSE.txt": (icons, icons.files["LICENSE"]),
    }
    for file, (_, text) in made.items():
        (VENDOR / file).write_text(text, encoding="utf-8", newline="\n")
    heading = "# Written by tools/vendor.py; a test compares the sums.\n\n"
    entries = [entry(package, file) for file, (package, _) in made.items()]
    (VENDOR / "MANIFEST.toml").write_text(heading + "\n\n".join(entries) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
