"""`specbridge sandbox`: both APIs on loopback until the process is told to end."""

import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specbridge.cli.extras import needing_extra
from specbridge.cli.sandbox.background import PAGE, pid_line, start, stop
from specbridge.cli.sandbox.editing import add, delete, edit, show
from specbridge.cli.sandbox.shelf import ENV_FILE, open_shelf
from specbridge.errors import SettingsError

if TYPE_CHECKING:
    from specbridge.model.profile import Profile
    from specbridge.sandbox.options import SandboxOptions


@click.group(invoke_without_command=True)
@click.option(
    "--records", type=click.IntRange(min=0), help="Add generated records up to N customers."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of records and faults.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="[SYSTEM:]KIND=AMOUNT[*TIMES]",
    help="A fault on request, e.g. 429=0.2, zendesk:500=1*3, reset-after-commit=0.1, latency=50ms.",
)
@click.option(
    "--limits",
    type=click.Choice(["high-volume", "enterprise", "off"]),
    default="high-volume",
    show_default=True,
    help="Whose rate limits are kept.",
)
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the environment there once both answer; printed where missing.",
)
@click.option(
    "--background",
    is_flag=True,
    help="Return once both answer; `specbridge sandbox stop` ends it. Writes .specbridge/sandbox.env.",
)
@click.option(
    "--withhold",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long Zendesk's exports hold changes back; 0 shows them at once.",
)
@click.option(
    "--otherwise",
    "doubts",
    multiple=True,
    metavar="DOUBT",
    help="Do the other of two things where the documentation leaves it open (docs/sandbox.md).",
)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Serve a system too that is as this profile says.",
)
@click.option(
    "--systems",
    default="",
    metavar="NAME[,NAME]",
    help="Serve these too: hubspot, tripletex.",
)
@click.option("--webhooks", metavar="URL", default="", help="Have Zendesk deliver webhooks there.")
@click.option(
    "--webhook-secret-env",
    metavar="NAME",
    default="",
    help="The variable of the secret that signs them; made up and told where missing.",
)
@click.option("--poweroffice-port", type=click.IntRange(0, 65535), default=0)
@click.option("--zendesk-port", type=click.IntRange(0, 65535), default=0)
@click.pass_context
def sandbox(
    ctx: click.Context,
    /,
    *,
    env_file: Path | None,
    background: bool,
    profiles: tuple[Path, ...],
    **given: Any,
) -> None:
    """Serve both APIs on loopback until SIGTERM or Ctrl-C.

    \b
    Examples:
      specbridge sandbox --background
      specbridge sandbox --env-file .specbridge/sandbox.env
      specbridge sandbox --records 2000 --fault 429=0.2 --fault zendesk:half-done-job=0.3
      specbridge sandbox --profile profiles/ledgerly.toml --env-file .specbridge/sandbox.env
      specbridge sandbox edit zendesk Users 19800000000007 name="Ingrid Nord"
      specbridge sandbox --systems hubspot,tripletex
      specbridge sandbox --webhooks http://127.0.0.1:8080/hooks/zendesk --fault webhook-repeated=0.2

    Faults can be replaced while it runs: POST {"faults": ["500=0.5"]} to /_sandbox/faults of
    each server; /_sandbox/clock and /_sandbox/world are there too.

    With --profile a system of your own is served beside them, as its profile says that it is. That
    proves the profile against itself, and nothing of the system.
    """
    # A command of its own is about a sandbox that runs already.
    if ctx.invoked_subcommand is not None:
        return
    if background:
        start(sys.argv[1:], env_file or ENV_FILE)
        return
    options = _read_options(given)
    try:
        _serve(options, _read_profiles(profiles), env_file)
    # A fault that the grammar does not hold; a port in use and files are told as all that is refused.
    except ValueError as error:
        raise SettingsError(str(error)) from error


for command in (show, edit, add, delete, stop):
    sandbox.add_command(command)


def _read_options(given: Mapping[str, Any]) -> "SandboxOptions":
    """Return what the command's options say; raises SettingsError for a doubt that nobody knows."""
    with needing_extra("the sandbox", "sandbox"):
        from specbridge.sandbox.doubts import Doubt
        from specbridge.sandbox.options import LimitsPlan, SandboxOptions
    same = ("records", "seed", "faults", "poweroffice_port", "zendesk_port", "webhooks")
    try:
        return SandboxOptions(
            **{name: given[name] for name in same},
            limits=LimitsPlan(given["limits"]),
            withhold_seconds=given["withhold"],
            otherwise=frozenset(map(Doubt, given["doubts"])),
            systems=tuple(name.strip() for name in given["systems"].split(",") if name.strip()),
            webhook_secret=_secret(given["webhook_secret_env"]),
        )
    except ValueError as error:
        known = ", ".join(doubt.value for doubt in Doubt)
        raise SettingsError(f"{error}; known are {known}") from error


def _serve(
    options: "SandboxOptions", described: "Sequence[Profile]", env_file: Path | None
) -> None:
    with needing_extra("the sandbox", "sandbox"):
        from specbridge.sandbox.anysystem.serving import running_profiles
        from specbridge.sandbox.running import running_sandbox
    # Before the servers start: a signal meanwhile must end them in order as well.
    ended = _wait_for_signals()
    with (
        running_sandbox(options, [one.name for one in described]) as running,
        running_profiles(
            described, records=options.records, seed=options.seed, faults=options.faults
        ) as others,
    ):
        for line in others.notes:
            click.echo(f"sandbox: {line}", err=True)
        environment = {**running.environment, **others.environment}
        with _editing_page(environment, described) as page:
            _announce({**environment, PAGE: page}, env_file)
            click.echo(f"sandbox: records can be edited at {page}", err=True)
            ended.wait()


@contextmanager
def _editing_page(environment: Mapping[str, str], described: "Sequence[Profile]") -> Iterator[str]:
    from specbridge.cli.sandbox.page import serving_page
    from specbridge.cli.sandbox.reached import Reached
    from specbridge.profiles.load import load_profiles
    from specbridge.runtime.connectors.transport.environment import variable_name

    known = {**load_profiles(), **{one.name: one for one in described}}
    served = {
        name: one for name, one in known.items() if variable_name(one, "BASE_URL") in environment
    }
    with serving_page(Reached(profiles=served, environment=environment)) as page:
        yield page


def _secret(variable: str) -> str:
    if not variable:
        return secrets.token_urlsafe(32)
    if not os.environ.get(variable):
        raise SettingsError(f"--webhook-secret-env: {variable} is not set")
    return os.environ[variable]


def _read_profiles(paths: Sequence[Path]) -> "list[Profile]":
    from specbridge.profiles.load import read_profile, read_text
    from specbridge.profiles.templates import place_paths

    return [place_paths(read_profile(read_text(path), str(path)), {}) for path in paths]


def _wait_for_signals() -> threading.Event:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    return ended


def _announce(environment: Mapping[str, str], env_file: Path | None) -> None:
    text = "".join(f"{name}={value}\n" for name, value in environment.items())
    if env_file is None:
        click.echo(text, nl=False)
        return
    # Renamed into place, so that whoever waits for the file never reads half of it.
    part = open_shelf(env_file.parent) / f".{env_file.name}.part"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(f"{pid_line()}{text}")
    part.replace(env_file)
    click.echo(f"sandbox: all APIs answer; the environment is in {env_file}", err=True)
