"""A person signs in once, in a browser; what is kept of it is a refresh token."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from specbridge.errors import ProfileError
from specbridge.model.profile import AuthScheme, AuthStyle, Profile
from specbridge.runtime.connectors.transport.credentials.grants import Invitation, Send, redeem
from specbridge.runtime.connectors.transport.credentials.refreshing import Refreshing
from specbridge.runtime.connectors.transport.environment import choose_scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """An invitation, and what becomes of the answer to it."""

    invitation: Invitation
    refreshing: Refreshing
    send: Send = field(repr=False)

    def finish(self, arrived: str) -> Path:
        """Redeem the address that the browser was sent to, and return the file of the token.

        Raises AuthenticationError where access was not allowed, or no refresh token is given. ApiError
        where the system cannot be asked.
        """
        refreshing = self.refreshing
        refreshing.keep(redeem(refreshing.grant, self.invitation, arrived, self.send))
        return refreshing.keeper.path


def sign_in_scheme(profile: Profile, environment: Mapping[str, str]) -> AuthScheme:
    """Return the way in which a person signs in.

    Raises ProfileError where the profile has none, AuthenticationError, naming the variables, where the
    client's are not set.
    """
    schemes = [one for one in profile.auth if one.style is AuthStyle.AUTHORIZATION_CODE]
    if not schemes:
        raise ProfileError(
            f"{profile.path}: no [[auth]] has style authorization-code: nobody signs in to {profile.name}"
        )
    return choose_scheme(replace(profile, auth=tuple(schemes)), environment)
