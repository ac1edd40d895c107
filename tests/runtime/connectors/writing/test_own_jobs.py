"""A start whose answer was lost: which of the account's jobs are waited for, and how they are listed."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from specbridge.model.values import Json
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.records import Connector, Create, Written
from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.running import Sandbox

from tests.runtime.connectors.conftest import QUICK, Connect

NAMES = frozenset({"name"})
JOBS = "/api/v2/job_statuses"
MANY = "/api/v2/organizations/create_many"
ROWS = 4


@dataclass
class Account:
    """Zendesk with the jobs `rows` in its list, two a page; `lists` counts the readings of it.

    The first job is started, though the answer is that it failed.
    """

    rows: list[Json]
    lists: int = 0
    queries: list[dict[str, str]] = field(default_factory=list)
    started: int = 0

    def __call__(self, call: Call, on: Any) -> Answer:
        if call.path == MANY:
            self.started += 1
            if self.started == 1:
                on(call)
                return Answer(status=503)
        if call.path != JOBS:
            answer: Answer = on(call)
            return answer
        self.queries.append(dict(call.query))
        start = int(call.query.get("page[after]", 0))
        self.lists += start == 0
        shown = self.rows[start : start + 2]
        more = start + 2 < len(self.rows)
        return Answer(
            body={
                "job_statuses": shown,
                "meta": {"has_more": more, "after_cursor": str(start + 2)},
                "links": {"next": f"{call.address}?page[after]={start + 2}"},
            }
        )


def job(name: str, status: str, total: int, kind: str = "Bulk Create Organization") -> Json:
    return {"id": name, "status": status, "total": total, "job_type": kind}


def create_some(sandbox: Sandbox, zendesk: Connector) -> None:
    writes = [
        Create(key=str(n), properties={"name": f"Neu {n}"}, external_reference=f"ref:{n}")
        for n in range(ROWS)
    ]
    outcomes = list(zendesk.write_records("Organizations", writes, NAMES))
    assert all(isinstance(one, Written) for one in outcomes)
    names = [row["name"] for row in sandbox.zendesk.records("organizations")]
    assert sorted(name for name in names if "Neu" in name) == [f"Neu {n}" for n in range(ROWS)]


@pytest.fixture
def impatient(connect: Connect) -> Connector:
    """Return a connector that waits for jobs two seconds at most."""
    return connect("zendesk", ConnectorOptions(retry=QUICK.retry, timeout=5.0, job_patience=2.0))


def test_the_list_of_jobs_is_read_to_its_end(sandbox: Sandbox, impatient: Connector) -> None:
    rows = [job(f"old{n}", "completed", ROWS) for n in range(5)]
    account = Account(rows)
    sandbox.zendesk.place_gateway(account)
    create_some(sandbox, impatient)
    assert [query.get("page[after]") for query in account.queries] == [None, "2", "4"]
    assert {query["page[size]"] for query in account.queries} == {"100"}


def test_a_job_that_may_be_ours_is_waited_for_wherever_it_stands(
    sandbox: Sandbox, impatient: Connector
) -> None:
    old = [job(f"old{n}", "completed", ROWS) for n in range(4)]
    account = Account([*old, job("ours", "working", ROWS)])
    sandbox.zendesk.place_gateway(account)
    create_some(sandbox, impatient)
    assert account.lists > 1


@pytest.mark.parametrize("status", ["queued", "working", "stuck"])
def test_others_jobs_are_not_waited_for(
    sandbox: Sandbox, impatient: Connector, status: str
) -> None:
    account = Account([job("theirs", status, 77), job("theirs too", status, ROWS - 1)])
    sandbox.zendesk.place_gateway(account)
    create_some(sandbox, impatient)
    assert account.lists == 1


def test_the_sandbox_lists_jobs_by_pages(sandbox: Sandbox, zendesk: Connector) -> None:
    # What is emulated is what the connector expects: page[size], meta, links.
    listed: list[Answer] = []

    def gateway(call: Call, on: Any) -> Answer:
        answer: Answer = on(call)
        if call.path == JOBS:
            listed.append(answer)
        return answer

    sandbox.zendesk.place_gateway(gateway)
    sandbox.zendesk.replace_faults("reset-after-commit=1*1")
    create_some(sandbox, zendesk)
    sandbox.zendesk.replace_faults()
    for answer in listed:
        assert isinstance(answer.body, dict)
        assert set(answer.body) == {"job_statuses", "meta", "links"}
