"""Mail that comes in: read from the mailbox once, put where it belongs, and never lost. S2-12.2, S0-5.1b

`parsing` makes plain words of hostile bytes, `threads` finds what a mail belongs to,
`taking` files it in one transaction, `reports` reads what mail servers say of our letters, `answering` holds the deeds of
people, and `listed` the lists.
"""

from __future__ import annotations

from portal.desk.mail.answering import begin_contact, join, set_aside, take_on, take_up
from portal.desk.mail.listed import MailQueue, MailRow, counts, load, mails, open_file, to_answer
from portal.desk.mail.parsing import Parsed, parsed
from portal.desk.mail.taking import place_of, reject, skip, take_in
from portal.desk.mailbox import LARGEST, Arrived, Mailbox, MailLine, NotHandedOut, Waiting

__all__ = [
    "LARGEST",
    "Arrived",
    "MailLine",
    "MailQueue",
    "MailRow",
    "Mailbox",
    "NotHandedOut",
    "Parsed",
    "Waiting",
    "begin_contact",
    "counts",
    "join",
    "load",
    "mails",
    "open_file",
    "parsed",
    "place_of",
    "reject",
    "set_aside",
    "skip",
    "take_in",
    "take_on",
    "take_up",
    "to_answer",
]
