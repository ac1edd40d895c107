"""Which store a command is about: its option, and the address that is meant; no driver is loaded for it."""

import os
from pathlib import Path

import click

from specbridge.runtime.store.opening.choosing import choose_store
from specbridge.settings import Settings, load_settings

store_option = click.option(
    "--store", metavar="URL", help="Store; default $SPECBRIDGE_STORE, settings."
)


def store_url(store: str | None, settings: Settings | None = None) -> str:
    """Return the URL of the store that is meant, by the option, the environment or the settings.

    Without `settings` those of this directory count. Raises StorePlaceError where the environment names none
    that can be read.
    """
    stated = settings or load_settings(Path.cwd())
    return choose_store(store, os.environ, stated.store, stated.root)
