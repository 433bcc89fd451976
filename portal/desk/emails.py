"""Whether an e-mail address is one, by its form alone: nobody outside is asked."""

from __future__ import annotations


def wrong_with(email: str) -> str | None:
    """What is wrong with the address, as a sentence; None where nothing is."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  a start needs no 20 ms of it

    try:
        validate_email(email, check_deliverability=False, allow_quoted_local=True, allow_domain_literal=True)
    except EmailNotValidError as error:
        return str(error)
    return None
