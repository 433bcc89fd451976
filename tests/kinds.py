"""Every kind of step, as the scripts that ship have it."""

from portal.desk.scripts import Script, Step, library


def each_kind() -> dict[str, tuple[Script, Step]]:
    """A step of every kind, with the script it stands in."""
    found: dict[str, tuple[Script, Step]] = {}
    for script in library().values():
        for step in script.steps:
            found.setdefault(step.kind, (script, step))
    return found
