"""Say hello to Amazon Cognito: list the account's user pools with their app clients.

python hello_cognito.py            the pools of your AWS account, in your region
python hello_cognito.py --local    the pool of the sign-up scenario, on this machine
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from program.clients import account_client, local_client
from program.endings import DONE, flush_output, stopped_by, stopped_by_system
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

PAGE = 60


def main(argv: Sequence[str] | None = None) -> int:
    """List the pools and return the exit status: 0 listed, 1 refused or out of reach, 2 usage."""
    parser = argparse.ArgumentParser(description="List Amazon Cognito user pools with their app clients.")
    parser.add_argument(
        "--local", action="store_true", help="the pool of the sign-up scenario, on this machine"
    )
    arguments = parser.parse_args(argv)
    try:
        with flush_output():
            if arguments.local:
                show_local_pools()
            else:
                show_pools(account_client())
    except (ClientError, BotoCoreError) as error:
        return stopped_by(error)
    except OSError as error:
        return stopped_by_system(error)
    return DONE


def show_local_pools() -> None:
    """List the pool that the sign-up scenario uses on this machine."""
    from local_cognito import LocalCognito  # noqa: PLC0415 - against AWS it need not be loaded

    with LocalCognito() as server:
        server.create_pool()
        show_pools(local_client(server.url, server.region))


def show_pools(client: CognitoIdentityProviderClient) -> None:
    """Show every pool with its ID and its app clients."""
    terminal = Terminal()
    terminal.say("Hello, Amazon Cognito!")
    rows = [
        (pool_name, pool_id, "\n".join(app_clients(client, pool_id)) or "none")
        for pool_name, pool_id in user_pools(client)
    ]
    region = client.meta.region_name
    if rows:
        terminal.table(f"User pools in {region}: {len(rows)}", ("Name", "User pool ID", "App clients"), rows)
    else:
        terminal.say(f"There is no user pool in {region}.")
        terminal.hint("docs/scenario.md says how to make one that fits the scenario, with one command.")


def user_pools(client: CognitoIdentityProviderClient) -> Iterator[tuple[str, str]]:
    """Yield name and ID of every user pool: every page of ListUserPools."""
    for page in client.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": PAGE}):
        for pool in page["UserPools"]:
            yield pool.get("Name", ""), pool["Id"]


def app_clients(client: CognitoIdentityProviderClient, user_pool_id: str) -> Iterator[str]:
    """Yield ID and name of every app client of a pool: every page of ListUserPoolClients."""
    pages = client.get_paginator("list_user_pool_clients").paginate(
        UserPoolId=user_pool_id, PaginationConfig={"PageSize": PAGE}
    )
    for page in pages:
        for app_client in page["UserPoolClients"]:
            yield f"{app_client['ClientId']} ({app_client.get('ClientName', '')})"


if __name__ == "__main__":
    sys.exit(main())
