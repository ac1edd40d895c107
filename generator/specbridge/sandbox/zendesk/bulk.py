"""Bulk calls: each is a job over the same functions that single calls use."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.messages import Answer, Call, Row
from specbridge.sandbox.zendesk.jobs import Jobs
from specbridge.sandbox.zendesk.queries.paging import list_by_cursor
from specbridge.sandbox.zendesk.records.identities import owner_of_email
from specbridge.sandbox.zendesk.records.memberships import create_membership, delete_membership
from specbridge.sandbox.zendesk.records.organizations import (
    create_organization,
    delete_organization,
    update_organization,
)
from specbridge.sandbox.zendesk.records.users import create_user, delete_user, update_user
from specbridge.sandbox.zendesk.refusals import forbidden, not_found
from specbridge.sandbox.zendesk.state import State, find

RouteRow = tuple[str, str, Callable[..., Answer]]


class Bulk:
    """The calls `…_many` and `create_or_update`, and the jobs that they start."""

    def __init__(self, state: State, jobs: Jobs, faults: FaultBox, bulk_users: bool) -> None:
        """Keep what the calls work on."""
        self._state = state
        self._jobs = jobs
        self._faults = faults
        self._bulk_users = bulk_users

    def routes(self) -> Iterable[RouteRow]:
        """Yield the calls."""
        yield "POST", "/organizations/create_many", self._create_organizations
        yield "PUT", "/organizations/update_many", self._update_organizations
        yield "POST", "/organizations/create_or_update", self._upsert_organization
        yield "DELETE", "/organizations/destroy_many", self._destroy_organizations
        yield "POST", "/users/create_many", self._create_users
        yield "POST", "/users/create_or_update_many", self._upsert_users
        yield "PUT", "/users/update_many", self._update_users
        yield "POST", "/users/create_or_update", self._upsert_user
        yield "DELETE", "/users/destroy_many", self._destroy_users
        yield "POST", "/organization_memberships/create_many", self._create_memberships
        yield "DELETE", "/organization_memberships/destroy_many", self._destroy_memberships
        yield "GET", "/job_statuses", self._list_jobs
        yield "GET", "/job_statuses/show_many", self._show_jobs
        yield "GET", "/job_statuses/{identifier}", self._show_job

    def _start(
        self, kind: str, rows: Sequence[Row], work: Callable[[Row], Row], failure: str
    ) -> Answer:
        half_done = bool(self._faults.strikes("half-done-job"))
        return self._jobs.start(kind, rows, work, failure, half_done)

    def _create_organizations(self, call: Call) -> Answer:
        def work(sent: Row) -> Row:
            return {"id": create_organization(self._state, sent)["id"], "status": "Created"}

        rows = call.json()["organizations"]
        return self._start("Bulk Create Organization", rows, work, "OrganizationCreateFailed")

    def _update_organizations(self, call: Call) -> Answer:
        def work(sent: Row) -> Row:
            row = self._find_one(self._state.organizations, "organizations", sent)
            return _updated(update_organization(self._state, row, sent))

        rows = _rows_to_update(call, "organization")
        return self._start("Bulk Update Organization", rows, work, "OrganizationUpdateFailed")

    def _destroy_organizations(self, call: Call) -> Answer:
        def work(sent: Row) -> Row:
            row = self._find_one(self._state.organizations, "organizations", sent)
            delete_organization(self._state, row)
            return _destroyed(row)

        return self._start(
            "Bulk Delete Organization", _named(call), work, "OrganizationDeleteFailed"
        )

    def _upsert_organization(self, call: Call) -> Answer:
        """Find by id or external id, never by name: a known name alone is a duplicate."""
        sent = call.json()["organization"]
        row = self._match(self._state.organizations, "organizations", sent)
        if row is None:
            created = create_organization(self._state, sent)
            return Answer(status=201, body={"organization": created})
        return Answer(body={"organization": update_organization(self._state, row, sent)})

    def _create_users(self, call: Call) -> Answer:
        def work(sent: Row) -> Row:
            return {"id": create_user(self._state, sent)["id"], "status": "Created"}

        # Closed until Zendesk opens it for the account; updating many is always open.
        self._check_bulk_users()
        return self._start("Bulk Create User", call.json()["users"], work, "UserCreateFailed")

    def _upsert_users(self, call: Call) -> Answer:
        def work(sent: Row) -> Row:
            # Asked before writing: afterwards every user is known.
            known = self._match_user(sent)
            row, status = self._write_user(sent)
            return {"id": row["id"], "status": "Updated" if known else status}

        self._check_bulk_users()
        rows = call.json()["users"]
        return self._start("Bulk Create Or Update User", rows, work, "UserUpdateFailed")

    def _update_users(self, call: Call) -> Answer:
        def work(sent: Row) -> Row:
            row = self._find_one(self._state.users, "users", sent)
            return _updated(update_user(self._state, row, sent))

        rows = _rows_to_update(call, "user")
        return self._start("Bulk Update User", rows, work, "UserUpdateFailed")

    def _upsert_user(self, call: Call) -> Answer:
        sent = call.json()["user"]
        known = self._match_user(sent)
        row, _ = self._write_user(sent)
        return Answer(status=200 if known else 201, body={"user": row})

    def _destroy_users(self, call: Call) -> Answer:
        def work(sent: Row) -> Row:
            return _destroyed(
                delete_user(self._state, self._find_one(self._state.users, "users", sent))
            )

        return self._start("Bulk Delete User", _named(call), work, "UserDeleteFailed")

    def _create_memberships(self, call: Call) -> Answer:
        def work(sent: Row) -> Row:
            return {"id": create_membership(self._state, sent)["id"], "status": "Created"}

        rows = call.json()["organization_memberships"]
        return self._start("Bulk Create Membership", rows, work, "OrganizationMembershipFailed")

    def _destroy_memberships(self, call: Call) -> Answer:
        def work(sent: Row) -> Row:
            row = find(self._state.memberships.rows, sent["id"])
            delete_membership(self._state, row)
            return _destroyed(row)

        return self._start("Bulk Delete Membership", _named(call), work, "MembershipDeleteFailed")

    def _list_jobs(self, call: Call) -> Answer:
        # The newest first; pages by number are not known here.
        return list_by_cursor("job_statuses", self._jobs.recent(), call, by_id=False)

    def _show_jobs(self, call: Call) -> Answer:
        identifiers = call.query.get("ids", "").split(",")
        return Answer(body={"job_statuses": [self._jobs.show(i) for i in identifiers if i]})

    def _show_job(self, call: Call, identifier: str) -> Answer:
        return Answer(body={"job_status": self._jobs.show(identifier)})

    def _check_bulk_users(self) -> None:
        if not self._bulk_users:
            text = "Bulk import of users is not enabled for this account."
            raise forbidden(text, self._state.otherwise)

    def _match(self, rows: dict[int, Row], kind: str, sent: Row) -> Row | None:
        if sent.get("id") is not None:
            return find(rows, sent["id"])
        if sent.get("external_id") is None:
            return None
        holder = self._state.holder(kind, "external_id", sent["external_id"])
        return rows[holder] if holder is not None else None

    def _match_user(self, sent: Row) -> Row | None:
        row = self._match(self._state.users, "users", sent)
        if row is None and sent.get("email"):
            owner = owner_of_email(self._state, sent["email"])
            return self._state.users[owner] if owner is not None else None
        return row

    def _write_user(self, sent: Row) -> tuple[Row, str]:
        row = self._match_user(sent)
        if row is None:
            return create_user(self._state, sent), "Created"
        return update_user(self._state, row, sent), "Updated"

    def _find_one(self, rows: dict[int, Row], kind: str, sent: Row) -> Row:
        row = self._match(rows, kind, sent)
        if row is None:
            raise not_found()
        return row


def _updated(row: Row) -> Row:
    # As recorded: creations have neither `action` nor `success`.
    return {"action": "update", "id": row["id"], "status": "Updated", "success": True}


def _destroyed(row: Row) -> Row:
    return {"action": "destroy", "id": row["id"], "status": "Deleted", "success": True}


def _named(call: Call) -> list[Row]:
    """Return a row per record that `?ids=` or `?external_ids=` names."""
    if "external_ids" in call.query:
        return [{"external_id": text} for text in call.query["external_ids"].split(",")]
    return [{"id": int(text)} for text in call.query["ids"].split(",")]


def _rows_to_update(call: Call, singular: str) -> list[Row]:
    """Return a row per record: an array of rows, or one object for all that the query names."""
    sent: Any = call.json()
    if "ids" in call.query or "external_ids" in call.query:
        return [{**sent[singular], **row} for row in _named(call)]
    rows: list[Row] = sent[f"{singular}s"]
    return rows
