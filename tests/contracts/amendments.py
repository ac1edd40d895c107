"""What the vendors' pages and recordings say more of than the descriptions, put into these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SCHEMAS = "components/schemas"
_ADMIN: Mapping[str, Any] = {"$ref": f"#/{_SCHEMAS}/UserForAdmin"}
_ORGANIZATION: Mapping[str, Any] = {"$ref": f"#/{_SCHEMAS}/OrganizationObject"}
_TEXT: Mapping[str, Any] = {"type": "string"}
_LINK: Mapping[str, Any] = {"type": "string", "nullable": True}
_PAGED_BY: Mapping[str, Any] = {
    "count": {"type": "integer"},
    "next_page": _LINK,
    "previous_page": _LINK,
    "meta": {
        "type": "object",
        "properties": {
            "has_more": {"type": "boolean"},
            "after_cursor": _LINK,
            "before_cursor": _LINK,
        },
    },
    "links": {"type": "object", "properties": {"next": _LINK, "prev": _LINK}},
}
_SORT: Mapping[str, Any] = {
    "type": "object",
    "properties": {"propertyName": _TEXT, "direction": {"enum": ["ASCENDING", "DESCENDING"]}},
}
_LISTS = (
    *("OrganizationsResponse", "UsersResponse", "UserIdentitiesResponse", "DeletedUsersResponse"),
    *("OrganizationMembershipsResponse", "JobStatusesResponse"),
)


def _both(schema: Mapping[str, Any], **properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"allOf": [schema, {"type": "object", "properties": properties}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """Members to be set at a place of a description: names apart by slashes, `~` for their own."""

    system: str
    where: str
    adds: Mapping[str, Any]
    reason: str


AMENDMENTS: tuple[Amendment, ...] = (
    *(
        Amendment(
            system="zendesk",
            where=f"{_SCHEMAS}/{name}/properties",
            adds=_PAGED_BY,
            reason="most lists are described without what they are paged by; the page on paging has it",
        )
        for name in _LISTS
    ),
    Amendment(
        system="zendesk",
        where=f"{_SCHEMAS}/UserObject",
        adds={"anyOf": [_ADMIN]},
        reason="we are an admin; by the other alternative every type of every property would do",
    ),
    Amendment(
        system="zendesk",
        where=f"{_SCHEMAS}/UserForAdmin/properties",
        adds={"permanently_deleted": {"type": "boolean"}},
        reason="recorded exports have it",
    ),
    Amendment(
        system="zendesk",
        where=f"{_SCHEMAS}/UserInput",
        adds={"anyOf": [_both(_ADMIN, skip_verify_email={"type": "boolean"})]},
        reason="a few properties are described; the page on users has all that a user is shown with",
    ),
    Amendment(
        system="zendesk",
        where=f"{_SCHEMAS}/SearchResultObject",
        adds={
            "anyOf": [
                _both(_ADMIN, result_type={"enum": ["user"]}),
                _both(_ORGANIZATION, result_type={"enum": ["organization"]}),
            ]
        },
        reason="described are the properties that all kinds share; what is found is shown whole",
    ),
    Amendment(
        system="zendesk",
        where=f"{_SCHEMAS}/CreateResourceResult/properties",
        adds={"status": _TEXT},
        reason="recorded results of creations have it",
    ),
    Amendment(
        system="zendesk",
        where=f"{_SCHEMAS}/FailedResult/properties",
        adds={"index": {"type": "integer"}},
        reason="recorded failures have it",
    ),
    Amendment(
        system="zendesk",
        where=f"{_SCHEMAS}/OAuthTokenForGrantTypesObject/properties",
        adds={"expires_in": {"type": "integer", "nullable": True}},
        reason="by the description tokens never end; the page on OAuth says when",
    ),
    Amendment(
        system="poweroffice-go",
        where=f"{_SCHEMAS}/ProblemDetails/properties",
        adds={"title": _TEXT, "detail": _TEXT},
        reason="every example of a refusal has these in lower case, the schema in Pascal case",
    ),
    Amendment(
        system="poweroffice-go",
        where="paths/~Departments~{id}/get/responses/200",
        adds={"content": {"application/json": {"schema": {"$ref": f"#/{_SCHEMAS}/DepartmentDto"}}}},
        reason="no body is described where every other kind answers with its record",
    ),
    Amendment(
        system="hubspot",
        where=f"{_SCHEMAS}/PublicObjectSearchRequest",
        adds={"required": []},
        reason="described as required are all members, and the page on searches shows none that is",
    ),
    Amendment(
        system="hubspot",
        where=f"{_SCHEMAS}/PublicObjectSearchRequest/properties/sorts",
        adds={"items": {"anyOf": [_TEXT, _SORT]}},
        reason="texts by the description, objects on the page on searches",
    ),
    *(
        Amendment(
            system="hubspot",
            where=f"{_SCHEMAS}/{name}",
            adds={"required": ["properties"]},
            reason="associations are described as required; the guides create records without any",
        )
        for name in ("SimplePublicObjectInputForCreate", "SimplePublicObjectBatchInputForCreate")
    ),
    *(
        Amendment(
            system="hubspot",
            where=f"{_SCHEMAS}/{name}/properties/properties",
            adds={"additionalProperties": _LINK},
            reason="what was asked for and is unset reads null, in the guides too",
        )
        for name in (
            *("SimplePublicObject", "SimplePublicObjectWithAssociations"),
            "SimplePublicUpsertObject",
        )
    ),
    Amendment(
        system="hubspot",
        where=f"{_SCHEMAS}/Error/properties",
        adds={"status": _TEXT, **dict.fromkeys(("policyName", "requestId"), _TEXT)},
        reason="the page on errors shows them",
    ),
)


def amend(system: str, description: dict[str, Any]) -> None:
    """Put the system's amendments into its description."""
    for amendment in AMENDMENTS:
        if amendment.system == system:
            place = description
            for name in amendment.where.split("/"):
                # Paths hold slashes themselves.
                place = place[name.replace("~", "/")]
            place.update(amendment.adds)
