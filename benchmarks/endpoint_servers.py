"""The servers that endpoint.py measures: how each is installed, started, and given a large pool.

All of them answer on 127.0.0.1 in a process of their own, with one and the same Python. The peers live in
virtual environments that are made once. A large pool comes in whatever honest way a server has for that:
ours opens a database file, MiniStack reads a state file, and moto, which has no way at all, gets its own
objects made inside its process.
"""

from __future__ import annotations

import copy
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from local_cognito.actions import user_pools  # noqa: E402
from local_cognito.actions.app_clients import create_user_pool_client  # noqa: E402
from local_cognito.lambdas.functions import Functions  # noqa: E402
from local_cognito.rules.cognito import Cognito  # noqa: E402
from local_cognito.storage import user_records  # noqa: E402 - found only from here on
from local_cognito.storage.store import Store  # noqa: E402
from local_cognito.users.directory import sign_in_names  # noqa: E402
from local_cognito.users.passwords import make  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cognito.storage.records import Pool

HOST = "127.0.0.1"
REGION = "us-east-1"
PASSWORD = "Correct-Horse-9"  # noqa: S105 - of users who live as long as the run
SIGNERS = 50  # the users who sign in: user0, user1, ...
START_SECONDS = 300
POOL: Any = {"PoolName": "benchmark", "AutoVerifiedAttributes": ["email"]}
CLIENT: Any = {
    "ClientName": "benchmark",
    "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
}
SIGNATURE = (
    f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/cognito-idp/aws4_request, "
    f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}"
)

MOTO_WITH_USERS = """
import sys
from moto.cognitoidp.models import CognitoIdpUser, cognitoidp_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import main
port, size, region, password, pool, client = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
backend = cognitoidp_backends[DEFAULT_ACCOUNT_ID][region]
pool = backend.create_user_pool("benchmark", eval(pool))
backend.create_user_pool_client(pool.id, False, eval(client))
for number in range(size):
    attributes = [{"Name": "email", "Value": f"user{number}@example.com"}]
    user = CognitoIdpUser(pool.id, f"user{number}", password, "CONFIRMED", attributes)
    pool.users[user.username] = user
main(["-p", port])
"""


