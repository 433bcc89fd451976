"""Card numbers are refused wherever they are typed. S0-3.5.2a"""

import pytest

from portal.desk.cards import REFUSAL, holds_card_number, refuse_card_numbers
from portal.desk.errors import NotAccepted

NINE_SPELLINGS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "".join(chr(0xFF10 + int(digit)) for digit in "4111111111111111"),
    "4111\u20131111\u20141111\u20111111",
    "4111\u00a01111\u20091111\u200b1111",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "4111\n1111/1111_1111",
]


@pytest.mark.parametrize("spelling", NINE_SPELLINGS)
@pytest.mark.parametrize("around", ["{}", "card {}, exp. 12/29", "2 pieces, 10115 {} 030"])
def test_a_card_number_is_seen_in_every_spelling(spelling: str, around: str) -> None:
    assert holds_card_number(around.format(spelling))


@pytest.mark.parametrize(
    "number", ["378282246310005", "30569309025904", "4222222222222", "6304000000000000000"]
)
def test_cards_of_other_lengths_are_seen(number: str) -> None:
    assert holds_card_number(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4111 1111 1111 1112",
        "HR-26-000123-3",
        "+49 30 1234567",
        "terminal slip 0047-2231",
        "0000000000000000",
        "123456789012345678901234567890123456789",
        "2026-03-02 10:00, 12 × 14.99, order 81",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not holds_card_number(text)


def test_each_field_is_told() -> None:
    with pytest.raises(NotAccepted) as refused:
        refuse_card_numbers(note="4111 1111 1111 1111", reference="slip 12", wish=NINE_SPELLINGS[4])
    assert refused.value.fields == {"note": REFUSAL, "wish": REFUSAL}
