"""Making sure who is speaking, before anything of a customer is shown. Decision 18, S2-1.4, S2-2

Answers are compared here and never shown to the representative: she is told which facts matched, not what they
are. How strongly a caller is verified adds up to the strongest method that held, for its time and in its contact
only; each sensitive deed names the strength it needs. Who fails too often is turned away: the contact, the caller
wherever they call from again, and the customer who is guessed at. S4-2.1b
"""

from portal.desk.verification.calling import call_back, dial, dialled_until
from portal.desk.verification.codes import check_code, open_code, send_code
from portal.desk.verification.facts import Fact, verify
from portal.desk.verification.needs import NotVerified, meets, require
from portal.desk.verification.revealing import reveal, unlock
from portal.desk.verification.rules import Method, Rules, ensure_defaults, in_force
from portal.desk.verification.standing import (
    Verification,
    barred,
    is_verified,
    standing,
    strength_now,
    suspect,
)

__all__ = [
    "Fact",
    "Method",
    "NotVerified",
    "Rules",
    "Verification",
    "barred",
    "call_back",
    "check_code",
    "dial",
    "dialled_until",
    "ensure_defaults",
    "in_force",
    "is_verified",
    "meets",
    "open_code",
    "require",
    "reveal",
    "send_code",
    "standing",
    "strength_now",
    "suspect",
    "unlock",
    "verify",
]