class Api:
    """A client: requests over one HTTP/1.1 connection that is kept alive where the server lets it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self.seconds = 0.0  #: spent so far on waiting for answers

    def connect_anew(self) -> None:
        """Count from zero, over a new connection: a server may have closed the idle one."""
        self._connection.close()
        self.seconds = 0.0

    def call(self, action: str, **request: Any) -> dict[str, Any]:
        """Return the answer.

        Raises:
            ValueError: the server refused; the text is its answer.
        """
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}",
            "X-Amz-Date": "20260101T000000Z",
            "Authorization": SIGNATURE,
        }
        content = self.ask("POST", "/", json.dumps(request).encode(), headers)
        parsed: dict[str, Any] = json.loads(content or b"{}")
        return parsed

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> bytes:
        """Return what the answer has in it.

        Raises:
            ValueError: the server refused; the text is its answer.
        """
        start = time.perf_counter()
        self._connection.request(method, path, body, headers or {})
        answer = self._connection.getresponse()
        content = answer.read()
        self.seconds += time.perf_counter() - start
        if answer.status != http.HTTPStatus.OK:
            raise ValueError(
                f"{(headers or {}).get('X-Amz-Target', path)}: {answer.status} {content.decode()[:300]}"
            )
        return content


class Server:
    """A server to measure; `name` heads its column, `requirements` are what pip installs."""

    name = "ours"
    requirements: tuple[str, ...] = ()

    def __init__(self, environments: Path) -> None:
        self._environments = environments

    def install(self) -> None:
        """Make the server's environment, if it is not there."""
        folder = self._python.parent.parent
        if not self.requirements or (folder / "installed").exists():
            return
        print(f"Installing {', '.join(self.requirements)} ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [str(self._python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *self.requirements], check=True)
        (folder / "installed").touch()

    @contextmanager
    def running(self, folder: Path, users: int = 0) -> Iterator[tuple[int, int]]:
        """Give port and process ID of the server as long as the block, with a pool of `users` loaded.

        `folder` takes what the server writes. The server answers when the block begins.
        """
        port = _free_port()
        command = self._command(port, folder, users)
        # Ours runs from the sources, and is compiled at its first start, as pip has compiled the peers.
        left_out = ("AWS_", "PYTHONDONTWRITEBYTECODE")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        environment |= self._variables(port, folder)
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
            try:
                _wait_for_answer(port, process)
                yield port, process.pid
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    @property
    def _python(self) -> Path:
        names = "+".join(self.requirements).replace("[", "-").replace("]", "").replace(",", "-")
        return self._environments / names / "bin" / "python" if names else Path(sys.executable)

    def _command(self, port: int, folder: Path, users: int) -> list[str]:
        """Return the command that starts the server, after writing what it will load."""
        command = [str(self._python), "-m", "local_cognito", "--port", str(port)]
        if users:
            _fill_database(str(folder / "database"), users)
            command += ["--database", str(folder / "database")]
        return command

    def _variables(self, port: int, folder: Path) -> dict[str, str]:  # noqa: ARG002 - others need them
        return {"PYTHONPATH": str(ROOT)}


class Moto(Server):
    """moto's server."""

    name = "moto"
    requirements = ("moto[server,cognitoidp]==5.2.5",)

    def _command(self, port: int, folder: Path, users: int) -> list[str]:
        if not users:
            return [str(self._python), "-m", "moto.server", "-p", str(port)]
        (folder / "with_users.py").write_text(MOTO_WITH_USERS)
        arguments = [str(port), str(users), REGION, PASSWORD, repr(POOL), repr(CLIENT)]
        return [str(self._python), str(folder / "with_users.py"), *arguments]

    def _variables(self, port: int, folder: Path) -> dict[str, str]:  # noqa: ARG002 - as above
        return {}


class MiniStack(Server):
    """MiniStack, with the cryptography package, without which it does not sign its tokens."""

    name = "MiniStack"
    requirements = ("ministack==1.5.33", "cryptography==50.0.2")

    def _command(self, port: int, folder: Path, users: int) -> list[str]:  # noqa: ARG002 - as above
        if users and not (folder / "cognito.json").exists():
            self._fill_state(folder, users)
        return [str(self._python), "-m", "ministack"]

    def _variables(self, port: int, folder: Path) -> dict[str, str]:
        own = {"STATE_DIR": str(folder), "TMPDIR": str(folder)}
        return {"GATEWAY_PORT": str(port), "PERSIST_STATE": "1", **own}

    def _fill_state(self, folder: Path, users: int) -> None:
        """Let the server write its state with one user, and copy that user into it."""
        state = folder / "cognito.json"
        with self.running(folder) as (port, process):
            add_users(Api(port), 1)
            os.kill(process, signal.SIGTERM)
            deadline = time.monotonic() + START_SECONDS
            while not state.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
        content = json.loads(state.read_text())
        (pool,) = content["payload"]["user_pools"]["data"].values()
        pattern = pool["_users"]["user0"]
        for number in range(1, users):
            user = copy.deepcopy(pattern)
            user["Username"] = f"user{number}"
            values = {"email": f"user{number}@example.com", "sub": str(uuid.uuid4())}
            for attribute in user["Attributes"]:
                attribute["Value"] = values.get(attribute["Name"], attribute["Value"])
            pool["_users"][user["Username"]] = user
        state.write_text(json.dumps(content))


def add_users(api: Api, count: int) -> None:
    """Make a pool, an app client, and so many confirmed users, by requests."""
    pool_id = api.call("CreateUserPool", **POOL)["UserPool"]["Id"]
    api.call("CreateUserPoolClient", UserPoolId=pool_id, **CLIENT)
    for number in range(count):
        user = {"UserPoolId": pool_id, "Username": f"user{number}"}
        email = {"Name": "email", "Value": f"user{number}@example.com"}
        api.call("AdminCreateUser", **user, MessageAction="SUPPRESS", UserAttributes=[email])
        api.call("AdminSetUserPassword", **user, Password=PASSWORD, Permanent=True)


def resident_megabytes(process: int) -> float:
    """Return how much memory a process holds."""
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], check=True, capture_output=True)  # noqa: S607
    return int(answer.stdout) / 1024


def _fill_database(file: str, users: int) -> None:
    """Write a database with a pool of so many users."""
    store = Store(file)
    cognito = Cognito(store, time.time, secrets.token_bytes, REGION, Functions())
    with store.transaction():
        pool = user_pools.add_pool(cognito, user_pools.new_pool_id(cognito), POOL)
        client: Any = {"UserPoolId": pool.id, **CLIENT}
        create_user_pool_client(cognito, client)
        put_users(cognito, pool, users)
    store.close()


def put_users(cognito: Cognito, pool: Pool, count: int) -> None:
    """Put so many confirmed users into a pool, by records; only the first have verifiers of their own."""
    now = time.time()
    for number in range(count):
        name, sub = f"user{number}", str(uuid.uuid4())
        if number <= SIGNERS:
            salt, verifier = make(cognito, pool, name, PASSWORD)
        attributes = {"sub": sub, "email_verified": "false", "email": f"{name}@example.com"}
        user = user_records.User(
            pool.id, name, sub, user_records.CONFIRMED, attributes, salt, verifier, now, now, now
        )
        cognito.store.users.put(user)
        for sign_in_name in sign_in_names(pool, user):
            cognito.store.names.put(sign_in_name)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_for_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            Api(port).call("ListUserPools", MaxResults=1)
        except OSError:
            time.sleep(0.002)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not answer within {START_SECONDS} seconds; see its log.")
