"""Many companies on one pair of servers: each has its own client key and Zendesk account, all share one subscription key.

The servers count all companies' requests together, and refuse the eleventh in a second, as PowerOffice's gateway does.
"""

import base64
import json
import re
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.credentials import Credentials, make_credentials
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.messages import Answer, Call, Row
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.poweroffice_go.system import PowerOfficeGo
from specbridge.sandbox.running import Running, serving_systems
from specbridge.sandbox.server import System
from specbridge.sandbox.world import Contact, Customer, User, World
from specbridge.sandbox.zendesk.system import Zendesk

PER_SECOND = 10
PACKAGE = "powerofficego_zendesk"
_OWN = re.compile(r"^/firm-\d+")
OPEN = SandboxOptions(limits=LimitsPlan.OFF, withhold_seconds=0)


def tiny_world(number: int) -> World:
    """Return a company's records: their names are those of all others, but for one."""
    return World(
        customers=[Customer(name="Fjellheim Kaffe AS"), Customer(name=f"Firma {number} AS")],
        contacts=[Contact(customer=0, names=("Ingrid", "Dahl"), email="ingrid@fjellheim.example")],
        organizations=["Fjellheim Kaffe AS"],
        users=[User(name="Anne Support", email="anne@helpdesk.example", role="admin")],
    )


@dataclass
class Crowd:
    """Systems of many companies behind one address; each call is for the company whose credentials it has.

    `instants` are those of the requests that counted, `firsts` how many there had been at the first one of each company.
    """

    name: str
    of: dict[str, System]
    clock: Clock = field(default_factory=Clock)
    faults: FaultBox = field(default_factory=lambda: FaultBox("crowd", 0, []))
    limited: bool = False
    instants: list[float] = field(default_factory=list)
    firsts: dict[int, int] = field(default_factory=dict)
    refused: int = 0
    _last: deque[float] = field(default_factory=deque)

    def answer(self, call: Call) -> Answer:
        """Carry out a request: the limit that all share first, then the company's own system."""
        # Calls for tokens bring the key along too: who counts by it counts them.
        if self.limited and not self._let_through(time.monotonic()):
            self.refused += 1
            return self.throttle(call)
        call = replace(call, path=_OWN.sub("", call.path))
        key = call.user_and_password()[1] or call.credentials("bearer")
        system = self.of.get(key)
        if system is None:
            return Answer(status=401)
        self.firsts.setdefault(id(system), len(self.instants))
        answer = system.answer(call)
        token = answer.body.get("access_token") if isinstance(answer.body, dict) else None
        if token:
            self.of[str(token)] = system
        return _named(answer, key) if call.path.startswith("/api/v2/users/me") else answer

    def throttle(self, call: Call) -> Answer:
        return next(iter(self.of.values())).throttle(call)

    def fail(self, status: int) -> Answer:
        return next(iter(self.of.values())).fail(status)

    def world(self) -> dict[str, list[Row]]:
        return {}

    def _let_through(self, now: float) -> bool:
        while self._last and self._last[0] <= now - 1.0:
            self._last.popleft()
        if len(self._last) >= PER_SECOND:
            return False
        self._last.append(now)
        self.instants.append(now)
        return True


@dataclass(frozen=True, kw_only=True)
class Firm:
    """A company of the crowd, and what its people do on both sides, beside any limit."""

    name: str
    number: int
    poweroffice: System
    zendesk: System
    credentials: Credentials
    webhook_secret: str = ""

    def customers(self) -> dict[str, str]:
        """Return the ids of its customers by name."""
        return {row["Name"]: str(row["Id"]) for row in self.poweroffice.world()["Customers"]}

    def organizations(self) -> dict[str, str]:
        return {row["name"]: str(row["id"]) for row in self.zendesk.world()["organizations"]}

    def rename_customer(self, old: str, new: str) -> None:
        form = urlencode({"grant_type": "client_credentials"}).encode()
        user = f"{self.credentials.application_key}:{self.credentials.client_key}"
        key = {"ocp-apim-subscription-key": self.credentials.subscription_key}
        basic = {"authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}
        given = self.poweroffice.answer(_call("POST", "/OAuth/Token", {**key, **basic}, form))
        token = _body(given)["access_token"]
        patch = [{"op": "replace", "path": "/Name", "value": new}]
        headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/json-patch+json",
        }
        path = f"/v2/Customers/{self.customers()[old]}"
        done = self.poweroffice.answer(
            _call("PATCH", path, {**key, **headers}, json.dumps(patch).encode())
        )
        assert done.status < 300, done

    def rename_organization(self, old: str, new: str) -> None:
        path = f"/api/v2/organizations/{self.organizations()[old]}"
        headers = {"authorization": f"Bearer {self.credentials.oauth_token}"}
        body = json.dumps({"organization": {"name": new}}).encode()
        done = self.zendesk.answer(
            _call("PUT", path, {**headers, "content-type": "application/json"}, body)
        )
        assert done.status < 300, done

    @property
    def in_sync(self) -> bool:
        return self.customers().keys() == self.organizations().keys()


