"""What ds-provider-powerofficego-py-lib, somebody else's client, reads of a PowerOffice Go: JSON on stdout.

Run by a Python that has it, with the sandbox's environment, a kind of record, a size of pages and an
instant of which changes are asked for (empty: all).
"""

import json
import os
import sys
from importlib import import_module
from uuid import uuid4

_PACKAGE = "ds_provider_powerofficego_py_lib"


def main(kind: str, size: str, since: str) -> None:
    """Print the ids of all rows, and the instant that the client would go on from."""
    datasets = import_module(f"{_PACKAGE}.dataset.powerofficego")
    services = import_module(f"{_PACKAGE}.linked_service.powerofficego")
    service = services.PowerOfficeGoLinkedService(
        id=uuid4(),
        name="sandbox",
        version="1.0.0",
        settings=services.PowerOfficeGoLinkedServiceSettings(
            application_key=os.environ["POWEROFFICE_GO_APPLICATION_KEY"],
            client_id=os.environ["POWEROFFICE_GO_CLIENT_KEY"],
            subscription_key=os.environ["POWEROFFICE_GO_SUBSCRIPTION_KEY"],
            token_endpoint=os.environ["POWEROFFICE_GO_TOKEN_URL"],
            host=os.environ["POWEROFFICE_GO_BASE_URL"].removesuffix("v2"),
        ),
    )
    service.connect()
    reading = datasets.PowerOfficeGoDataset(
        id=uuid4(),
        name="rows",
        version="1.0.0",
        linked_service=service,
        settings=datasets.PowerOfficeGoDatasetSettings(
            data_product=kind, read=datasets.ReadSettings(page_size=int(size))
        ),
    )
    if since:
        reading.checkpoint = {"incremental": {"value": since}, "pagination": {"value": 0}}
    reading.read()
    rows = reading.output.to_dict("records") if reading.output is not None else []
    told = {"ids": [row["Id"] for row in rows], "next": reading.checkpoint["incremental"]["value"]}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
