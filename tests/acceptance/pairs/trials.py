"""Killing and spoiling first syncs of every pair: `python -m tests.acceptance.pairs.trials [PAIR…]`.

Each pair of this repository's packages, and all of them in one store, is synced for the first time
beside fresh systems: undisturbed, killed at random instants, and with one request in five going wrong.
However it went, a few more runs must leave what the undisturbed one left, and nothing to write.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Running

from tests.acceptance.conftest import ROOT, Office, opened_office, use_our_packages

ALL = "all"
PAIRS = (*sorted(found.parent.name for found in ROOT.glob("generated/*/manifest.json")), ALL)

FAULTS = ("500", "429", "reset", "reset-after-commit")
"""What goes wrong in one request of five, in each system."""

MOST_RUNS = 25
"""Runs after which a disturbed course is to be at rest."""

MOST_DELAY = 0.05

KINDS = {
    "poweroffice": {
        "Customers": "Name",
        "Departments": "Name",
        "Employees": "FirstName",
        "Suppliers": "Name",
        "Products": "Name",
    },
    "zendesk": {"organizations": "name", "users": "name"},
    "hubspot": {"companies": "name", "contacts": "email", "products": "name"},
    "tripletex": {
        "customer": "name",
        "department": "name",
        "supplier": "name",
        "employee": "firstName",
        "product": "name",
        "contact": "firstName",
    },
}
"""What each system holds, and by what records are told apart here."""

Holdings = Mapping[tuple[str, str], Counter[str]]


@dataclass(frozen=True, slots=True)
class Ending:
    """What all systems hold in the end, the audit's status (None: not asked), the first run's requests.

    `writes` are those of the last run: 0 is rest.
    """

    holdings: Holdings
    audited: int | None
    requests: int
    writes: int

    def differences(self, calm: "Ending") -> list[str]:
        """Return what is otherwise than after an undisturbed course, and what still moves."""
        found = [
            f"{system} {kind}: {dict(rows - calm.holdings[system, kind])} "
            f"in the place of {dict(calm.holdings[system, kind] - rows)}"
            for (system, kind), rows in self.holdings.items()
            if rows != calm.holdings[system, kind]
        ]
        if self.audited not in (None, calm.audited):
            found.append(f"the audit ends with {self.audited}")
        return found + ([f"{self.writes} writes in the end"] if self.writes else [])


def main() -> int:
    """Play what the command line says; the status is 1 where anything ended otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="*", metavar="PAIR", help=", ".join(PAIRS))
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    wrong = 0
    for pair in chosen.pairs or PAIRS:
        for line in try_pair(pair, chosen.kills, chosen.share, chosen.seed):
            wrong += 1
            sys.stdout.write(f"{pair}: {line}\n")
        sys.stdout.write(f"{pair}: {chosen.kills} kills and {len(FAULTS)} faults played\n")
        sys.stdout.flush()
    return 1 if wrong else 0


def try_pair(pair: str, kills: int, share: float, seed: int) -> Iterator[str]:
    """Yield what ended otherwise than undisturbed, a line each."""
    choice = random.Random(f"{seed} {pair}")
    calm = play(pair)
    for _ in range(kills):
        requests, delay = choice.randint(1, max(1, calm.requests)), choice.uniform(0, MOST_DELAY)
        found = play(pair, kill=(requests, delay)).differences(calm)
        if found:
            yield f"killed after {requests} requests and {delay:.3f} s: {'; '.join(found)}"
    for fault in FAULTS:
        found = play(pair, faults=faults_of(fault, share)).differences(calm)
        if found:
            yield f"{fault} in {share:.0%}: {'; '.join(found)}"


def faults_of(fault: str, share: float) -> tuple[str, ...]:
    """Return a fault for each system, as the sandbox takes it."""
    return tuple(f"{system}:{fault}={share}" for system in KINDS)


def play(pair: str, kill: tuple[int, float] | None = None, faults: Sequence[str] = ()) -> Ending:
    """Sync fresh systems for the first time, die at an instant if so told, and run until it rests."""
    options = SandboxOptions(
        systems=("hubspot", "tripletex"),
        limits=LimitsPlan.OFF,
        withhold_seconds=0,
        faults=tuple(faults),
    )
    words = () if pair == ALL else (str(ROOT / "generated" / pair),)
    with tempfile.TemporaryDirectory() as folder, opened_office(Path(folder), options) as office:
        use_our_packages(Path(folder))
        if kill is not None:
            _kill(office, words, *kill)
        first = _requests(office)
        done = office.terminal.run("sync", *words, "--json")
        requests = _requests(office) - first
        for _ in range(MOST_RUNS):
            if done.status in (0, 3) and not done.writes:
                break
            done = office.terminal.run("sync", *words, "--json")
        writes = done.writes if done.status in (0, 3) else -1
        # An audit that meets faults tells of these.
        audited = None if faults else office.terminal.run("audit", *words, "--json").status
        return Ending(_holdings(office), audited, requests, writes)


def _kill(office: Office, words: Sequence[str], requests: int, delay: float) -> None:
    with office.terminal.begun("sync", *words) as process:
        while process.poll() is None and _requests(office) < requests:
            time.sleep(0.001)
        time.sleep(delay)


def _requests(office: Office) -> int:
    return sum(len(one.request_log.entries) for one in _systems(office).values())


def _holdings(office: Office) -> Holdings:
    systems = _systems(office)
    return {
        (system, kind): Counter(_name(row, by) for row in systems[system].records(kind))
        for system, kinds in KINDS.items()
        for kind, by in kinds.items()
    }


def _name(row: Mapping[str, object], by: str) -> str:
    properties = row.get("properties")
    held = properties if isinstance(properties, Mapping) else row
    return str(held.get(by))


def _systems(office: Office) -> dict[str, Running]:
    sandbox = office.sandbox
    return {
        "poweroffice": sandbox.poweroffice,
        "zendesk": sandbox.zendesk,
        "hubspot": sandbox.further["hubspot"],
        "tripletex": sandbox.further["tripletex"],
    }


if __name__ == "__main__":
    sys.exit(main())
