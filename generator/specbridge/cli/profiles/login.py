"""`specbridge login`: a person signs in to a system, once, in a browser."""

import os
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.cli.company import company_option
from specbridge.cli.next_steps import Step, print_next
from specbridge.companies.environment import environment_of
from specbridge.companies.finding import choose_company
from specbridge.profiles.load import find_profile
from specbridge.settings import load_settings

if TYPE_CHECKING:
    from specbridge.runtime.connectors.transport.credentials.grants import Invitation

_PATIENCE = 300.0


@click.command
@click.argument("system", metavar="SYSTEM|FILE")
@company_option
@click.option(
    "--paste",
    is_flag=True,
    help="Ask for the address at which the browser ends, on a machine without one.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
@click.option(
    "--wait",
    type=click.FloatRange(min=1.0),
    default=_PATIENCE,
    show_default=True,
    metavar="SECONDS",
)
def login(system: str, company: str | None, paste: bool, no_browser: bool, wait: float) -> None:
    """Sign in to a system whose profile has an [[auth]] of style authorization-code.

    What is kept is a refresh token, in a file of yours (mode 0600, below SPECBRIDGE_TOKENS); with
    SPECBRIDGE_KEY it is encrypted. Needs the extra `oauth`.

    \b
    Examples:
      specbridge login ledgerly
      specbridge login ledgerly --paste
    """
    from specbridge.runtime.connectors.build import signing_in

    settings = load_settings(Path.cwd())
    profile = find_profile(system, settings.profile_paths)
    chosen = choose_company(company, settings, os.environ)
    environment = environment_of(chosen, {profile.name: profile}, os.environ)
    with signing_in(profile, environment) as signing:
        if paste:
            arrived = _ask(signing.invitation)
        else:
            arrived = _await(signing.invitation, wait, browse=not no_browser)
        path = signing.finish(arrived)
    click.echo(f"{profile.name}: signed in; the refresh token is kept in {path}")
    print_next(Step("try the profile on the live system", ("profile", "probe", system)))


def _ask(invitation: "Invitation") -> str:
    click.echo(f"open this address, and sign in:\n\n  {invitation.url}\n")
    answer: str = click.prompt("the address at which the browser ends", hide_input=True)
    return answer.strip()


def _await(invitation: "Invitation", seconds: float, *, browse: bool) -> str:
    from specbridge.cli.profiles.arriving import awaiting

    with awaiting(invitation.redirect_url, invitation.state) as arrivals:
        click.echo(f"open this address, and sign in:\n\n  {invitation.url}\n")
        if browse:
            webbrowser.open(invitation.url)
        return arrivals.wait(seconds)
