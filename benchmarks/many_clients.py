"""How long a password sign-in takes when many ask at once, beside moto's server and MiniStack, in one run.

    python benchmarks/many_clients.py [--environments FOLDER]

So many clients, each with a connection of its own where the server keeps it, ask again as soon as they
have their answer. A figure is the median over the rounds, in which the servers take turns, of the time
within which half of the answers came (p50), or 99 of 100 (p99), in milliseconds. `ratio` says how many
times quicker ours is than that peer: above 1.00 ours is ahead.

Every sign-in takes two RSA signatures of ours, and of the peers. The last line says how many of them this
machine could make in a second if it did nothing else, with all its cores.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from endpoint import Pool, row
from endpoint_servers import (
    HOST,
    PASSWORD,
    ROOT,
    SIGNATURE,
    SIGNERS,
    Api,
    MiniStack,
    Moto,
    Server,
    add_users,
)
from measuring import signatures

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = (4, 16, 64)
ROUNDS = 5
SECONDS = 2.0


class Latency(NamedTuple):
    """Milliseconds within which half of the answers came, and 99 of 100."""

    p50: float
    p99: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the endpoint with many clients at once.")
    parser.add_argument("--environments", type=Path, default=ROOT / ".venv" / "peers", metavar="FOLDER")
    arguments = parser.parse_args()
    servers = [kind(arguments.environments.absolute()) for kind in (Server, Moto, MiniStack)]
    with ExitStack() as stack:
        pools, ports = [], []
        for server in servers:
            server.install()
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            port, process = stack.enter_context(server.running(folder))
            api = Api(port)
            add_users(api, SIGNERS)
            pools.append(Pool(api, process))
            ports.append(port)
        for clients in CLIENTS:
            figures = measured(pools, ports, clients)
            for name in Latency._fields:
                medians: list[float | None] = [
                    statistics.median(getattr(latency, name) for latency in each) for each in figures
                ]
                title = f"{clients} clients: password sign-in, {name}, ms"
                print(row(title, medians, more_is_better=False), flush=True)
    print(f"RSA-2048 signatures on {os.cpu_count()} cores: {signatures():,.0f}/s")


def measured(pools: list[Pool], ports: list[int], clients: int) -> list[list[Latency]]:
    """Return each server's latency in every round; one round before is not kept."""
    figures: list[list[Latency]] = [[] for _ in pools]
    for number in range(ROUNDS + 1):
        for place in list(range(len(pools)))[:: 1 if number % 2 else -1]:
            requests = sign_ins(pools[place].client_id)
            seconds = asyncio.run(answered(ports[place], requests, clients))
            hundredths = statistics.quantiles(seconds, n=100)
            figures[place].append(Latency(hundredths[49] * 1000, hundredths[98] * 1000))
    return [each[1:] for each in figures]


def sign_ins(client_id: str) -> Iterator[bytes]:
    """Yield requests to sign in, of one user after the other, without end."""
    for number in itertools.count():
        parameters = {"USERNAME": f"user{number % SIGNERS}", "PASSWORD": PASSWORD}
        request = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
        body = json.dumps(request)
        yield (
            f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/x-amz-json-1.1\r\n"
            "X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth\r\n"
            f"Authorization: {SIGNATURE}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


async def answered(port: int, requests: Iterator[bytes], clients: int) -> list[float]:
    """Let so many clients ask for a while; return how many seconds each answer took."""
    end = time.perf_counter() + SECONDS
    each = await asyncio.gather(*(ask(port, requests, end) for _ in range(clients)))
    return [seconds for taken in each for seconds in taken]


async def ask(port: int, requests: Iterator[bytes], end: float) -> list[float]:
    """Ask one request after the other until the end; return how many seconds each took.

    Raises:
        ValueError: the server refused.
    """
    taken: list[float] = []
    reader, writer = await asyncio.open_connection(HOST, port)
    while (start := time.perf_counter()) < end:
        if writer.is_closing():
            reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(next(requests))
        header = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(header.partition(b"\ncontent-length:")[2].split(b"\r")[0])
        body = await reader.readexactly(length)
        if b" 200 " not in header.split(b"\r")[0]:
            raise ValueError(body.decode())
        taken.append(time.perf_counter() - start)
        if b"\nconnection: close" in header:
            writer.close()
    writer.close()
    return taken


if __name__ == "__main__":
    main()
