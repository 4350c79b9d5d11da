"""The state of one sign-in, which its steps share from the first request to the tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_cognito.authentication import sessions
from local_cognito.model import errors
from local_cognito.rules import attempts
from local_cognito.rules.cognito import Answer, Cognito
from local_cognito.storage.user_records import UNCONFIRMED
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.storage.records import Client, Pool, Session
    from local_cognito.storage.user_records import User


@dataclass
class SignIn:
    """A sign-in: the user, the parameters of the present request, and the progress so far.

    A step takes a sign-in, checks its parameters, and returns the answer: the next challenge or tokens.

    Attributes:
        asked: the name that the sign-in began with; where the client hides who exists, failures count
            against it too.
        parameters: AuthParameters of the first request, ChallengeResponses of the following ones.
        bearer: the request's Session, or None.
        named_device: the device key that the client sent with the password, or None.
        session: the session that the request answers, once `open` or `resume` has set it.
        device_key: the tracked device that the user signs in from, or None.
        by_srp: whether SRP proved the password; the tokens then come with a device key even without MFA.
        passed_mfa: whether the request passes MFA.
        rounds: what the functions of CUSTOM_AUTH hear of the steps so far; None in other flows.
    """

    pool: Pool
    client: Client
    user: User
    asked: str
    parameters: dict[str, str]
    bearer: str | None = None
    named_device: str | None = None
    session: Session | None = None
    device_key: str | None = None
    by_srp: bool = False
    passed_mfa: bool = False
    rounds: list[dict[str, Any]] | None = None

    def require(self, name: str) -> str:
        """Return a parameter of the request; see the function `require`."""
        return require(self.parameters, name)

    def open(self, cognito: Cognito, *steps: str) -> Session:
        """Resume from the request's session, which must be for one of the `steps`, and return it.

        Raises:
            CognitoError: see `sessions.find_for`; NotAuthorizedException for a user who may not sign in.
        """
        session = sessions.find_for(cognito, self.bearer, self.client, self.user, *steps)
        self.check_user(cognito)
        return self.resume(session)

    def resume(self, session: Session) -> Session:
        """Resume from a session that was found otherwise, and return it."""
        self.session = session
        self.asked = session.data["asked"]
        self.device_key = session.data.get("device_key")
        self.by_srp = session.data.get("by_srp", False)
        self.rounds = session.data.get("rounds")
        return session

    def check_user(self, cognito: Cognito) -> None:
        """Refuse a user who may not sign in, or is locked out.

        Raises:
            CognitoError: see `check_state` and `attempts.refuse_while_locked`.
        """
        check_state(self.user)
        attempts.refuse_while_locked(cognito, self.user)

    def challenge(
        self, cognito: Cognito, name: str, parameters: dict[str, str], *, step: str | None = None, **data: Any
    ) -> Answer:
        """Begin the session of the next step and return the answer that asks for it.

        Args:
            cognito: the service.
            name: the challenge.
            parameters: ChallengeParameters.
            step: the only step that the session opens; by default the one that is named as the challenge.
            data: further data of the session, for the next step.
        """
        session = sessions.begin(cognito, self.client, self.user, step or name, **self.progress | data)
        return {"ChallengeName": name, "Session": session, "ChallengeParameters": parameters}

    @property
    def progress(self) -> dict[str, Any]:
        """The data that every session of the sign-in carries; `resume` reads it."""
        progress = {"asked": self.asked, "device_key": self.device_key, "by_srp": self.by_srp}
        return progress if self.rounds is None else progress | {"rounds": self.rounds}

    def remember_round(self, step: str) -> None:
        """Have the functions of CUSTOM_AUTH hear of a step that was passed."""
        if self.rounds is not None:
            passed = {"challengeName": step, "challengeResult": True, "challengeMetadata": None}
            self.rounds = [*self.rounds, passed]

    @property
    def counted(self) -> list[User]:
        """The users whose failure counters apply; only the first one's lock is reported."""
        if not self.client.hides_existence:
            return [self.user]
        behind = self.user if self.user.exists else directory.placeholder_user(self.pool, self.asked)
        return [directory.counter_user(self.pool, self.asked), behind]


Step = Callable[[Cognito, SignIn], Answer]


def passing(check: Callable[[Cognito, SignIn], None], then: Step, *, is_mfa: bool = False) -> Step:
    """Return a step that runs `check`, spends the session, and returns the answer of `then`.

    `is_mfa` is whether the step passes MFA.
    """

    def step(cognito: Cognito, sign_in: SignIn) -> Answer:
        check(cognito, sign_in)
        if sign_in.session is not None:
            sessions.spend(cognito, sign_in.session)
            sign_in.remember_round(sign_in.session.step)
        sign_in.passed_mfa = is_mfa
        return then(cognito, sign_in)

    return step


def check_state(user: User) -> None:
    """Refuse a user who is disabled or not confirmed.

    Raises:
        CognitoError: NotAuthorizedException for a disabled user, UserNotConfirmedException.
    """
    if not user.enabled:
        raise errors.USER_DISABLED()
    if user.status == UNCONFIRMED:
        raise errors.USER_NOT_CONFIRMED()


def require(parameters: dict[str, str], name: str) -> str:
    """Return a parameter of AuthParameters or ChallengeResponses, whose names the API model does not list.

    Raises:
        CognitoError: InvalidParameterException, when it is absent or empty.
    """
    value = parameters.get(name)
    if not value:
        raise errors.MISSING_PARAMETER(name=name)
    return value
