"""Reading phone numbers as people write them. Decision 21, S2-6.4

The library is loaded by the first number: its sixty modules are a thirtieth of a start.
"""

from __future__ import annotations

from functools import cache

from babel import Locale

_SPOKEN = {
    "UK": "GB",
    "ENGLAND": "GB",
    "SCOTLAND": "GB",
    "WALES": "GB",
    "NORTHERN IRELAND": "GB",
    "USA": "US",
    "UNITED STATES OF AMERICA": "US",
    "EIRE": "IE",
    "RSA": "ZA",
    "HOLLAND": "NL",
    "UAE": "AE",
}
"""What people call a country besides its name."""
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")


@cache
def _regions() -> dict[str, str]:
    import phonenumbers  # noqa: PLC0415  as said at the top

    named: dict[str, str] = {}
    for language in reversed(_LANGUAGES):
        for region, name in Locale.parse(language).territories.items():
            if region in phonenumbers.SUPPORTED_REGIONS:
                named[name.upper()] = region
    return {**named, **_SPOKEN, **{region: region for region in phonenumbers.SUPPORTED_REGIONS}}


def region_of(country: str) -> str | None:
    """The region code of a country written as a code or a name; None when it is not known."""
    return _regions().get(country.strip().upper())


NO_COUNTRY = "A country by its name or code, such as DE; empty for everywhere else."


def place_of(country: str) -> str | None:
    """Where a rule by country holds: the code of the country, empty for everywhere else; None when it is not known."""
    return region_of(country) if country.strip() else ""


def read_phone(text: str, country: str = "") -> str | None:
    """The number in E.164, or None when it cannot be read for certain.

    A number with an extension is left as it is written: E.164 has no room for it.
    """
    import phonenumbers  # noqa: PLC0415  as said at the top

    written = text.strip()
    if written.startswith("00"):
        written = f"+{written[2:]}"
    try:
        found = phonenumbers.parse(written, region_of(country))
    except phonenumbers.NumberParseException:
        return None
    if found.extension or not phonenumbers.is_valid_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def national(phone: str) -> str | None:
    """The digits of an E.164 number without its country's; None where it is none."""
    import phonenumbers  # noqa: PLC0415  as said at the top

    try:
        return str(phonenumbers.parse(phone).national_number)
    except phonenumbers.NumberParseException:
        return None


def kept(text: str, country: str = "") -> str:
    """What is stored: E.164 where the number can be read, else exactly what was given."""
    return read_phone(text, country) or text.strip()
