"""`explain`: the page of a problem's code."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

import click

from specbridge.errors import SettingsError
from specbridge.shipped import shipped_folder


@click.command(epilog="Examples: `specbridge explain W303`, `specbridge explain`.")
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Print the page of a problem's CODE: what it means, an example, its mend. Without CODE, list all."""
    if code is None:
        click.echo("\n".join(f"{code} {title}" for code, title in list_titles().items()))
        return
    path = shipped_folder("problems") / f"{code.upper()}.md"
    if code.upper() not in _list_codes():
        raise SettingsError(f"{code}: there is no such code{_meant(code)}")
    click.echo(path.read_text(encoding="utf-8"), nl=False)


def _list_codes() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in shipped_folder("problems").glob("[EW]*.md")))


def list_titles() -> Mapping[str, str]:
    """Return what the problems' codes are about, in their order, as the first lines of their pages say."""
    return {code: _title(shipped_folder("problems") / f"{code}.md") for code in _list_codes()}


def _title(page: Path) -> str:
    with page.open(encoding="utf-8") as text:
        return text.readline().removeprefix(f"# {page.stem}").strip()


def _meant(code: str) -> str:
    close = get_close_matches(code.upper(), _list_codes(), n=3)
    return f"; did you mean {' or '.join(close)}?" if close else " (`specbridge explain` lists all)"
