"""A process that writes to PowerOffice within a limit that others share, as a worker does for its company.

`python -m tests.runtime.connectors.sharing STORE NAME COUNT` makes COUNT customers called NAME as fast as it may, and prints
how often it was turned away.
"""

import os
import sys

from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.records import Create, Written
from specbridge.runtime.store.limits.turns import StoreTurns


def main(store: str, name: str, count: int) -> None:
    """Make the customers; each must be written."""
    turns = StoreTurns(store)
    profile = load_profiles()["poweroffice-go"]
    connector = build_connector(profile, os.environ, ConnectorOptions(turns=turns))
    creates = [
        Create(key=str(n), properties={"Name": name}, external_reference=f"{name}-{n}")
        for n in range(count)
    ]
    outcomes = list(connector.write_records("Customers", creates, frozenset({"Id", "Name"})))
    connector.close()
    turns.disconnect()
    assert all(isinstance(one, Written) for one in outcomes)
    sys.stdout.write(f"{connector.usage.throttled}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
