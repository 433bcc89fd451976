"""What can go wrong on the desk, in words a person can act on. Each kind knows its HTTP status."""

from __future__ import annotations

from typing import ClassVar


class DeskError(Exception):
    """Something the person has to know. The message is shown as it is."""

    status: ClassVar[int] = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(DeskError):
    """The person may not do this."""

    status = 403

    def __init__(self, message: str = "Your role does not allow this.") -> None:
        super().__init__(message)


class NotFound(DeskError):
    """There is no such thing, or none this person may see: the answer is the same."""

    status = 404

    def __init__(self, message: str = "There is nothing here, or nothing you may see.") -> None:
        super().__init__(message)


class WrongMoment(DeskError):
    """The thing is not in a state in which this can be done."""

    status = 409


class Conflict(DeskError):
    """Somebody else saved first. Carries both versions, so that neither is lost."""

    status = 409

    def __init__(
        self,
        message: str,
        *,
        yours: dict[str, str] | None = None,
        theirs: dict[str, str] | None = None,
        saved_by: str = "",
    ) -> None:
        super().__init__(message)
        self.yours = yours or {}
        self.theirs = theirs or {}
        self.saved_by = saved_by


class NotAccepted(DeskError):
    """An answer that cannot be taken: one message per field.

    `raise NotAccepted(amount="Between 0.01 and 12.50 EUR.")`; `NotAccepted.of({"line-1-quantity": "…"})` for
    fields whose names are no identifiers.
    """

    status = 422

    def __init__(self, **fields: str) -> None:
        super().__init__(" ".join(fields.values()) or "Please check what was entered.")
        self.fields: dict[str, str] = dict(fields)

    @classmethod
    def of(cls, fields: dict[str, str]) -> NotAccepted:
        error = cls()
        error.fields = dict(fields)
        error.message = " ".join(fields.values())
        return error


class TooOften(DeskError):
    """Tried too often in a short time."""

    status = 429

    def __init__(self, message: str = "Too many tries. Please wait a few minutes.") -> None:
        super().__init__(message)
