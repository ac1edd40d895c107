"""Access by a refresh token: each answer may bring another one, which is kept before it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from specbridge.errors import AuthenticationError
from specbridge.model.profile import AuthScheme, AuthStyle, Profile
from specbridge.runtime.connectors.transport.credentials.grants import (
    Grant,
    Send,
    read_grant,
    refresh,
)
from specbridge.runtime.connectors.transport.credentials.keeping import (
    Keeper,
    Kept,
    digest_of,
    open_keeper,
)
from specbridge.runtime.connectors.transport.environment import (
    expand_text,
    variable_name,
    variable_names,
)
from specbridge.runtime.connectors.transport.errors import find_values
from specbridge.runtime.connectors.transport.messages import Answer
from specbridge.runtime.hiding import Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshing:
    """Asks for tokens by a refresh token: that of a login, or `stated` by the environment ("" none).

    `mend` is what to do where it is refused. A stated one counts until another has taken its place, and
    again once the environment states a new one.
    """

    grant: Grant
    keeper: Keeper
    secrets: Secrets
    mend: str
    stated: str = field(default="", repr=False)

    def ask(self, send: Send) -> Answer:
        """Return the answer with a new access token; raises AuthenticationError where there is none."""
        with self.keeper.alone():
            # Not before: another process may have used the one that was read earlier.
            token = self.current()
            self.secrets.learn(token)
            answer = refresh(self.grant, token, send, self.mend)
            following = _refresh_token_of(answer)
            if following and following != token:
                self.secrets.learn(following)
                self.keeper.write(Kept(refresh_token=following, seed=self._seed))
        return answer

    def current(self) -> str:
        """Return the refresh token to be used next; raises AuthenticationError where there is none."""
        kept = self.keeper.read()
        if kept is not None and kept.seed == self._seed:
            return kept.refresh_token
        if not self.stated:
            raise AuthenticationError(f"{self.grant.system}: nobody is signed in: {self.mend}")
        return self.stated

    def keep(self, answer: Answer) -> None:
        """Keep the refresh token of a login's answer; raises AuthenticationError where it brings none."""
        token = _refresh_token_of(answer)
        if not token:
            raise AuthenticationError(
                f"{self.grant.system}: the answer has no refresh_token, so that nothing can be kept: many"
                " systems want a scope (offline_access) or a parameter (access_type=offline) for one"
            )
        self.secrets.learn(token)
        with self.keeper.alone():
            self.keeper.write(Kept(refresh_token=token))

    @property
    def _seed(self) -> str:
        return digest_of(self.stated) if self.stated else ""


def build_refreshing(
    profile: Profile, scheme: AuthScheme, environment: Mapping[str, str], secrets: Secrets
) -> Refreshing:
    """Return what asks for tokens by the scheme's refresh token; raises SettingsError for an odd key."""
    grant = read_grant(profile, scheme, environment)
    who = f"{grant.client} {grant.token_url}"
    mend = f"sign in: `specbridge login {profile.name}`"
    if scheme.style is AuthStyle.REFRESH_TOKEN:
        names = " and ".join(variable_name(profile, name) for name in variable_names(scheme.token))
        mend = f"set {names} to a new refresh token"
    return Refreshing(
        grant=grant,
        keeper=open_keeper(profile.name, who, environment),
        secrets=secrets,
        mend=mend,
        stated=expand_text(profile, scheme.token, environment),
    )


def _refresh_token_of(answer: Answer) -> str:
    found = next(find_values(answer.body, ("refresh_token",)), None)
    return found if isinstance(found, str) else ""
