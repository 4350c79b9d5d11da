"""The stock of signing keys: keys are used again, but never by two living pools, and stay private."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from local_cognito import LocalCognito
from local_cognito.storage import key_stock
from local_cognito.storage.key_stock import KeyStock, StockKey
from local_cognito.storage.store import Store

if TYPE_CHECKING:
    from pathlib import Path

fcntl = pytest.importorskip("fcntl", reason="Without file locks there is no stock.")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the stocks of a user who has a cache; keys are made quickly."""
    made = iter(range(10**6))
    pem = key_stock.make_key().pem
    monkeypatch.setattr(key_stock, "make_key", lambda: StockKey(f"{next(made):043}=", pem))
    return tmp_path / "local_cognito"


def nobody(_: str) -> bool:
    """No pool has a key."""
    return False


def test_key_of_an_earlier_run_is_used_again(folder: Path) -> None:
    """What one server made, the next one hands out."""
    first = KeyStock(folder)
    key = first.take(nobody)
    first.close()

    assert KeyStock(folder).take(nobody) == key


def test_no_key_is_handed_out_while_a_pool_has_it(folder: Path) -> None:
    """Pools that live at the same time get keys of their own."""
    stock = KeyStock(folder)
    taken: set[str] = set()
    for _ in range(3 * key_stock.MOST_KEYS):
        taken.add(stock.take(taken.__contains__).kid)

    assert len(taken) == 3 * key_stock.MOST_KEYS


def test_servers_at_the_same_time_share_no_key(folder: Path) -> None:
    """Each server locks a stock of its own; where all are taken, it makes keys."""
    filled = KeyStock(folder)
    filled.take(nobody)
    filled.close()

    servers = [KeyStock(folder) for _ in range(12)]
    keys = {server.take(nobody).kid for server in servers}
    for server in servers:
        server.close()

    assert len(keys) == len(servers)


def test_file_is_private(folder: Path) -> None:
    """Only the owner may read keys."""
    KeyStock(folder).take(nobody)

    [file] = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o644, 0o660])
def test_file_that_others_can_read_is_not_used(folder: Path, mode: int) -> None:
    """A stock that is not private is left as it is."""
    folder.mkdir()
    file = folder / "keys-0.jsonl"
    file.touch()
    file.chmod(mode)

    KeyStock(folder).take(nobody)

    assert file.read_bytes() == b""


def test_symbolic_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    """Nothing of somebody else is written by way of a name that can be foreseen."""
    folder.mkdir()
    target = tmp_path / "theirs"
    target.touch(0o600)
    (folder / "keys-0.jsonl").symlink_to(target)

    KeyStock(folder).take(nobody)

    assert target.read_bytes() == b""


@pytest.mark.parametrize(
    "content",
    [b'{"kid": "AAA', b"[]\n", b'{"kid": 1, "pem": 2}\n', b'{"kid": "QQ==", "pem": ""}\n', b"\xff\n"],
)
def test_damaged_file_begins_anew(folder: Path, content: bytes) -> None:
    """Half a line, or something else, is no key: the stock is made again."""
    folder.mkdir()
    file = folder / "keys-0.jsonl"
    file.touch(0o600)
    file.write_bytes(content)

    stock = KeyStock(folder)
    key = stock.take(nobody)
    stock.close()

    assert KeyStock(folder).take(nobody) == key


def test_no_folder_is_made_for_a_user_without_a_home(folder: Path, tmp_path: Path) -> None:
    """A home that does not exist is not made; there is a key all the same."""
    nowhere = tmp_path / "nowhere" / ".cache" / "local_cognito"

    assert KeyStock(nowhere).take(nobody).kid
    assert not (tmp_path / "nowhere").exists()


def test_pools_of_a_database_file_use_no_stock(folder: Path, tmp_path: Path) -> None:
    """A file outlives the process, so its keys must not come up elsewhere."""
    store = Store(str(tmp_path / "pool.db"), key_folder=folder)
    store.key_stock.take(nobody)
    store.close()

    assert not folder.exists()


def test_keys_serve_a_later_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the public API: a later server's pool has an earlier one's keys, a pool beside it has not."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with LocalCognito() as server:
        first = public_keys(server, server.create_pool().pool_id)
        second = public_keys(server, server.create_pool().pool_id)
    with LocalCognito() as server:
        third = public_keys(server, server.create_pool().pool_id)

    assert not first & second
    assert third <= first | second
    assert [file.name for file in (tmp_path / "local_cognito").iterdir()] == ["keys-0.jsonl"]


def public_keys(server: LocalCognito, pool_id: str) -> set[str]:
    """Return the moduli of a pool's keys, as its JWKS shows them."""
    with urlopen(f"{server.url}/{pool_id}/.well-known/jwks.json", timeout=10) as answer:
        return {key["n"] for key in json.load(answer)["keys"]}
