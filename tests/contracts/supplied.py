"""What the descriptions leave out and the vendors' pages say: paths, bodies, forms of refusals."""

from collections.abc import Mapping

from tests.contracts.descriptions import Node, Operation


def _schema(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**properties: Node) -> Node:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _list(item: Node) -> Node:
    return {"type": "array", "items": item}


def _number(name: str) -> Node:
    return {"name": name, "in": "path", "schema": {"type": "integer"}}


def _supplied(method: str, template: str, status: str, schema: Node | None) -> Operation:
    response: Node = {"content": {"application/json": {"schema": schema}}} if schema else {}
    names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
    return Operation(
        system="zendesk",
        method=method,
        template=template,
        node={"responses": {status: response}},
        parameters=tuple(_number(name) for name in names),
    )


_ORGANIZATION = _object(organization=_schema("OrganizationObject"))
_MEMBERSHIP = _object(organization_membership=_schema("OrganizationMembershipObject"))
_IDENTITY = _object(identity=_schema("UserIdentityObject"))

# The description has the list of all memberships alone, and neither the users of an organization nor
# the organizations of a user; the pages on users, organizations and memberships have them.
SUPPLIED: tuple[Operation, ...] = (
    _supplied(
        "GET",
        "/api/v2/users/{user_id}/organization_memberships",
        "200",
        _schema("OrganizationMembershipsResponse"),
    ),
    _supplied(
        "POST",
        "/api/v2/users/{user_id}/organization_memberships",
        "201",
        _schema("OrganizationMembershipResponse"),
    ),
    _supplied(
        "DELETE",
        "/api/v2/users/{user_id}/organization_memberships/{organization_membership_id}",
        "204",
        None,
    ),
    _supplied(
        "GET",
        "/api/v2/organizations/{organization_id}/organization_memberships",
        "200",
        _schema("OrganizationMembershipsResponse"),
    ),
    _supplied(
        "GET", "/api/v2/organizations/{organization_id}/users", "200", _schema("UsersResponse")
    ),
    _supplied(
        "GET",
        "/api/v2/users/{user_id}/organizations",
        "200",
        _schema("OrganizationsResponse"),
    ),
)

# Bodies of calls that take one by the pages, and none by the description.
BODIES: Mapping[str, Node] = {
    "PUT /api/v2/organizations/{organization_id}": _ORGANIZATION,
    "POST /api/v2/organizations/create_or_update": _ORGANIZATION,
    "POST /api/v2/organizations/create_many": _object(
        organizations=_list(_schema("OrganizationObject"))
    ),
    "PUT /api/v2/organizations/update_many": _object(
        organizations=_list(_schema("OrganizationObject"))
    ),
    "POST /api/v2/organization_memberships": _MEMBERSHIP,
    "POST /api/v2/users/{user_id}/organization_memberships": _MEMBERSHIP,
    "POST /api/v2/organization_memberships/create_many": _object(
        organization_memberships=_list(_schema("OrganizationMembershipObject"))
    ),
    "POST /api/v2/users/{user_id}/identities": _IDENTITY,
    "PUT /api/v2/users/{user_id}/identities/{user_identity_id}": _IDENTITY,
    "POST /oauth/tokens": {
        "type": "object",
        "properties": {
            "grant_type": {"type": "string", "enum": ["client_credentials"]},
            "client_id": {"type": "string"},
            "client_secret": {"type": "string"},
            "scope": {"type": "string"},
            "expires_in": {"type": "integer", "minimum": 301, "maximum": 172_799},
        },
        "required": ["grant_type", "client_id", "client_secret"],
    },
}

_TEXT: Node = {"type": "string"}
_DETAIL: Node = {"type": "object", "properties": {"description": _TEXT, "error": _TEXT}}
# Four envelopes of refusals, of which the description has the one with `errors`.
_ENVELOPES: tuple[Node, ...] = (
    {
        **_object(error=_TEXT),
        "properties": {
            "error": _TEXT,
            "description": _TEXT,
            "details": {"type": "object", "additionalProperties": _list(_DETAIL)},
            "max_count": {"type": "integer"},
            "current_job_ids": _list(_TEXT),
        },
    },
    _object(error=_object(title=_TEXT, message=_TEXT)),
    _object(errors=_list(_schema("Error"))),
)
# Told in the introduction of Tripletex's description, and by no operation.
_ENVELOPE = _object(
    status={"type": "integer"},
    code={"type": "integer"},
    message={"type": "string"},
    link={"type": "string"},
    developerMessage={"type": "string", "nullable": True},
    validationMessages={
        "type": "array",
        "nullable": True,
        "items": _object(
            field={"type": "string", "nullable": True},
            message={"type": "string"},
            path={"type": "string", "nullable": True},
            rootId={"type": "integer", "nullable": True},
        ),
    },
    requestId={"type": "string"},
)
REFUSALS: Mapping[str, Node] = {
    "zendesk": {"anyOf": list(_ENVELOPES)},
    "poweroffice-go": _schema("ProblemDetails"),
    "hubspot": _schema("Error"),
    "tripletex": _ENVELOPE,
}


def find_supplied(system: str, method: str, path: str) -> Operation | None:
    """Return the operation that the pages have and the description has not."""
    if system != "zendesk":
        return None
    return next((one for one in SUPPLIED if one.matches(method, path)), None)
