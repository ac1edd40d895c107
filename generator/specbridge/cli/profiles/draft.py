"""`specbridge profile draft`: a profile begun from an OpenAPI description."""

import os
from pathlib import Path

import click

from specbridge.errors import MissingExtraError, ProfileError
from specbridge.profiles.load import read_text


@click.command()
@click.argument("openapi", metavar="OPENAPI")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@click.option("--name", default="", help="The profile's name; by default made of the title.")
@click.option("--only", multiple=True, metavar="RESOURCE", help="Draft this kind of record alone.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def draft(openapi: str, out: Path | None, name: str, only: tuple[str, ...], force: bool) -> None:
    """Draft a profile from an OpenAPI description (3.0 or 3.1, JSON or YAML).

    Kinds of records, ids, types, what is read-only or required, references and calls are taken from the
    description. What a person must decide stands in the draft as `decide.…`, with the candidates that
    were found; `profile check` refuses the file until all of them are deleted.

    \b
    Examples:
      specbridge profile draft vendor.openapi.json --out profiles/ledgerly.toml
      specbridge profile draft vendor.yaml --name ledgerly --only Buyers --only Agents
    """
    try:
        from specbridge.drafting.description import describe_faults, read_description
        from specbridge.drafting.drafting import draft_profile
        from specbridge.drafting.rendering import write_draft
    except ImportError as error:
        raise MissingExtraError(f"{error.name}, which drafts need,", "draft") from error
    description = read_description(read_text(Path(openapi)), openapi)
    for line in describe_faults(description, openapi):
        click.echo(line, err=True)
    drafted = draft_profile(description, name, only)
    text = write_draft(drafted)
    if out is None:
        click.echo(text, nl=False)
        return
    _write(out, text, force=force)
    resources = drafted.profile.resources
    count = sum(len(resource.properties) for resource in resources)
    told = f"resources: {len(resources)}, properties: {count}, to decide: {len(drafted.marks)}"
    click.echo(f"{out}: {told}", err=True)


def _write(out: Path, text: str, *, force: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        with os.fdopen(os.open(out, flags, 0o666), "w", encoding="utf-8") as handle:
            handle.write(text)
    except FileExistsError:
        raise ProfileError(f"{out}: is there already; --force writes over it") from None
    except OSError as error:
        raise ProfileError(f"{out}: cannot be written: {error.strerror}") from error
