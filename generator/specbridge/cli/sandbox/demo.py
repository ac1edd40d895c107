"""`specbridge demo`: the main job, told with the real commands on a sandbox of both systems.

What is shown is what the commands print: each is run as a user would run it. The demo itself only starts
the sandbox, edits records through the vendors' own APIs as people would, and looks whether the story is true.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.cli.extras import needing_extra
from specbridge.cli.sandbox import pairs
from specbridge.cli.sandbox.people import People
from specbridge.cli.sandbox.shelf import SHELF, open_shelf
from specbridge.errors import PackageError, SettingsError
from specbridge.shipped import shipped_folder
from specbridge.suggesting import suggest

if TYPE_CHECKING:
    from specbridge.sandbox.running import Running

_DOCUMENT = "specs/powerofficego-zendesk.rst"
_PACKAGE = "generated/powerofficego_zendesk"
_MAPPER = f"{_PACKAGE}/mappers/customers_to_organizations.py"
_PAGE = "audit.html"
_OPENERS = {"darwin": "open", "win32": "start"}
_CHANGES_NOTHING = ("/oauth/", "/session/", "/search", "/batch/read")
# The small world has cases that only people can decide: what is left over, and told, ends with 3.
_LEFT_OVER = (0, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo plays: a working directory, and the environment that names the sandbox."""

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *words: str, expect: Sequence[int] = (0,)) -> None:
        """Show and run a command, which prints where the demo does.

        Raises PackageError when it ends otherwise than the story says.
        """
        click.secho(f"\n$ specbridge {' '.join(words)}", bold=True)
        sys.stdout.flush()
        done = subprocess.run(
            [*_command(), *words],
            cwd=self.directory,
            # A story that stops for a pager would be no story.
            env={**os.environ, "PAGER": "cat", **self.environment},
            check=False,
        )
        if done.returncode not in expect:
            raise PackageError(f"the command ended with {done.returncode}, which is not the story")


@click.command
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Play in this directory and leave everything there.",
)
@click.option(
    "--pair",
    metavar="NAME",
    help="Play with other systems: hubspot-tripletex, or all of them in one store (all).",
)
def demo(keep: Path | None, pair: str | None) -> None:
    """Watch the main job from document to audited records.

    Needs nothing but this installation: both systems are servers on loopback, and everything is
    written to a temporary directory, but for the page of the audit: that is put into .specbridge.

    \b
    Examples:
      specbridge demo
      specbridge demo --keep /tmp/story
      specbridge demo --pair hubspot-tripletex
      specbridge demo --pair all
    """
    play = _play if pair is None else partial(_play_pair, _find_pair(pair))
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        play(keep)
        _end(keep / _PAGE)
        return
    with tempfile.TemporaryDirectory(prefix="specbridge-") as directory:
        play(Path(directory))
        _end(_put_aside(Path(directory) / _PAGE))


def _find_pair(name: str) -> "pairs.Pair":
    known, turned = pairs.pair_names(), "-".join(sorted(name.split("-")))
    if turned not in known:
        raise SettingsError(f"there is no pair {name}; {suggest(turned, known)}")
    return pairs.find_pair(turned)


def _play_pair(pair: "pairs.Pair", directory: Path) -> None:
    """Play the same story with the documents of other systems, told in few words."""
    with needing_extra("the demo", "sandbox"):
        from specbridge.sandbox.options import SandboxOptions
        from specbridge.sandbox.running import running_sandbox
    pairs.write_project(pair, directory)
    names = ", ".join(pair.documents)
    _tell("1. The documents become typed Python", f"They are {names}.")
    Stage(directory=directory).run("generate")
    with running_sandbox(SandboxOptions(systems=pair.further)) as sandbox:
        stage = Stage(directory=directory, environment=sandbox.environment)
        _tell("2. The first sync", "Somebody has entered a firm into one of the systems.")
        stage.run(*pairs.entering(pair))
        stage.run("sync", expect=_LEFT_OVER)
        found = pairs.held(pair, sandbox)
        if set(found.values()) != {1}:
            raise PackageError(f"the firm that was entered once is there so often: {found}")
        _tell("3. People rename firms", "Through each vendor's own API.")
        for words in pairs.edits(pair, sandbox):
            stage.run(*words)
        _tell(
            "4. The second sync carries the edits across", "Each to all systems that have the firm."
        )
        stage.run("sync", expect=_LEFT_OVER)
        _third_sync(stage, pairs.running(pair, sandbox))
        _tell("6. The audit checks each statement of the documents", "Record by record.")
        stage.run("audit", "--html", _PAGE, expect=_LEFT_OVER)


