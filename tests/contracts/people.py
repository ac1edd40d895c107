"""People who call whatever the sandbox serves, well and badly: so that every answer is seen."""

from typing import Any

import httpx

from tests.acceptance.conftest import Office

Row = dict[str, Any]
_PATCH = {"Content-Type": "application/json-patch+json"}
_NOBODY = 99


def visit_everything(office: Office) -> None:
    """Make every call of both sandboxes once at least, and be refused in every way."""
    _visit_lists(office.zendesk)
    _visit_organizations(office.zendesk)
    _visit_users(office.zendesk)
    _visit_memberships(office.zendesk)
    _be_refused_by_zendesk(office.zendesk)
    _be_refused_by_poweroffice(office.poweroffice)
    _come_as_strangers(office)


def _visit_lists(client: httpx.Client) -> None:
    for path in (
        *("/organizations", "/organizations/count", "/users", "/users/count", "/job_statuses"),
        *("/organization_memberships", "/users/me", "/deleted_users", "/deleted_users/count"),
        *("/incremental/organizations?start_time=0", "/incremental/users?start_time=0"),
        "/incremental/users/cursor?start_time=0",
        *("/organizations/search?name=Drift", "/organizations/autocomplete?name=Dri"),
        *("/users/search?query=ingrid", "/users/autocomplete?name=Ing"),
        *("/search?query=type:user", "/search/count?query=type:user"),
        "/search/export?query=dahl&filter[type]=user",
        "/users?page[size]=2",
    ):
        client.get(path).raise_for_status()


def _visit_organizations(client: httpx.Client) -> None:
    sent = {"name": "Besøk", "external_id": "besok"}
    made = client.post("/organizations", json={"organization": sent}).json()["organization"]
    path = f"/organizations/{made['id']}"
    changed = {"organization": {**sent, "notes": "x"}}
    client.post("/organizations/create_or_update", json=changed).raise_for_status()
    new = {"organization": {"name": "Besøk to", "external_id": "besok2"}}
    client.post("/organizations/create_or_update", json=new).raise_for_status()
    for under in ("", "/users", "/organization_memberships"):
        client.get(f"{path}{under}").raise_for_status()
    client.get(f"/organizations/show_many?ids={made['id']}").raise_for_status()
    rows = {"organizations": [{"name": "Besøk tre"}]}
    _await(client, client.post("/organizations/create_many", json=rows))
    _await(client, client.delete(f"/organizations/destroy_many?ids={made['id']}"))


def _visit_users(client: httpx.Client) -> None:
    sent = {"name": "Besøk", "email": "besok@besok.example", "external_id": "besok"}
    made = client.post("/users", json={"user": sent}).json()["user"]
    path = f"/users/{made['id']}"
    client.post("/users/create_or_update", json={"user": sent}).raise_for_status()
    for number, call in enumerate(("create_many", "create_or_update_many")):
        new = {"name": "Besøk", "email": f"besok{number}@besok.example"}
        _await(client, client.post(f"/users/{call}", json={"users": [new]}))
    for under in ("", "/organizations", "/identities", "/organization_memberships"):
        client.get(f"{path}{under}").raise_for_status()
    _visit_identities(client, f"{path}/identities")
    client.delete(path).raise_for_status()
    client.get(f"/deleted_users/{made['id']}").raise_for_status()
    client.delete(f"/deleted_users/{made['id']}").raise_for_status()
    other = client.post("/users", json={"user": {"name": "Besøk to"}}).json()["user"]
    _await(client, client.delete(f"/users/destroy_many?ids={other['id']}"))


def _visit_identities(client: httpx.Client, path: str) -> None:
    sent = {"identity": {"type": "email", "value": "annet@besok.example"}}
    made = client.post(path, json=sent).json()["identity"]
    one = f"{path}/{made['id']}"
    client.get(one).raise_for_status()
    client.put(one, json={"identity": {"verified": True}}).raise_for_status()
    for deed in ("verify", "request_verification", "make_primary"):
        client.put(f"{one}/{deed}").raise_for_status()
    first = client.get(path).json()["identities"][0]
    client.delete(f"{path}/{first['id']}").raise_for_status()


