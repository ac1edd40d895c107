"""`specbridge doctor`: whether both systems of a package can be worked with."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.cli.company import company_option
from specbridge.cli.next_steps import Step, given, print_next
from specbridge.cli.printing import print_json
from specbridge.cli.used_profiles import used_profiles
from specbridge.errors import (
    AuthenticationError,
    SettingsError,
    SurroundingsError,
)
from specbridge.model.profile import Profile
from specbridge.model.values import Path as PropertyPath
from specbridge.runtime.records import Finding
from specbridge.settings import Settings, load_settings_for

if TYPE_CHECKING:
    from specbridge.cli.runs.progress import Progress
    from specbridge.runtime.connectors.diagnosis import Used
    from specbridge.runtime.flow import AnyFlow

_UNWELL = 5


@click.command
@click.argument("package")
@company_option
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and no word on what is next.")
def doctor(package: str, company: str | None, as_json: bool, quiet: bool) -> None:
    """Check credentials, reachability, privileges and clock of the systems of PACKAGE.

    PACKAGE is a directory or an import path. Nothing is written anywhere. Exit code 5 if anything is
    not well.

    \b
    Examples:
      specbridge doctor generated/powerofficego_zendesk
      specbridge doctor generated.powerofficego_zendesk --json
    """
    from specbridge.cli.runs.progress import Progress

    settings = load_settings_for(package)
    profiles, used = _systems_of(package, settings)
    environment = _environment(package, company, settings, profiles)
    labels = {name: one.labels[0] for name, one in profiles.items() if one.labels}
    progress = Progress(labels, quiet=quiet)
    with progress.shown():
        findings = {
            name: tuple(_examine(one, used[name], environment, progress))
            for name, one in profiles.items()
        }
    well = all(one.well for found in findings.values() for one in found)
    if as_json:
        print_json(_to_json(findings, well))
    else:
        _print(findings, labels)
        if not quiet:
            print_next(*_follow(given(package, company=company), well))
    if not well:
        raise SystemExit(_UNWELL)


def _systems_of(
    package: str, settings: Settings
) -> tuple[Mapping[str, Profile], Mapping[str, "Used"]]:
    """Return the profiles of the systems that the package's flows name, and what the flows use of them."""
    # Imported here: `--help` must not wait for what only an examination needs.
    from specbridge.profiles.load import load_profiles
    from specbridge.runtime.package import load_package

    known = load_profiles(settings.profile_paths)
    _, flows = load_package(package, settings.root)
    profiles = used_profiles(package, flows, known)
    return profiles, {name: _used_of(name, flows) for name in profiles}


def _environment(
    package: str, company: str | None, settings: Settings, profiles: Mapping[str, Profile]
) -> Mapping[str, str]:
    """Return the variables of the company that is meant; raises SettingsError where there is no such company."""
    from specbridge.companies.environment import environment_of
    from specbridge.companies.finding import check_runs, choose_company

    chosen = choose_company(company, settings, os.environ)
    check_runs(chosen, Path(package).name.rpartition(".")[2])
    return environment_of(chosen, profiles, os.environ)


def _used_of(system: str, flows: "Sequence[AnyFlow]") -> "Used":
    """Return the properties of a system's resources that flows map or link by."""
    found: dict[str, set[PropertyPath]] = {}
    for flow in flows:
        pairs = [(row.source, row.target) for row in flow.properties]
        pairs += [(rule.source, rule.target) for rule in flow.link_rules]
        for place, side in enumerate((flow.source, flow.target)):
            if side.system == system:
                found.setdefault(side.resource, set()).update(pair[place] for pair in pairs)
    return {name: frozenset(paths) for name, paths in found.items()}


def _examine(
    profile: Profile, used: "Used", environment: Mapping[str, str], progress: "Progress"
) -> Iterator[Finding]:
    from specbridge.runtime.connectors.build import build_connector
    from specbridge.runtime.connectors.transport.access import ConnectorOptions
    from specbridge.runtime.reports.observing import SILENT

    progress.expect(f"examining {profile.name}", lambda: 0)
    options = ConnectorOptions(observer=progress.observing(SILENT))
    try:
        connector = build_connector(profile, environment, options)
    except (AuthenticationError, SettingsError, SurroundingsError) as error:
        # Without an address and credentials there is nobody to ask; the other system still is.
        yield Finding(subject="environment", well=False, message=str(error))
        return
    try:
        yield Finding(subject="environment", well=True, message="address and credentials are set")
        yield from connector.diagnose(used)
    finally:
        connector.close()


def _follow(words: Sequence[str], well: bool) -> Iterator[Step]:
    if well:
        yield Step("see what a sync would do", ("plan", *words))
    else:
        yield Step("mend what is marked NO, then look again", ("doctor", *words))


def _print(findings: Mapping[str, Sequence[Finding]], labels: Mapping[str, str]) -> None:
    for system, found in findings.items():
        click.secho(labels.get(system, system), bold=True)
        for one in found:
            click.echo(f"  {_mark(one)} {one.subject}: {one.message}")


def _mark(finding: Finding) -> str:
    if not finding.well:
        return click.style("NO ", fg="red")
    return click.style("!  ", fg="yellow") if finding.warning else click.style("ok ", fg="green")


def _to_json(findings: Mapping[str, Sequence[Finding]], well: bool) -> dict[str, object]:
    return {
        "well": well,
        "systems": {
            system: [
                {
                    "subject": one.subject,
                    "well": one.well,
                    "warning": one.warning,
                    "message": one.message,
                }
                for one in found
            ]
            for system, found in findings.items()
        },
    }
