"""Answers to challenges; reading AuthParameters and ChallengeResponses, which the model leaves free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_cognito.authentication import sessions
from local_cognito.model import errors
from local_cognito.rules import attempts
from local_cognito.storage.records import UNCONFIRMED
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Client, Pool, Session, User


@dataclass(frozen=True)
class Reply:
    """A response to a challenge, its user name resolved and its secret hash checked."""

    pool: Pool
    client: Client
    user: User
    responses: dict[str, str]
    session: str | None


@dataclass(frozen=True)
class Entry:
    """A sign-in on its way: whose it is, and how far it came.

    Attributes:
        asked: the name that it began with; failures count against it too, where the client hides who exists.
        device_key: the known device that it comes from, or None.
        by_srp: whether the password was proven by SRP, so that a new device key comes even without MFA.
    """

    pool: Pool
    client: Client
    user: User
    asked: str
    device_key: str | None = None
    by_srp: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """What the sessions of the following steps carry on."""
        return {"asked": self.asked, "device_key": self.device_key, "by_srp": self.by_srp}

    @property
    def counted(self) -> list[User]:
        """Whose failures are counted, the one first whose lock the client may hear of."""
        if not self.client.hides_existence:
            return [self.user]
        behind = self.user if self.user.exists else directory.double(self.pool, self.asked)
        return [directory.stand_in(self.pool, self.asked), behind]


def continued(reply: Reply, session: Session) -> Entry:
    """Return the sign-in that goes on with this reply."""
    data = session.data
    return Entry(
        reply.pool, reply.client, reply.user, data["asked"], data.get("device_key"), data.get("by_srp", False)
    )


def opened(cognito: Cognito, reply: Reply, *steps: str) -> Session:
    """Return the session of one of the `steps` that the reply opens, of a user who may go on.

    Raises:
        CognitoError: see `sessions.find`; NotAuthorizedException for a user who may not sign in.
    """
    session = sessions.find_for(cognito, reply.session, reply.client, reply.user, *steps)
    check_state(reply.user)
    attempts.refuse_while_locked(cognito, reply.user)
    return session


def check_state(user: User) -> None:
    """Refuse a user who may not sign in, whatever they know.

    Raises:
        CognitoError: NotAuthorizedException for a disabled user, UserNotConfirmedException.
    """
    if not user.enabled:
        raise errors.USER_DISABLED()
    if user.status == UNCONFIRMED:
        raise errors.USER_NOT_CONFIRMED()


def require(parameters: dict[str, str], name: str) -> str:
    """Return the parameter.

    Raises:
        CognitoError: InvalidParameterException, when it is absent or empty.
    """
    value = parameters.get(name)
    if not value:
        raise errors.MISSING_PARAMETER(name=name)
    return value
