"""Settings are one table: documented, read by name, and refused with their name."""

from pathlib import Path

import pytest

from portal.settings import PREFIX, TABLE, BadSetting, read, secret_of

PRODUCTION = {
    "HANDRAIL_ADDRESS": "https://desk.example.com",
    "HANDRAIL_SECRET": "Zk3vR9pX1mQ7tW5yB2nL8cD4fG6hJ0sA",
    "HANDRAIL_OIDC_ISSUER": "https://people.example.com",
    "HANDRAIL_OIDC_CLIENT_SECRET": "kept elsewhere",
}


def test_every_setting_is_documented() -> None:
    told = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [one.name for one in TABLE if f"`{PREFIX}{one.name.upper()}`" not in told] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HANDRAIL_PROT", "8000"),
        ("HANDRAIL_PORT", "eighty"),
        ("HANDRAIL_PORT", "70000"),
        ("HANDRAIL_JOBS", "perhaps"),
        ("HANDRAIL_ZONE", "Mars/Olympus"),
        ("HANDRAIL_DATABASE", "mysql://x"),
        ("HANDRAIL_SECRET", "short"),
        ("HANDRAIL_LOG_LEVEL", "loud"),
        ("HANDRAIL_SMTP_SECURITY", "maybe"),
        ("HANDRAIL_IMAP_SECURITY", "maybe"),
        ("HANDRAIL_IMAP_PORT", "0"),
        ("HANDRAIL_IMAP_FOLDER", 'In"box'),
        ("HANDRAIL_IMAP_FOLDER", "Entwürfe"),
        ("HANDRAIL_SECRET_FILE", "/nowhere/at/all"),
        ("HANDRAIL_PORT_FILE", "/nowhere/at/all"),
    ],
)
def test_a_setting_that_cannot_be_stops_the_start_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name) as refused:
        read({name: value})
    assert value not in refused.value.message or name == "HANDRAIL_PROT"


def test_production_as_it_should_be_starts() -> None:
    settings = read(PRODUCTION)
    assert (settings.production, settings.hosts) == (True, frozenset({"desk.example.com"}))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"HANDRAIL_ADDRESS": "http://desk.example.com"}, "HANDRAIL_ADDRESS"),
        ({"HANDRAIL_SECRET": ""}, "HANDRAIL_SECRET"),
        ({"HANDRAIL_SECRET": "change-me-change-me-change-me-change"}, "HANDRAIL_SECRET"),
        ({"HANDRAIL_SECRET": "a" * 64}, "HANDRAIL_SECRET"),
        ({"HANDRAIL_DEMO": "on"}, "HANDRAIL_DEMO"),
        ({"HANDRAIL_OIDC_ISSUER": ""}, "HANDRAIL_OIDC_ISSUER"),
        ({"HANDRAIL_OIDC_ISSUER": "http://people.example.com"}, "HANDRAIL_OIDC_ISSUER"),
        ({"HANDRAIL_OIDC_ISSUER": "https://desk.example.com/dev-idp"}, "HANDRAIL_OIDC_ISSUER"),
        ({"HANDRAIL_OIDC_CLIENT_SECRET": ""}, "HANDRAIL_OIDC_CLIENT_SECRET"),
    ],
)
def test_production_refuses_what_is_for_trying_out(change: dict[str, str], named: str) -> None:
    with pytest.raises(BadSetting, match=named):
        read({**PRODUCTION, **change})


def test_a_mailbox_needs_a_user_and_is_read_in_the_clear_on_this_machine_alone() -> None:
    """S2-12.2: in production neither customers' mail nor its password crosses a network in the clear."""
    with pytest.raises(BadSetting, match="HANDRAIL_IMAP_USER"):
        read({"HANDRAIL_IMAP_HOST": "imap.example.com"})
    plain = {**PRODUCTION, "HANDRAIL_IMAP_USER": "desk", "HANDRAIL_IMAP_SECURITY": "none"}
    with pytest.raises(BadSetting, match="HANDRAIL_IMAP_SECURITY"):
        read({**plain, "HANDRAIL_IMAP_HOST": "imap.example.com"})
    assert read({**plain, "HANDRAIL_IMAP_HOST": "127.0.0.1"}).imap_security == "none"
    assert read(
        {**plain, "HANDRAIL_IMAP_HOST": "imap.example.com", "HANDRAIL_IMAP_SECURITY": "tls"}
    ).production


def test_the_demo_stays_on_this_machine() -> None:
    with pytest.raises(BadSetting, match="HANDRAIL_DEMO"):
        read({"HANDRAIL_DEMO": "on", "HANDRAIL_HOST": "0.0.0.0"})


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("Zk3vR9pX1mQ7tW5yB2nL8cD4fG6hJ0sA\n")
    assert (
        read({"HANDRAIL_SECRET_FILE": str(tmp_path / "secret")}).secret == "Zk3vR9pX1mQ7tW5yB2nL8cD4fG6hJ0sA"
    )


def test_a_generated_secret_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    settings = read({}, data=tmp_path / "var")
    made = secret_of(settings)
    assert len(made) >= 32
    assert secret_of(settings) == made
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "var" / "secret").stat().st_mode & 0o777 == 0o600
