"""Where the vendors' descriptions are known to be wrong or silent, each with its reason.

A finding that a gap covers is no fault of ours. A gap that covers nothing any more is one: it would hide
what comes after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.contracts.validating import ANSWER, REQUEST, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A kind of finding at some places of some operations; `*` stands for any text."""

    system: str
    role: str
    kind: str
    places: tuple[str, ...]
    reason: str
    operation: str = "*"

    def covers(self, finding: Finding) -> bool:
        """Return whether a finding is one of these."""
        ours = (self.system, self.role, self.kind)
        return (
            ours == (finding.system, finding.role, finding.kind)
            and fnmatchcase(finding.operation, self.operation)
            and any(_fits(finding.place, place) for place in self.places)
        )


def _fits(place: str, pattern: str) -> bool:
    # Brackets are part of a place, and sets to fnmatch.
    return fnmatchcase(place.replace("[", "<"), pattern.replace("[", "<"))


def _poweroffice(role: str, kind: str, places: str, reason: str, operation: str = "*") -> Gap:
    return _gap("poweroffice-go", role, kind, places, reason, operation)


def _zendesk(role: str, kind: str, places: str, reason: str, operation: str = "*") -> Gap:
    return _gap("zendesk", role, kind, places, reason, operation)


def _gap(  # noqa: PLR0917  # a table's row
    system: str, role: str, kind: str, places: str, reason: str, operation: str = "*"
) -> Gap:
    return Gap(
        system=system,
        role=role,
        kind=kind,
        # No place: the whole body.
        places=tuple(places.split()) or ("",),
        reason=reason,
        operation=operation,
    )


_ENUMS = (
    "BillableRateSpecification Gender InternationalIdType InvoiceDeliveryType"
    " NoticeOfDebtCollectionDeliveryType OptionalSalesAccountAgricultureDepartment ProductType"
    " ProjectBillingMethod ProjectStatus ReminderDeliveryType UnitOfMeasureCode"
    " StandardSalesAccountAgricultureDepartment"
)
_UNSET = (
    "alias default_group_id details email last_login_at notes organization_id phone photo"
    " remote_photo_url shared_phone_number signature"
)

GAPS: tuple[Gap, ...] = (
    _poweroffice(
        ANSWER,
        "null",
        " ".join(f"{name} [].{name}" for name in (*_ENUMS.split(), "MailAddress")),
        "what refers to another schema cannot be null by the description, and is null where unset",
    ),
    _poweroffice(
        REQUEST,
        "type",
        "[].value",
        "a patch's value is an object by the schema, and a text, a number, a list in the examples",
        "PATCH *",
    ),
    _zendesk(
        ANSWER,
        "status",
        "400 401 403 404 422",
        "refusals are described for two operations; the pages tell of them for all",
    ),
    _zendesk(
        ANSWER,
        "null",
        " ".join(
            f"{where}.{name}"
            for where in ("user", "users[]", "results[]")
            for name in _UNSET.split()
        ),
        "a user without it reads null, in recordings too",
    ),
    _zendesk(
        ANSWER,
        "null",
        "deleted_user.email deleted_user.organization_id deleted_users[].organization_id",
        "what is personal is gone once a user is deleted for good; nobody need have an organization",
    ),
    _zendesk(
        ANSWER,
        "required",
        " ".join(
            f"{where}.results[].{name}"
            for where in ("job_status", "job_statuses[]")
            for name in ("action", "id", "index", "success")
        ),
        "recorded results of creations and failures lack members that are required",
        "GET /api/v2/job_statuses*",
    ),
    _zendesk(
        ANSWER,
        "empty",
        "",
        "described as an empty text",
        "PUT */request_verification",
    ),
    _zendesk(
        REQUEST,
        "parameter",
        "page[size] page[after]",
        "the description has no parameters of paging, the page on it has",
        "GET *",
    ),
    _zendesk(
        REQUEST,
        "readOnly",
        "identity.value users[].id organization_membership*.organization_id organization_membership*.user_id",
        "marked read-only, and what the call is there to write",
    ),
    _zendesk(
        REQUEST,
        "required",
        "organization.name organizations[].name user.name users[].name",
        "an update states what changes",
        "PUT *",
    ),
    _zendesk(
        REQUEST,
        "required",
        "organization_membership.default organization_memberships[].default",
        "the vendor's own example creates memberships without it",
        "POST *",
    ),
    _gap(
        "hubspot",
        REQUEST,
        "parameter value",
        "properties",
        "a list with commas between its names, as the guides have it",
    ),
    *(
        _gap("tripletex", role, kind, places, reason)
        for role, kind, places, reason in (
            (ANSWER, "null", "*", "nothing is described as nullable, and what is unset reads null"),
            (REQUEST, "null", "value *", "a reference is emptied by null"),
            (REQUEST, "parameter value", "productNumber", "a list of one value is this value"),
            (ANSWER, "status", "401 403 404 409 422 400 304", "no operation describes a refusal"),
            (ANSWER, "empty", "", "304 has no body"),
        )
    ),
)


def uncovered(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that no gap covers."""
    return [one for one in findings if not any(gap.covers(one) for gap in GAPS)]


def needless(findings: Iterable[Finding], *systems: str) -> list[Gap]:
    """Return the gaps of some systems that cover none of the findings."""
    known = list(findings)
    gaps = [gap for gap in GAPS if gap.system in systems]
    return [gap for gap in gaps if not any(gap.covers(one) for one in known)]
