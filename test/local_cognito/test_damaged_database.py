"""A database with something else in it than this program writes: errors of the API, which do not show it."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito import LocalCognito, UnusableDatabaseError
from test.support.pool_driver import PASSWORD, call_raw, http

if TYPE_CHECKING:
    from pathlib import Path

POOL_ID = "us-east-1_Kept"
WRONG: dict[str, Any] = {
    "bytes": b"Sesame",
    "text": "Sesame",
    "number": 7,
    "nothing": None,
    "half JSON": '{"Sesame": ',
    "a list": '["Sesame"]',
    "odd JSON": '{"Policies": "Sesame", "Schema": 3, "email": 5, "MfaConfiguration": []}',
    "infinite": float("inf"),
}
DAMAGED = {
    "pools": ("settings", "created", "id"),
    "clients": ("settings", "secret", "modified"),
    "users": ("attributes", "mfa", "salt", "verifier", "status", "created", "enabled", "sub"),
    "messages": ("body", "sent"),
    "groups": ("settings", "created"),
    "signingkeys": ("pem", "kid"),
    "signinnames": ("username",),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file with a user, a group and a message in it."""
    path = tmp_path / "pool.db"
    with LocalCognito(database=str(path)) as server:
        pool = server.create_pool(POOL_ID)
        attributes = [{"Name": "email", "Value": "alice@example.com"}]
        user = {"ClientId": pool.client_id, "Username": "alice", "Password": PASSWORD}
        assert call_raw(server.url, "SignUp", user | {"UserAttributes": attributes}).status == 200
        group = {"UserPoolId": POOL_ID, "GroupName": "group"}
        assert call_raw(server.url, "CreateGroup", group).status == 200
    return path


def damage(path: Path, table: str, column: str, value: Any) -> None:
    """Write a value that this program would not."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f'UPDATE {table} SET "{column}" = ?', [value])


def requests(client_id: str) -> dict[str, Any]:
    """Return requests that read all of it, by action."""
    named = {"UserPoolId": POOL_ID, "Username": "alice"}
    parameters = {"USERNAME": "alice", "PASSWORD": PASSWORD}
    sign_in = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client_id, "AuthParameters": parameters}
    return {
        "DescribeUserPool": {"UserPoolId": POOL_ID},
        "DescribeUserPoolClient": {"UserPoolId": POOL_ID, "ClientId": client_id},
        "ListUsers": {"UserPoolId": POOL_ID, "Filter": 'email ^= "a"'},
        "AdminGetUser": named,
        "AdminConfirmSignUp": named,
        "InitiateAuth": sign_in,
        "ListGroups": {"UserPoolId": POOL_ID},
    }


@pytest.mark.parametrize(("table", "column"), [(table, one) for table in DAMAGED for one in DAMAGED[table]])
def test_wrong_values(path: Path, caplog: pytest.LogCaptureFixture, table: str, column: str) -> None:
    """Whatever stands in a column, each answer is whole, and a failure is one line in the log."""
    with LocalCognito(database=str(path)) as server:
        client_id = server.default_pool(POOL_ID).client_id
        for wrong in WRONG.values():
            damage(path, table, column, wrong)
            for operation, request in requests(client_id).items():
                answer = call_raw(server.url, operation, request)
                assert answer.status in (200, 400, 500)
                assert "__type" in answer.content or answer.status == 200
                assert answer.headers["content-type"] == "application/x-amz-json-1.1"
            for page in ("/outbox", f"/{POOL_ID}/.well-known/jwks.json", "/health"):
                answer = http(server.url + page)
                assert answer.status in (200, 404, 500)
                json.loads(answer.body)
            assert http(server.url).status in (200, 404, 500)

    assert "Traceback" not in caplog.text
    assert "Sesame" not in caplog.text


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
def test_links_beside_the_file(tmp_path: Path, suffix: str) -> None:
    """Where SQLite writes beside the file, a link to something else is refused, and the other file stays."""
    for name in ("symbolic", "hard"):
        link = os.symlink if name == "symbolic" else os.link
        other = tmp_path / f"other {name}"
        other.write_text("precious")
        other.chmod(0o644)
        link(other, tmp_path / f"{name}.db{suffix}")
        with pytest.raises(UnusableDatabaseError, match=f"{name}.db{suffix}, which SQLite needs"):
            LocalCognito(database=str(tmp_path / f"{name}.db"))
        assert (other.read_text(), other.stat().st_mode & 0o777) == ("precious", 0o644)
        assert not (tmp_path / f"{name}.db").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root makes files of other users")
def test_what_others_put_there(tmp_path: Path) -> None:
    """Another user's file or link in the place of ours is refused."""
    for name in ("pool.db-wal", "link.db"):
        place = tmp_path / name
        if name == "link.db":
            place.symlink_to(tmp_path / "target")
        else:
            place.touch()
        os.chown(place, 12345, 12345, follow_symlinks=False)
        with pytest.raises(UnusableDatabaseError, match="another user"):
            LocalCognito(database=str(tmp_path / name.removesuffix("-wal")))
    assert not (tmp_path / "target").exists()
