"""A server that is strict by its RFCs: PUT replaces, If-Match is compared, versions must be current."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

from specbridge.model.values import Json

from tests.runtime.connectors.servers import Received, Reply

SET_BY_SERVER = ("id", "version", "changed")


@dataclass
class StrictBooks:
    """Accounts by id; what a PUT leaves out is gone afterwards.

    `demands` is the precondition that every update must state: "etag", "version" (in the body) or "".
    `meddle` is called before each update is looked at: somebody else at work. `lose` answers are lost
    after the server did what it was asked.
    """

    accounts: dict[str, dict[str, Json]] = field(default_factory=dict)
    demands: str = ""
    meddle: Callable[["StrictBooks"], None] | None = None
    lose: int = 0

    def add(self, identifier: str, **values: Json) -> dict[str, Json]:
        """Store an account, and return a copy of it."""
        self.accounts[identifier] = {"id": identifier, "version": 1, "changed": None, **values}
        return deepcopy(self.accounts[identifier])

    def edit(self, identifier: str, **values: Json) -> None:
        """Change an account as somebody else would."""
        held = self.accounts[identifier]
        version = held["version"]
        assert isinstance(version, int)
        self.accounts[identifier] = {**held, **values, "version": version + 1}

    def answer(self, request: Received) -> Reply:
        """Answer a request as the RFCs have it."""
        identifier = request.path.rpartition("/")[2]
        if identifier not in self.accounts:
            return Reply(status=404)
        if request.method == "GET":
            return self._show(identifier)
        if self.meddle is not None:
            self.meddle(self)
        refused = self._refuse(request, identifier)
        if refused is not None:
            return refused
        given = json.loads(request.text)["account"]
        own = {name: self.accounts[identifier].get(name) for name in SET_BY_SERVER}
        kept = self.accounts[identifier] if request.method == "PATCH" else {}
        self.accounts[identifier] = {**kept, **given, **own}
        self.edit(identifier)
        if self.lose:
            self.lose -= 1
            return Reply(reset=True)
        return self._show(identifier)

    def _show(self, identifier: str) -> Reply:
        headers = {"ETag": self._etag(identifier)}
        return Reply(body={"account": dict(self.accounts[identifier])}, headers=headers)

    def _etag(self, identifier: str) -> str:
        return f'"{identifier}-{self.accounts[identifier]["version"]}"'

    def _refuse(self, request: Received, identifier: str) -> Reply | None:
        stated = request.headers.get("if-match")
        if self.demands == "etag" and stated is None:
            return Reply(status=428)
        if stated is not None and stated != self._etag(identifier):
            return Reply(status=412)
        version = json.loads(request.text)["account"].get("version")
        if self.demands == "version" and version != self.accounts[identifier]["version"]:
            return Reply(status=409, body={"code": "REVISION_MISMATCH"})
        return None
