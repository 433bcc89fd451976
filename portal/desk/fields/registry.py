"""Every kind of answer there is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from portal.desk.fields.base import FieldKind
from portal.desk.fields.choosing import Announced, OneOf, SeveralOf, Tick, YesNo
from portal.desk.fields.counting import Day, Money, Number, Scale, Slot
from portal.desk.fields.knowing import File, OrderNumber, ProductCode
from portal.desk.fields.wording import Address, Email, Long, Phone, Serial, Text

FIELDS: Mapping[str, FieldKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Text(),
            Long(),
            Number(),
            Money(),
            Day(),
            Slot(),
            OneOf(),
            SeveralOf(),
            YesNo(),
            Tick(),
            Announced(),
            Scale(),
            Phone(),
            Email(),
            Address(),
            ProductCode(),
            OrderNumber(),
            Serial(),
            File(),
        )
    }
)
"""Every kind of answer by its name."""
