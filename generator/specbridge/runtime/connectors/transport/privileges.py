"""Refusals that are no matter of single records: the credentials may not write such records at all."""

from collections.abc import Iterable, Iterator

from specbridge.errors import ApiError, AuthenticationError
from specbridge.model.profile import Resource
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.records import Outcome, Refused

_FORBIDDEN = (401, 403)
# So many records may be closed to everybody, as shared users are; more are hardly by chance.
_FEW = 3


def escalate(
    access: Access, resource: Resource, verb: str, outcomes: Iterable[Outcome]
) -> Iterator[Outcome]:
    """Yield the outcomes; raise AuthenticationError where all of more than a few are forbidden.

    Forbidden ones are held back until another one shows that the credentials reach so far. A record
    that is gone or stale shows neither: nothing was sent for it.
    """
    forbidden: list[Refused] = []
    allowed = False
    try:
        for outcome in outcomes:
            if not allowed and isinstance(outcome, Refused) and outcome.status in _FORBIDDEN:
                forbidden.append(outcome)
                continue
            if not allowed and not _is_unsent(outcome):
                allowed = True
                yield from forbidden
            yield outcome
    except ApiError:
        yield from [] if allowed else forbidden
        raise
    if not allowed and len(forbidden) > _FEW:
        raise AuthenticationError(_describe(access, resource, verb, forbidden))
    yield from [] if allowed else forbidden


def _is_unsent(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and (outcome.stale or outcome.gone)


def _describe(access: Access, resource: Resource, verb: str, forbidden: list[Refused]) -> str:
    first = forbidden[0]
    return (
        f"{access.profile.name}: {resource.name}: all {len(forbidden)} writes were refused with"
        f" {first.status} ({first.reason}): the credentials lack the privilege to {verb}"
        f" {resource.name}"
    )