def _call(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Call:
    return Call(method=method, path=path, query={}, headers=headers, body=body)


def _named(answer: Answer, key: str) -> Answer:
    """Return what an account says of its caller: each has an address of its own, which is not that of the server."""
    account = sha256(key.encode()).hexdigest()[:12]
    user = {
        **_body(answer)["user"],
        "url": f"https://{account}.zendesk.example/api/v2/users/1.json",
    }
    return replace(answer, body={"user": user})


def _body(answer: Answer) -> Mapping[str, Any]:
    assert isinstance(answer.body, dict), answer
    return answer.body


@dataclass(frozen=True, kw_only=True)
class Town:
    """The companies, the servers, and how both are found."""

    firms: Sequence[Firm]
    poweroffice: Running
    zendesk: Running

    @property
    def gateway(self) -> Crowd:
        """Return what counts the requests of all companies to PowerOffice."""
        assert isinstance(self.poweroffice.system, Crowd)
        return self.poweroffice.system

    def variables(self, firm: Firm) -> dict[str, str]:
        secrets = firm.credentials
        found = {
            "POWEROFFICE_GO_BASE_URL": f"{self.poweroffice.url}/v2",
            "POWEROFFICE_GO_TOKEN_URL": f"{self.poweroffice.url}/OAuth/Token",
            "POWEROFFICE_GO_APPLICATION_KEY": secrets.application_key,
            "POWEROFFICE_GO_CLIENT_KEY": secrets.client_key,
            "POWEROFFICE_GO_SUBSCRIPTION_KEY": secrets.subscription_key,
            # Each account has an address of its own, and so limits of its own.
            "ZENDESK_BASE_URL": f"{self.zendesk.url}/{firm.name}",
            "ZENDESK_OAUTH_TOKEN": secrets.oauth_token,
        }
        if firm.webhook_secret:
            found["ZENDESK_WEBHOOK_SECRET"] = firm.webhook_secret
        return found

    def settle_in(self, folder: Path, output: Path, every: float) -> None:
        """Write a project whose companies these are, each read within so many seconds."""
        settings = f'[tool.specbridge]\noutput = "{output.as_posix()}"\ncompanies = "companies"\n'
        (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
        (folder / "companies").mkdir()
        for firm in self.firms:
            plan = {"SPECBRIDGE_SCHEDULE": str(every), "SPECBRIDGE_PACKAGES": PACKAGE}
            variables = {**self.variables(firm), **plan}
            text = "".join(f"{name}={value}\n" for name, value in variables.items())
            path = folder / "companies" / f"{firm.name}.env"
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)

    def late(self) -> Iterator[str]:
        """Yield the companies whose two sides differ; the servers stand still for no more than one at a time."""
        for firm in self.firms:
            with self.poweroffice.server.lock, self.zendesk.server.lock:
                in_sync = firm.in_sync
            if not in_sync:
                yield firm.name

    def is_in_sync(self) -> bool:
        """Return whether no company is late: the first that is settles it."""
        return next(self.late(), None) is None


@contextmanager
def opened_town(count: int, *, webhooks: str = "", limited: bool = True) -> Iterator[Town]:
    """Serve so many companies; their Zendesks deliver webhooks to an address of their own below `webhooks`, if any.

    Without `limited` each has a subscription key of its own, and nobody counts.
    """
    key = make_credentials().subscription_key
    keys = [key if limited else make_credentials().subscription_key for _ in range(count)]
    firms = [_make_firm(number, keys[number], webhooks) for number in range(count)]
    poweroffice = Crowd(
        "poweroffice", {firm.credentials.client_key: firm.poweroffice for firm in firms}
    )
    zendesk = Crowd("zendesk", {firm.credentials.oauth_token: firm.zendesk for firm in firms})
    poweroffice.limited = limited
    with serving_systems([(poweroffice, 0), (zendesk, 0)], 5.0) as (first, second):
        yield Town(firms=firms, poweroffice=first, zendesk=second)
    for firm in firms:
        if isinstance(firm.zendesk, Zendesk) and firm.zendesk.deliveries is not None:
            firm.zendesk.deliveries.close()


def _make_firm(number: int, key: str, webhooks: str) -> Firm:
    name, secret = f"firm-{number:03}", f"the secret of firm {number}" if webhooks else ""
    credentials = replace(make_credentials(), subscription_key=key)
    told = replace(OPEN, webhooks=f"{webhooks}/{name}" if webhooks else "", webhook_secret=secret)
    world = tiny_world(number)
    boxes = FaultBox("poweroffice", 0, []), FaultBox("zendesk", 0, [])
    return Firm(
        name=name,
        number=number,
        poweroffice=PowerOfficeGo(OPEN, credentials, Clock(), boxes[0], world),
        zendesk=Zendesk(told, credentials, Clock(), boxes[1], world),
        credentials=credentials,
        webhook_secret=secret,
    )