def _visit_memberships(client: httpx.Client) -> None:
    user = client.post("/users", json={"user": {"name": "Medlem"}}).json()["user"]["id"]
    organizations = [row["id"] for row in client.get("/organizations").json()["organizations"][:4]]
    path = f"/users/{user}/organization_memberships"
    rows = [
        client.post(path, json={"organization_membership": {"organization_id": one}}).json()
        for one in organizations[:3]
    ]
    held = [row["organization_membership"]["id"] for row in rows]
    client.get(f"/organization_memberships/{held[0]}").raise_for_status()
    client.put(f"{path}/{held[1]}/make_default").raise_for_status()
    client.put(f"/users/{user}/organizations/{organizations[0]}/make_default").raise_for_status()
    client.delete(f"{path}/{held[1]}").raise_for_status()
    client.delete(f"/users/{user}/organizations/{organizations[2]}").raise_for_status()
    sent = {"organization_memberships": [{"user_id": user, "organization_id": organizations[3]}]}
    _await(client, client.post("/organization_memberships/create_many", json=sent))
    _await(client, client.delete(f"/organization_memberships/destroy_many?ids={held[0]}"))


def _be_refused_by_zendesk(client: httpx.Client) -> None:
    taken = {"organization": {"name": "Drift"}}
    _refused(client.post("/organizations", json=taken), 422)
    _refused(client.post("/organizations", json={"organization": {"name": "a|b"}}), 422)
    _refused(client.post("/organizations", content=b"nonsense"), 400)
    many = {"organizations": [{"name": str(number)} for number in range(101)]}
    _refused(client.post("/organizations/create_many", json=many), 400)
    _refused(client.get(f"/organizations/{_NOBODY}"), 404)
    _refused(client.get(f"/users/{_NOBODY}"), 404)
    _refused(client.get("/users?page=200"), 400)
    _refused(client.get("/search?query=a&page[size]=5"), 400)
    _refused(client.get("/incremental/users/cursor?start_time=99999999999"), 400)
    _refused(client.post("/users", json={"user": {"name": "A", "email": "nonsense"}}), 422)
    failing = {"organizations": [{"name": "Drift"}, {"id": _NOBODY}]}
    _await(client, client.post("/organizations/create_many", json=failing))
    gone = {"organizations": [{"id": _NOBODY, "notes": "x"}]}
    _await(client, client.put("/organizations/update_many", json=gone))


def _be_refused_by_poweroffice(client: httpx.Client) -> None:
    _refused(client.post("/Customers", json={}), 400)
    _refused(client.post("/Customers", json={"Name": "A", "DepartmentCode": "none"}), 404)
    _refused(client.get("/Customers?customerNos=ten"), 400)
    _refused(client.get(f"/Customers/{_NOBODY}"), 404)
    _refused(client.delete("/Customers/10001"), 409)
    unknown = [{"op": "replace", "path": "/Nonsense", "value": 1}]
    _refused(client.patch("/Customers/10001", json=unknown, headers=_PATCH), 400)
    _refused(client.patch("/Customers/10001", json=unknown), 415)
    sent = {"City": "Voss", "ZipCode": "5700"}
    client.post("/Customers", json={"Name": "Adresse", "MailAddress": sent}).raise_for_status()
    client.get("/ClientIntegrationInformation").raise_for_status()


def _come_as_strangers(office: Office) -> None:
    environment = office.sandbox.environment
    nobody = {"Authorization": "Bearer nobody"}
    _refused(office.zendesk.get("/organizations", headers=nobody), 401)
    _refused(office.poweroffice.get("/Customers", headers=nobody), 401)
    keys = {"Ocp-Apim-Subscription-Key": environment["POWEROFFICE_GO_SUBSCRIPTION_KEY"]}
    form = {"grant_type": "client_credentials"}
    address = environment["POWEROFFICE_GO_TOKEN_URL"]
    _refused(httpx.post(address, data=form, auth=("a", "b"), headers=keys), 400)


def _refused(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text


def _await(client: httpx.Client, answer: httpx.Response) -> None:
    job = answer.raise_for_status().json()["job_status"]
    while job["status"] in ("queued", "working"):
        job = client.get(f"/job_statuses/{job['id']}").raise_for_status().json()["job_status"]
    client.get(f"/job_statuses/show_many?ids={job['id']}").raise_for_status()