def _play(directory: Path) -> None:
    with needing_extra("the demo", "sandbox"):
        from specbridge.sandbox.options import SandboxOptions
        from specbridge.sandbox.running import running_sandbox
    _generate(Stage(directory=directory))
    with running_sandbox(SandboxOptions()) as sandbox, People(sandbox.environment) as people:
        stage = Stage(directory=directory, environment=sandbox.environment)
        _first_sync(stage)
        _edit(people)
        _second_sync(stage)
        _third_sync(stage, (sandbox.poweroffice, sandbox.zendesk))
        _audit(stage)


def _generate(stage: Stage) -> None:
    _tell(
        "1. A dataflow document becomes typed Python",
        f"The document is {_DOCUMENT}; one of its mappers is shown below.",
    )
    shipped = shipped_folder("example")
    for name in ("pyproject.toml", _DOCUMENT):
        place = stage.directory / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes((shipped / name).read_bytes())
    stage.run("generate")
    click.secho(f"\n$ cat {_MAPPER}", bold=True)
    click.echo((stage.directory / _MAPPER).read_text(encoding="utf-8"), nl=False)


def _first_sync(stage: Stage) -> None:
    _tell(
        "2. The first sync links and creates",
        "Two systems, as they are on the day you connect them. What cannot be decided without doubt -"
        " two customers of one name, one address of two people - is left over and said.",
    )
    stage.run("plan", expect=_LEFT_OVER)
    stage.run("sync", expect=_LEFT_OVER)


def _edit(people: People) -> None:
    _tell("3. People edit records in both systems", "Through each vendor's own API, one by one.")
    for deed in people.edit():
        click.echo(f"  - {deed}")


def _second_sync(stage: Stage) -> None:
    _tell(
        "4. The second sync carries the edits across",
        "Where both ends of a property were edited, the later edit stays and the other is kept in a journal.",
    )
    stage.run("sync", expect=_LEFT_OVER)
    stage.run("conflicts", "--all", expect=_LEFT_OVER)


def _third_sync(stage: Stage, served: "Sequence[Running]") -> None:
    _tell("5. The third sync has nothing to do", "Nothing changed, so nothing is written.")
    before = sum(map(_writes_of, served))
    stage.run("sync", expect=_LEFT_OVER)
    writes = sum(map(_writes_of, served)) - before
    # The demo must not tell what is not so: the servers counted.
    if writes:
        raise PackageError(f"a sync of unchanged systems made {writes} writes")


def _audit(stage: Stage) -> None:
    _tell(
        "6. The audit checks each statement of the document", "On both systems, record by record."
    )
    stage.run("audit", "--html", _PAGE, expect=_LEFT_OVER)


def _writes_of(system: "Running") -> int:
    entries = system.request_log.entries
    # Signing in and searching are POSTs that change nothing.
    return sum(
        method != "GET" and not any(word in path.lower() for word in _CHANGES_NOTHING)
        for method, path, _ in entries
    )


def _put_aside(page: Path) -> Path:
    """Copy the audit's page to where it stays, in a folder that no repository takes in."""
    place = open_shelf(Path(SHELF)) / page.name
    shutil.copyfile(page, place)
    return place


def _end(page: Path) -> None:
    here = Path.cwd()
    shown = page.relative_to(here) if page.is_relative_to(here) else page
    opener = _OPENERS.get(sys.platform, "xdg-open")
    click.secho("\nThat is all. The same commands work on your own documents.", bold=True)
    click.echo(f"The audit's page is {shown}; to look at it in a browser:\n  {opener} {shown}")


def _command() -> Sequence[str]:
    # The script beside this Python, so that what it says to do next can be pasted; `specbridge` alone may
    # not be on the path, or be another installation.
    script = Path(sys.executable).with_name("specbridge")
    return (str(script),) if script.exists() else (sys.executable, "-m", "specbridge")


def _tell(title: str, text: str) -> None:
    click.secho(f"\n{title}", fg="cyan", bold=True)
    click.echo(text)
