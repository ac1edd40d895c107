"""`specbridge profile probe`: a profile tried on the live system, line by line."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.cli.next_steps import Step, print_next
from specbridge.cli.printing import print_json_line
from specbridge.errors import SurroundingsError
from specbridge.model.profile import Profile
from specbridge.model.values import Json
from specbridge.profiles.load import find_profile
from specbridge.settings import load_settings

if TYPE_CHECKING:
    from specbridge.runtime.connectors.transport.telling.taping import Tape
    from specbridge.runtime.records import Finding

_UNWELL = 5


@click.command
@click.argument("name", metavar="NAME|FILE")
@click.option(
    "--write",
    "writes",
    is_flag=True,
    help="Make, change and delete a test record of each resource.",
)
@click.option(
    "--record", metavar="FILE", help="Record what the answers look like, without a value of theirs."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a line for each finding.")
def probe(name: str, writes: bool, record: str | None, as_json: bool) -> None:
    """Try a profile on the live system: each list to its end, the filter, a record read twice.

    Nothing is written, unless --write says so: then a test record of each resource that states read and delete
    is made, found, changed and deleted. What is told are names of properties, counts and instants, never
    a value. --record is for a bug report: in FILE letters are `a` and digits `9`. Exit code 5 if anything is not
    well.

    \b
    Examples:
      specbridge profile probe ledgerly
      specbridge profile probe profiles/ledgerly.toml --write --record answers.jsonl
    """
    from specbridge.runtime.connectors.build import build_connector
    from specbridge.runtime.connectors.transport.access import ConnectorOptions

    settings = load_settings(Path.cwd())
    profile = find_profile(name, settings.profile_paths)
    well = True
    with _taping(profile, record) as tape:
        connector = build_connector(profile, os.environ, ConnectorOptions(tape=tape))
        try:
            for one in connector.probe(writes=writes):
                well = well and one.well
                _show(one, as_json=as_json)
        finally:
            connector.close()
    if not as_json:
        print_next(_follow(name, well))
    if not well:
        raise SystemExit(_UNWELL)


def _follow(name: str, well: bool) -> Step:
    if well:
        return Step("turn documents about it into modules", ("generate",))
    return Step(
        "mend what is marked NO in the profile, and look at it again", ("profile", "check", name)
    )


@contextmanager
def _taping(profile: Profile, path: str | None) -> Iterator["Tape | None"]:
    """Give what takes down answers in a new file; raises SurroundingsError where that cannot be made."""
    from specbridge.runtime.connectors.transport.telling.routes import path_words
    from specbridge.runtime.connectors.transport.telling.taping import Tape

    if path is None:
        yield None
        return
    try:
        # Made anew: what somebody has recorded before may be in a report already.
        file = Path(path).open("x", encoding="utf-8")  # noqa: SIM115  # closed below
    except OSError as error:
        raise SurroundingsError(f"{path} cannot be made: {error.strerror}") from None
    with file:

        def write(line: Mapping[str, Json]) -> None:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

        yield Tape(words=path_words(profile), write=write)


def _show(finding: "Finding", *, as_json: bool) -> None:
    if as_json:
        print_json_line(asdict(finding))
    else:
        click.echo(f"{_mark(finding)} {finding.subject}: {finding.message}")


def _mark(finding: "Finding") -> str:
    if not finding.well:
        return click.style("NO ", fg="red")
    return click.style("!  ", fg="yellow") if finding.warning else click.style("ok ", fg="green")
