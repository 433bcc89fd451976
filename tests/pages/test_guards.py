"""What stands in front of everything, tried from outside."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from portal.app import create_app
from portal.settings import Settings

SAME = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def client(database: str, tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(Settings(data=tmp_path, database=database, jobs=False))
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1@evil.example", "", "127.0.0.1:0x50", "[::1", "127.0.0.1.evil.example"]
)
def test_a_foreign_host_gets_nothing(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 400


FORGED = [
    {},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
]


@pytest.mark.parametrize("headers", FORGED)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_from_elsewhere_is_refused(client: TestClient, method: str, headers: dict[str, str]) -> None:
    assert client.request(method, "/", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [SAME, {"origin": "http://127.0.0.1:8000"}, {**SAME, "origin": "http://127.0.0.1:8000"}]
)
def test_a_write_from_here_comes_through(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/nowhere", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/", 303),
        ("GET", "/nowhere", 404),
        ("POST", "/healthz", 405),
        ("POST", "/", 403),
    ],
)
def test_every_answer_carries_the_headers(client: TestClient, method: str, path: str, status: int) -> None:
    """S2-2.2"""
    answer = client.request(method, path, headers=SAME if status == 405 else {})
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]


def test_a_body_over_the_limit_is_refused_whatever_it_says(client: TestClient) -> None:
    assert client.post("/nowhere", content=b"x" * 300_000, headers=SAME).status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(400):
            yield b"y" * 1024

    assert client.post("/sign-out", content=endless(), headers=SAME).status_code in {404, 413, 401, 303}
    assert client.post("/nowhere", content=b"", headers={**SAME, "content-length": "many"}).status_code == 400


def test_nobody_is_sent_to_sign_in_and_back(client: TestClient) -> None:
    answer = client.get("/?a=1&b=//evil.example")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/sign-in?next=%2F%3Fa%3D1%26b%3D%2F%2Fevil.example",
    )


@pytest.mark.parametrize(
    "name", ["X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Original-URL", "X-Rewrite-URL"]
)
def test_headers_that_name_a_person_or_a_path_mean_nothing(client: TestClient, name: str) -> None:
    assert client.get("/", headers={name: "/healthz"}).status_code == 303


def test_a_database_that_is_away_is_a_503_with_a_time_to_come_back(tmp_path: Path) -> None:
    away = "postgresql+asyncpg://nobody@127.0.0.1:9/away"
    app = create_app(Settings(data=tmp_path, database=away, jobs=False))
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert client.get("/healthz").status_code == 200
