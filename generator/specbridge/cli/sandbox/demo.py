"""`specbridge demo`: the main job, told with the real commands on a sandbox of both systems.

Everything shown is what a user would type; the demo only starts the sandbox, edits records through
the vendors' own APIs as people would, and reads the commands' `--json` answers to go on.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from specbridge.cli.sandbox.people import People
from specbridge.errors import MissingExtraError, PackageError
from specbridge.shipped import shipped_folder

_DOCUMENT = "powerofficego-zendesk.rst"
# Not `specbridge`: it may not be on the path, or be another installation.
_COMMAND = (sys.executable, "-m", "specbridge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo plays: a working directory, and the environment that names the sandbox."""

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *words: str, expect: Sequence[int] = (0,)) -> str:
        """Show and run a command; return what it prints.

        Raises PackageError when it ends otherwise than the story says, with all it printed.
        """
        click.secho(f"\n$ specbridge {' '.join(words)}", bold=True)
        done = subprocess.run(
            [*_COMMAND, *words],
            cwd=self.directory,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in expect:
            raise PackageError(f"the command ended with {done.returncode}:\n{done.stderr}")
        # What it warns of is part of the story; the logs of a run are not.
        if words[0] == "generate":
            click.echo(_indent(done.stderr), nl=False)
        return done.stdout

    def run_json(self, *words: str, expect: Sequence[int] = (0,)) -> dict[str, Any]:
        """Run a command with `--json` and return its answer."""
        answer: dict[str, Any] = json.loads(self.run(*words, "--json", expect=expect))
        return answer


@click.command
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Play in this directory and leave everything there.",
)
def demo(keep: Path | None) -> None:
    """Watch the main job from document to synced records.

    Needs nothing but this installation: both systems are servers on loopback, and everything is
    written to a temporary directory.

    \b
    Examples:
      specbridge demo
      specbridge demo --keep /tmp/story
    """
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        _play(keep)
        return
    with tempfile.TemporaryDirectory(prefix="specbridge-") as directory:
        _play(Path(directory))


def _play(directory: Path) -> None:
    try:
        from specbridge.sandbox.options import SandboxOptions
        from specbridge.sandbox.running import running_sandbox
    except ImportError as error:
        raise MissingExtraError(f"the demo needs {error.name}, which", "sandbox") from error
    _generate(Stage(directory=directory))
    with running_sandbox(SandboxOptions()) as sandbox, People(sandbox.environment) as people:
        stage = Stage(directory=directory, environment=sandbox.environment)
        _first_sync(stage)
        _edit(people)
        _second_sync(stage)
        _third_sync(stage)
        _audit(stage)
    click.secho("\nThat is all. The same commands work on your own documents.", bold=True)


def _generate(stage: Stage) -> None:
    _tell(
        "1. A dataflow document becomes typed Python",
        "Blank labels are read as Zendesk and said so; rows that no API could obey are held.",
    )
    (stage.directory / _DOCUMENT).write_bytes(_document().encode())
    stage.run("generate", _DOCUMENT, "-o", "generated")
    modules = sorted((stage.directory / "generated").rglob("*_to_*.py"))
    for module in modules:
        click.echo(f"  {module.relative_to(stage.directory)}")
    mapper = next(path for path in modules if path.match("mappers/contactperson_to_users.py"))
    click.echo(_indent(mapper.read_text(encoding="utf-8")))


def _first_sync(stage: Stage) -> None:
    _tell(
        "2. The first sync links and creates",
        "Two systems, as they are on the day you connect them. What cannot be decided without doubt -"
        " two customers of one name, where Zendesk wants names to be unique - is left over and said.",
    )
    # 3: the small world has cases that only people can decide.
    report = stage.run_json("sync", "generated/powerofficego_zendesk", expect=(0, 3))
    _show(report)
    click.echo(_indent(stage.run("dead-letters", expect=(0, 3))))


def _edit(people: People) -> None:
    _tell("3. People edit records in both systems", "Through each vendor's own API, one by one.")
    for deed in people.edit():
        click.echo(f"  - {deed}")


def _second_sync(stage: Stage) -> None:
    _tell(
        "4. The second sync carries the edits across",
        "Where both ends of a property were edited, the later edit stays and the other is journalled.",
    )
    # 0: the edits have given apart what shared a name.
    report = stage.run_json("sync", "generated/powerofficego_zendesk", "--actions", expect=(0,))
    _show(report)
    for action in report["actions"]:
        click.echo(f"  {_action(action)}")
    click.echo(_indent(stage.run("conflicts", "--all", expect=(0, 3))))


def _third_sync(stage: Stage) -> None:
    _tell("5. The third sync has nothing to do", "Nothing changed, so nothing is written.")
    report = stage.run_json("sync", "generated/powerofficego_zendesk")
    _show(report)
    writes = sum(usage["write"] for usage in report["requests"].values())
    # The demo must not tell what is not so.
    if writes:
        raise PackageError(f"a sync of unchanged systems made {writes} writes")
    click.secho("  0 writes.", fg="green")


def _audit(stage: Stage) -> None:
    _tell(
        "6. The audit checks each statement of the document", "On both systems, record by record."
    )
    report = stage.run_json("audit", "generated/powerofficego_zendesk")
    for statement in report["statements"]:
        mark = "held" if statement["held"] else "holds" if not statement["fails"] else "FAILS"
        counts = f"{statement['holds']} of {statement['checked']}"
        click.echo(f"  {mark:<6}{counts:>10}  {statement['flow']}: {statement['text'][:90]}")


def _document() -> str:
    """Return the example that ships with the package."""
    return (shipped_folder("example") / _DOCUMENT).read_text(encoding="utf-8")


def _tell(title: str, text: str) -> None:
    click.secho(f"\n{title}", fg="cyan", bold=True)
    click.echo(text)


def _indent(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.rstrip().splitlines())


def _show(report: Mapping[str, Any]) -> None:
    click.echo(f"  {'flow':<30}{'linked':>8}{'created':>9}{'updated':>9}{'left over':>11}")
    for flow in report["flows"]:
        created = sum(flow["created"].values())
        updated = sum(flow["updated"].values())
        left = flow["dead_letters"] + flow["ambiguous"] + flow["waiting"]
        click.echo(f"  {flow['name']:<30}{flow['linked']:>8}{created:>9}{updated:>9}{left:>11}")
    for system, usage in report["requests"].items():
        click.echo(f"  {system}: {usage['read']} reads, {usage['write']} writes")


def _action(action: Mapping[str, Any]) -> str:
    before, after = action.get("before") or {}, action.get("after") or {}
    changes = ", ".join(f"{key}: {before.get(key)!r} -> {value!r}" for key, value in after.items())
    return f"{action['kind']} {action['side']} {action['id'] or ''} {changes}".rstrip()
