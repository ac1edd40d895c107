"""`specbridge serve`: takes webhooks in until the process is told to end."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.cli.extras import needing_extra
from specbridge.cli.logs import configure_logs
from specbridge.cli.printing import print_json
from specbridge.cli.service.addresses import host_option, own_address, public_address
from specbridge.cli.store_place import store_url
from specbridge.companies.variables import read_variables
from specbridge.errors import SettingsError
from specbridge.model.profile import Profile
from specbridge.settings import Settings, load_settings

if TYPE_CHECKING:
    from specbridge.service.webhooks.checking import DoorFinding
    from specbridge.service.webhooks.doors import Door

_UNWELL = 5

Environments = Mapping[str, Mapping[str, str]]
Profiles = Mapping[str, Profile]


@click.command
@click.option("--store", metavar="URL", help="SQLAlchemy URL of the store.")
@host_option
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@click.option(
    "--address",
    metavar="URL",
    help="What the systems know this service by, e.g. https://sync.example; default: where it listens.",
)
@click.option(
    "--company",
    "companies",
    multiple=True,
    metavar="NAME=FILE",
    help="A company and its file of NAME=value lines; default: all that the settings name.",
)
@click.option(
    "--check", is_flag=True, help="Ask the systems whether webhooks deliver here, and end."
)
@click.option("--json", "as_json", is_flag=True, help="Print what --check finds as JSON.")
@click.option("-v", "--verbose", count=True, help="Log what comes in.")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def serve(  # noqa: PLR0913  # one parameter per option
    *,
    store: str | None,
    host: str,
    port: int,
    address: str | None,
    companies: tuple[str, ...],
    check: bool,
    as_json: bool,
    verbose: int,
    log_format: str,
) -> None:
    """Take webhooks in until SIGTERM or Ctrl-C, so that an edit arrives in seconds.

    A webhook wakes a record: the next run of `sync` reads it by its id, and `sync --watch` begins one at once
    (docs/webhooks.md). Systems deliver to /hooks/SYSTEM, those of a named company to /hooks/SYSTEM/COMPANY.
    Secrets come from the environment: ZENDESK_WEBHOOK_SECRET, while it is changed ZENDESK_WEBHOOK_SECRET_OLD too.

    \b
    Examples:
      specbridge serve --address https://sync.example
      specbridge serve --check --address https://sync.example
      specbridge serve --company acme=companies/acme.env --company nord=companies/nord.env
    """
    configure_logs(verbose, log_format)
    with needing_extra("`serve`", "scale"):
        from specbridge.service.webhooks import application, serving
        from specbridge.service.webhooks.waking import Intake
    from specbridge.cli.running import stopped_by_signals
    from specbridge.profiles.load import load_profiles

    settings = load_settings(Path.cwd())
    profiles = load_profiles(settings.profile_paths)
    environments = _environments(companies, settings, profiles)
    doors = _doors(profiles, environments, told=address is not None)
    if check:
        known = public_address(address, own_address(host, port))
        _check(doors, environments, known, as_json=as_json)
        return
    listener = serving.bind(host, port)
    own = own_address(host, listener.getsockname()[1])
    intake = Intake(store_url(store, settings), doors)
    app = application.build_application(doors, intake, public_address(address, own))
    with stopped_by_signals() as stop, serving.serving(app, listener):
        for door in doors:
            click.echo(f"webhooks are taken in at {own}{door.path}", err=True)
        stop.wait()


def _doors(profiles: Profiles, environments: Environments, *, told: bool) -> "tuple[Door, ...]":
    """Return the doors; those whose address is signed are left out where nobody told it."""
    from specbridge.service.webhooks.doors import open_doors

    found = open_doors(profiles, environments)
    kept = tuple(door for door in found if told or "{address}" not in door.webhooks.signed)
    for door in found:
        if door not in kept:
            name = door.profile.name
            click.echo(f"{name} signs the address as well: say --address to take it in", err=True)
    if not kept:
        raise SettingsError("no webhook can be taken in without --address")
    return kept


def _environments(companies: Sequence[str], settings: Settings, profiles: Profiles) -> Environments:
    """Return each company's variables by its name; the one without a name has this process's."""
    if not companies:
        return _stated_environments(settings, profiles)
    found: dict[str, Mapping[str, str]] = {}
    for text in companies:
        name, _, path = text.partition("=")
        if not name or not path:
            raise SettingsError(f"--company {text}: must be NAME=FILE")
        if name in found:
            raise SettingsError(f"--company {name} is there twice")
        found[name] = read_variables(Path(path))
    return found


def _stated_environments(settings: Settings, profiles: Profiles) -> Environments:
    """Return the variables of the companies that the settings name; one that is at fault stops no other."""
    from specbridge.companies.environment import environment_of
    from specbridge.companies.finding import find_companies, has_companies

    if not has_companies(settings):
        return {"": os.environ}
    found: dict[str, Mapping[str, str]] = {}
    for name, company in find_companies(settings).items():
        try:
            found[name] = environment_of(company, profiles, os.environ)
        except SettingsError as error:
            click.echo(f"no webhook is taken in for {name}: {error}", err=True)
    return found


def _check(
    doors: "Sequence[Door]", environments: Environments, address: str, *, as_json: bool
) -> None:
    from specbridge.service.webhooks.checking import check_doors

    findings = list(check_doors(doors, environments, address))
    if as_json:
        print_json({"webhooks": [_as_json(one) for one in findings]})
    else:
        for one in findings:
            mark = {True: "well", False: "NO  ", None: "?   "}[one.well]
            click.echo(f"{mark} {one.door.profile.name} {one.address}: {one.message}")
    if any(one.well is False for one in findings):
        raise SystemExit(_UNWELL)


def _as_json(finding: "DoorFinding") -> dict[str, str | bool | None]:
    return {
        "system": finding.door.profile.name,
        "company": finding.door.company,
        "address": finding.address,
        "well": finding.well,
        "message": finding.message,
    }
