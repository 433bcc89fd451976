"""Digits that stand in a letter and nowhere else. S2-2.5"""

import pytest

from portal.desk.sealing import opened, sealed


def test_sealed_digits_open_with_the_same_secret_alone() -> None:
    """S2-2.5"""
    secret, stranger = b"a secret of 32 bytes and a bit more", b"another one of 32 bytes and a bit too"
    marks = {sealed(secret, "004217") for _ in range(50)}
    assert len(marks) == 50
    assert {opened(secret, f"Code: {mark}.") for mark in marks} == {"Code: 004217."}
    assert "Code: 004217." not in {opened(stranger, f"Code: {mark}.") for mark in list(marks)[:20]}
    assert opened(secret, "[sealed:nothing] 12") == "[sealed:nothing] 12"
    with pytest.raises(ValueError, match="32 bytes"):
        sealed(b"short", "123456")
