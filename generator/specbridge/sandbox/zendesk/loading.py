"""The world's Zendesk side, brought in by the same rules as everything later."""

from collections.abc import Callable

from specbridge.sandbox.clock import coarse_text
from specbridge.sandbox.messages import Row
from specbridge.sandbox.world import World, changed
from specbridge.sandbox.zendesk.records.identities import create_identity
from specbridge.sandbox.zendesk.records.memberships import create_membership
from specbridge.sandbox.zendesk.records.organizations import create_organization
from specbridge.sandbox.zendesk.records.users import create_user, delete_user
from specbridge.sandbox.zendesk.state import State

_TICKS = 10_000_000


def load_world(state: State, world: World) -> None:
    """Create the world's organizations and users, each with an instant of its own."""
    organizations = [
        _dated(create_organization, state, {"name": name}, position)
        for position, name in enumerate(world.organizations)
    ]
    for position, user in enumerate(world.users):
        sent = {"name": user.name, "email": user.email, "role": user.role}
        row = _dated(create_user, state, {**sent, "skip_verify_email": True}, position)
        if user.organization is not None:
            organization = organizations[user.organization]["id"]
            create_membership(state, {"user_id": row["id"], "organization_id": organization})
        if user.second_email is not None:
            create_identity(state, row, {"type": "email", "value": user.second_email})
    for position, user in enumerate(world.deleted):
        _dated(_create_deleted, state, {"name": user.name, "email": user.email}, position)


def _create_deleted(state: State, sent: Row) -> Row:
    return delete_user(state, create_user(state, sent))


def _dated(create: Callable[[State, Row], Row], state: State, sent: Row, position: int) -> Row:
    # Through the same function as a request: a world that breaks the rules does not load.
    row = create(state, sent)
    row["created_at"] = row["updated_at"] = coarse_text(changed(position) // _TICKS)
    return row
