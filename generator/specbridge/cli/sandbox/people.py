"""The people of the demo: they edit records through the vendors' own APIs, never through ours."""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

import httpx

Row = dict[str, Any]


class People:
    """Two people, each with a session of their own at one of the systems.

    Used as a context manager; closes its connections.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Sign in to both systems with the credentials that the environment holds."""
        self._poweroffice = httpx.Client(
            base_url=environment["POWEROFFICE_GO_BASE_URL"],
            headers={"Ocp-Apim-Subscription-Key": environment["POWEROFFICE_GO_SUBSCRIPTION_KEY"]},
        )
        self._poweroffice.headers["Authorization"] = f"Bearer {self._sign_in(environment)}"
        self._zendesk = httpx.Client(
            base_url=environment["ZENDESK_BASE_URL"],
            headers={"Authorization": f"Bearer {environment['ZENDESK_OAUTH_TOKEN']}"},
        )

    def __enter__(self) -> "People":
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close both sessions."""
        self._poweroffice.close()
        self._zendesk.close()

    def edit(self) -> Iterator[str]:
        """Edit records on both sides; yield each deed as a sentence once it is done."""
        self._pass_time()
        yield self._move_to_a_new_address()
        yield from self._give_names_apart()
        # After the names are given apart: of two customers of one name neither is linked.
        linked = self._customers_with_an_organization()
        yield self._rename_in_zendesk(*linked[0])
        yield from self._rename_in_both(*linked[1])
        # Zendesk's exports withhold the newest minute: before that nobody hears of the last deeds.
        self._pass_time()

    def _sign_in(self, environment: Mapping[str, str]) -> str:
        answer = self._poweroffice.post(
            environment["POWEROFFICE_GO_TOKEN_URL"],
            data={"grant_type": "client_credentials"},
            auth=(
                environment["POWEROFFICE_GO_APPLICATION_KEY"],
                environment["POWEROFFICE_GO_CLIENT_KEY"],
            ),
        )
        token: str = answer.raise_for_status().json()["access_token"]
        return token

    def _pass_time(self) -> None:
        for client in (self._poweroffice, self._zendesk):
            # The controls lie outside of the API's own path.
            url = client.base_url.copy_with(raw_path=b"/_sandbox/clock")
            # Zendesk states whole seconds: an edit in the second of a sync would look as old as it.
            client.post(url, json={"seconds": 120}).raise_for_status()

    def _rows(self, path: str) -> list[Row]:
        answer = self._poweroffice.get(path, params={"OrderBy": "Id"}).raise_for_status()
        # PowerOffice answers an empty list with 204 and no body.
        rows: list[Row] = answer.json() if answer.status_code != httpx.codes.NO_CONTENT else []
        return rows

    def _zendesk_rows(self, kind: str) -> list[Row]:
        # One page is enough for the small world.
        answer = self._zendesk.get(f"/api/v2/{kind}", params={"page[size]": "100"})
        rows: list[Row] = answer.raise_for_status().json()[kind]
        return rows

    def _replace(self, path: str, name: str, value: str) -> None:
        patch = [{"op": "replace", "path": f"/{name}", "value": value}]
        # The only type that PowerOffice takes for a patch.
        media_type = {"Content-Type": "application/json-patch+json"}
        self._poweroffice.patch(path, json=patch, headers=media_type).raise_for_status()

    def _rename_organization(self, organization: Row, name: str) -> None:
        body = {"organization": {"name": name}}
        self._zendesk.put(
            f"/api/v2/organizations/{organization['id']}", json=body
        ).raise_for_status()

    def _move_to_a_new_address(self) -> str:
        people = self._rows("/ContactPersons")
        count = Counter((row["EmailAddress"] or "").casefold() for row in people)
        users = {(row["email"] or "").casefold() for row in self._zendesk_rows("users")}
        person = next(
            row
            for row in people
            if (row["EmailAddress"] or "").casefold() in users
            # An address of two people links neither.
            and count[row["EmailAddress"].casefold()] == 1
        )
        old = person["EmailAddress"]
        new = f"new.{old.partition('@')[0].lower()}@{old.partition('@')[2]}"
        self._replace(f"/ContactPersons/{person['ContactId']}/{person['Id']}", "EmailAddress", new)
        return f"PowerOffice: a contact person moves from {old} to {new}"

    def _give_names_apart(self) -> Iterator[str]:
        """Rename all but the first of the customers that share a name."""
        # Persons never become organizations, so their names do no harm.
        companies = [row for row in self._rows("/Customers") if not row["IsPerson"]]
        taken: set[str] = set()
        for row in companies:
            name = row["Name"].strip()
            if name.casefold() in taken:
                name = f"{name} {row['Id']}"
                self._replace(f"/Customers/{row['Id']}", "Name", name)
                yield f"PowerOffice: one of two customers of one name is now called {name}"
            taken.add(name.casefold())

    def _customers_with_an_organization(self) -> list[tuple[Row, Row]]:
        """Return the pairs of one name that nobody else has."""
        organizations = {row["name"].casefold(): row for row in self._zendesk_rows("organizations")}
        companies = [row for row in self._rows("/Customers") if not row["IsPerson"]]
        return [
            (row, organizations[row["Name"].casefold()])
            for row in companies
            if row["Name"].casefold() in organizations
        ]

    def _rename_in_zendesk(self, customer: Row, organization: Row) -> str:
        new = f"{customer['Name']} Group"
        self._rename_organization(organization, new)
        return f"Zendesk: the organization {organization['name']} is renamed to {new}"

    def _rename_in_both(self, customer: Row, organization: Row) -> Iterator[str]:
        early, late = f"{customer['Name']} Holding", f"{customer['Name']} International"
        self._replace(f"/Customers/{customer['Id']}", "Name", early)
        yield f"PowerOffice: the customer {customer['Name']} is renamed to {early} ..."
        self._pass_time()
        self._rename_organization(organization, late)
        yield f"Zendesk: ... and two minutes later its organization to {late}"
