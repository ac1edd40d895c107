"""Which company a command is about: its option; no driver is loaded for it."""

import click

company_option = click.option(
    "--company", metavar="NAME", help="Company (docs/companies.md); default $SPECBRIDGE_COMPANY."
)
