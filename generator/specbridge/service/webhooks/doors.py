"""Doors: at which address whose webhooks are taken in, and the secrets by which they are known."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from specbridge.errors import SettingsError
from specbridge.model.profile import Profile
from specbridge.model.webhooks import Webhooks
from specbridge.runtime.connectors.transport.environment import read_secret, variable_name

_ROTATED = "_OLD"
"""What is added to a secret's variable for the one that it takes the place of."""

_COMPANY = re.compile(r"[\w.-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where a system tells of changes of a company's records; "" is the company without a name."""

    profile: Profile
    company: str
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def webhooks(self) -> Webhooks:
        """Return what is known of the system's webhooks."""
        assert self.profile.webhooks is not None
        return self.profile.webhooks

    @property
    def path(self) -> str:
        """Return the path of its address."""
        company = f"/{self.company}" if self.company else ""
        return f"/hooks/{self.profile.name}{company}"


def open_doors(
    profiles: Mapping[str, Profile], environments: Mapping[str, Mapping[str, str]]
) -> tuple[Door, ...]:
    """Return a door for each system whose secret a company's environment has, by the companies' names.

    Raises SettingsError for a name that cannot stand in an address, for a secret that everybody knows or that
    cannot be read, and where there is no secret at all.
    """
    telling = [one for one in profiles.values() if one.webhooks is not None]
    doors = tuple(
        door
        for company, environment in sorted(environments.items())
        for profile in telling
        for door in _doors(profile, company, environment)
    )
    if not doors:
        names = ", ".join(dict.fromkeys(map(secret_variable, telling)))
        raise SettingsError(f"no webhook can be taken in: set the secret of one ({names})")
    return doors


def secret_variable(profile: Profile) -> str:
    """Return the variable of the secret with which a system signs."""
    assert profile.webhooks is not None
    return variable_name(profile, profile.webhooks.secret.strip("{}"))


def _doors(profile: Profile, company: str, environment: Mapping[str, str]) -> Iterator[Door]:
    if company and not _COMPANY.fullmatch(company):
        raise SettingsError(f"{company!r} cannot stand in an address: use letters, digits, _ . -")
    name = secret_variable(profile)
    variables = name, f"{name}{_ROTATED}"
    found = [(one, read_secret(profile, one, environment)) for one in variables]
    assert profile.webhooks is not None
    for variable, secret in found:
        if secret in profile.webhooks.public:
            raise SettingsError(
                f"{profile.name}: {variable} is the secret of test deliveries, which everybody knows: "
                "take the webhook's own"
            )
    secrets = tuple(secret for _, secret in found if secret)
    if secrets:
        yield Door(profile=profile, company=company, secrets=secrets)
