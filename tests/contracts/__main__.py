"""The contracts' figures: `python -m tests.contracts`.

An operation is a method, a path of the description and a role, request or answer.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.contracts.course import travel
from tests.contracts.recording import CLIENT, Exchange
from tests.contracts.validating import operation_of


def _name(exchange: Exchange) -> str:
    operation = operation_of(exchange)
    return operation.name if operation else ""


def _count(exchanges: Sequence[Exchange]) -> int:
    return len({(one.system, _name(one)) for one in exchanges if _name(one)})


def main() -> None:
    """Travel the course once and tell how much was seen on the way."""
    with tempfile.TemporaryDirectory() as directory:
        exchanges = travel(Path(directory)).exchanges
    requests = [one for one in exchanges if one.speaker == CLIENT]
    statuses = {(one.system, _name(one), one.status) for one in exchanges}
    sys.stdout.write(
        f"operations: {_count(requests) + _count(exchanges)}"
        f" ({_count(requests)} as requests, {_count(exchanges)} as answers)\n"
        f"requests of the client: {len(requests)}\n"
        f"answers of the sandbox: {len(exchanges)}, {len(statuses)} by operation and status\n"
    )


if __name__ == "__main__":
    main()
