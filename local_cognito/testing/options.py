"""The options of a test's pool: what `@pytest.mark.cognito_pool(...)` and `cognito_pool_factory(...)` take.

Nothing here loads the server or boto3: pytest reads this at every start.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PASSWORD = "Correct-Horse-1!"  # noqa: S105 - of each user that a test gives none
STATUSES = ("CONFIRMED", "UNCONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED")
_REGION = re.compile(r"[a-z]{2,8}(-[a-z]{2,12}){1,3}-[0-9]{1,2}", re.ASCII)
_CHOICES = {"mfa": ("OFF", "OPTIONAL", "ON"), "devices": ("OFF", "ALWAYS", "OPT_IN")}


FIRST_FACTORS = ("PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")
TRIGGERS = (
    *("PreSignUp", "PostConfirmation", "PreAuthentication", "PostAuthentication", "UserMigration"),
    *("PreTokenGeneration", "PreTokenGenerationV2", "PreTokenGenerationV3", "CustomMessage"),
    *("CustomEmailSender", "CustomSMSSender"),
    *("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"),
)


class OptionError(ValueError):
    """An option has a wrong value; the text names the allowed ones."""


@dataclass(frozen=True)
class WantedUser:
    """A user that a pool is created with; the fields have Cognito's names."""

    Username: str
    Password: str = PASSWORD
    Attributes: Mapping[str, str | bool] = field(default_factory=dict)
    Groups: tuple[str, ...] = ()
    Status: str = "CONFIRMED"
    SecretCode: str | None = None

    @classmethod
    def of(cls, told: object) -> WantedUser:
        """Return the user that an entry of `users` is: a name, or a mapping.

        Raises:
            OptionError: it is neither, or has members that are not known.
        """
        if isinstance(told, str):
            return cls(told)
        if not isinstance(told, dict):
            raise OptionError(f"A user is a name or a dict, not {told!r}.")
        _check_names("A user", told, cls)
        if not isinstance(told.get("Username"), str):
            raise OptionError("A user needs a Username.")
        if told.get("Status", "CONFIRMED") not in STATUSES:
            raise OptionError(f"A user's Status is one of {_listed(STATUSES)}, not {told['Status']!r}.")
        if not isinstance(told.get("Attributes", {}), dict):
            raise OptionError(f"A user's Attributes is a dict, not {told['Attributes']!r}.")
        if not isinstance(told.get("Groups", ()), (list, tuple)):
            raise OptionError(f"A user's Groups is a list of names, not {told['Groups']!r}.")
        if not isinstance(told.get("SecretCode", ""), str):
            raise OptionError(
                f"A user's SecretCode is Base32, 26 letters or more, not {told['SecretCode']!r}."
            )
        return cls(**{**told, "Groups": tuple(told.get("Groups", ()))})

    def attributes(self) -> list[dict[str, str]]:
        """Return the attributes for a request: a verified e-mail address, unless they say otherwise."""
        email = self.Username if "@" in self.Username else f"{self.Username}@example.com"
        verified = {} if self.Status == "UNCONFIRMED" else {"email_verified": True}
        given = {"email": email, **verified, **self.Attributes}
        return [{"Name": name, "Value": _text(value)} for name, value in given.items()]


def _text(value: str | bool) -> str:  # noqa: FBT001 - it is what a test wrote
    return str(value).lower() if isinstance(value, bool) else value


@dataclass(frozen=True)
class PoolOptions:
    """The options of a pool.

    Attributes:
        mfa: `OFF`, `OPTIONAL` or `ON`, with TOTP as the factor.
        devices: whether devices are remembered: `OFF`, `ALWAYS`, or `OPT_IN`, once the user agrees.
        client_secret: whether the app client has a secret.
        users: names, or mappings with the fields of `WantedUser`.
        pool: members of a CreateUserPool request, on top of what there is or in its place.
        client: the same of CreateUserPoolClient.
        first_factors: what users can sign in with by USER_AUTH, which the app client allows then; PASSWORD is
            always among them. Passkeys are for localhost.
        region: where the pool is: it stands in its ID, in ARNs and in the issuer of tokens.
        triggers: Python handlers by the name of the trigger, such as `PreSignUp`; `PreTokenGenerationV2` and
            `PreTokenGenerationV3` stand for the later versions of that event.
    """

    mfa: str = "OFF"
    devices: str = "OFF"
    client_secret: bool = False
    users: tuple[WantedUser, ...] = ()
    pool: Mapping[str, Any] = field(default_factory=dict)
    client: Mapping[str, Any] = field(default_factory=dict)
    first_factors: tuple[str, ...] = ()
    region: str | None = None
    triggers: Mapping[str, Callable[[Any, Any], Any]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, args: tuple[object, ...], options: Mapping[str, Any], defaults: Mapping[str, Any] | None = None
    ) -> PoolOptions:
        """Return the options that a marker or the factory was given, and of the others the `defaults`.

        Raises:
            OptionError: the option does not exist, or can't have this value.
        """
        if args:
            raise OptionError(f"cognito_pool takes its options by name: {_listed(_names(cls))}.")
        options = {**(defaults or {}), **options}
        _check_names("cognito_pool", options, cls)
        region = options.get("region")
        if region is not None and not (isinstance(region, str) and _REGION.fullmatch(region)):
            raise OptionError(f"region is one like us-east-1, not {region!r}.")
        for name, choices in _CHOICES.items():
            if options.get(name, "OFF") not in choices:
                raise OptionError(f"{name} is one of {_listed(choices)}, not {options[name]!r}.")
        if not isinstance(options.get("client_secret", False), bool):
            raise OptionError(f"client_secret is True or False, not {options['client_secret']!r}.")
        for name in ("pool", "client"):
            if not isinstance(options.get(name, {}), dict):
                raise OptionError(f"{name} is a dict of a request's members, not {options[name]!r}.")
        factors = options.get("first_factors", ())
        if not isinstance(factors, (list, tuple)) or not all(one in FIRST_FACTORS for one in factors):
            raise OptionError(f"first_factors is a list of {_listed(FIRST_FACTORS)}, not {factors!r}.")
        _check_triggers(options.get("triggers", {}))
        users = options.get("users", ())
        if not isinstance(users, (list, tuple)):
            raise OptionError(f"users is a list of names and dicts, not {users!r}.")
        return cls(**{**options, "first_factors": tuple(factors), "users": tuple(map(WantedUser.of, users))})


def _check_triggers(triggers: object) -> None:
    if not isinstance(triggers, dict) or not all(map(callable, triggers.values())):
        raise OptionError(f"triggers is a dict of functions by trigger, not {triggers!r}.")
    unknown = [str(name) for name in triggers if name not in TRIGGERS]
    if unknown:
        raise OptionError(f"Unknown trigger {_listed(unknown)}: the triggers are {_listed(TRIGGERS)}.")


def _check_names(what: str, given: dict[str, Any], of: type) -> None:
    unknown = [str(name) for name in given if name not in _names(of)]
    if unknown:
        raise OptionError(f"{what} has no {_listed(unknown)}: there are {_listed(_names(of))}.")


def _names(of: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(of))


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names)
