"""Requests of the first syncs of all pairs in generated/, beside the least that could do.

The least: a request for each page of each list, a request for each batch of what is written as the profile
has batches, and one for whose account it is. The rest is what is archived or refers to others, and the looks
at what became of batches.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from math import ceil
from pathlib import Path
from typing import Any

from specbridge.model.profile import Profile, Resource
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.reading.batches import full_call
from specbridge.sandbox.further import FURTHER
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

ROOT = Path(__file__).parents[2]
RECORDS = 1000
_SIDES = ("source", "target")


def main() -> None:
    """Print requests made, requests needed, and their ratio, per pair: first sync, and unchanged."""
    sys.stdout.write(
        f"{'pair, ' + str(RECORDS) + ' customers':44}{'made':>7}{'least':>7}{'ratio':>7}\n"
    )
    options = SandboxOptions(records=RECORDS, limits=LimitsPlan.OFF, systems=tuple(FURTHER))
    for package in sorted(path for path in (ROOT / "generated").iterdir() if path.is_dir()):
        if not (package / "manifest.json").is_file():
            continue
        with running_sandbox(options) as sandbox, tempfile.TemporaryDirectory() as directory:
            for name in ("first sync", "unchanged"):
                report = _run(sandbox, directory, "sync", str(package), "--json")
                status = _run(sandbox, directory, "status", "--json")
                made = sum(usage["read"] + usage["write"] for usage in report["requests"].values())
                least = sum(_least(report, status[0]["resources"], whole=name == "first sync"))
                label = f"{package.name}: {name}"
                sys.stdout.write(f"{label:44}{made:>7}{least:>7}{made / least:>7.2f}\n")


def _least(
    report: Mapping[str, Any], resources: list[Mapping[str, Any]], *, whole: bool
) -> Iterator[int]:
    """Yield the least requests of each kind: accounts, pages, batches."""
    profiles = load_profiles()
    yield len({one["system"] for one in resources})
    for one in resources:
        count = one["records"] if whole else 0
        yield max(1, ceil(count / _page(profiles[one["system"]], one["resource"])))
    for flow in report["flows"]:
        for side in _SIDES:
            place = flow["sides"][side]
            resource = _find(profiles[place["system"]], place["resource"])
            create = resource.create_batch or resource.create_many
            update = resource.update_batch or resource.update_many
            yield ceil(flow["created"][side] / (create.size if create else 1))
            yield ceil(flow["updated"][side] / (update.size if update else 1))


def _page(profile: Profile, name: str) -> int:
    call = full_call(_find(profile, name))
    paging = (call.paging if call else None) or profile.paging
    return paging.size


def _find(profile: Profile, name: str) -> Resource:
    return next(one for one in profile.resources if one.name == name)


def _run(sandbox: Sandbox, directory: str, *words: str) -> Any:
    store = {"SPECBRIDGE_STORE": f"sqlite:///{directory}/pairs.db"}
    done = subprocess.run(
        [sys.executable, "-m", "specbridge", *words],
        cwd=directory,
        env={**os.environ, **sandbox.environment, **store},
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
