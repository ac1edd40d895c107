"""The answer to a shell: commands and options from the table, values from where they are kept."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class, shell_complete

from specbridge.cli.completing import VARIABLE, values
from specbridge.errors import SettingsError

TABLE = Path(__file__).with_name("commands.json")
"""The commands with their parameters; a test holds it to the commands themselves."""

SHELLS = ("bash", "zsh", "fish")

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_ARGUMENTS: Mapping[str, values.Source] = {
    "package": values.find_packages,
    "packages": values.find_packages,
    "flow": values.find_flows,
    "run": values.find_runs,
    "code": values.find_codes,
    "number": values.find_conflicts,
    "name": values.find_systems,
    "system": values.find_systems,
    "resource": values.find_resources,
}
"""What stands for an argument of a name, in whichever command."""

_OPTIONS: Mapping[str, values.Source] = {
    "--flow": values.find_flows,
    # What the store knows, where an argument of that name is a folder.
    "--package": values.find_known_packages,
    "--company": values.find_companies,
    "--side": values.find_sides,
}


def answer(instruction: str) -> int:
    """Answer what a shell asks, `bash_complete` say, on stdout; return the exit code."""
    return int(
        shell_complete(_build("specbridge", _table()), {}, "specbridge", VARIABLE, instruction)
    )


def script(shell: str) -> str:
    """Return what a shell is to read, so that it asks. Raises SettingsError for an unknown shell."""
    found = get_completion_class(shell)
    if found is None or shell not in SHELLS:
        raise SettingsError(f"no completion for {shell}: one of {', '.join(SHELLS)}")
    made = found(click.Command("specbridge"), {}, "specbridge", VARIABLE)
    # Not `source()`: that of bash starts one, to see how old it is.
    return made.source_template % made.source_vars()


class _Group(click.Group):
    """A group whose commands are built from the table when they are asked for."""

    def __init__(self, described: Mapping[str, Any], **more: Any) -> None:
        super().__init__(**more)
        self._described = described

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._described)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = self._described.get(cmd_name)
        return None if found is None else _build(cmd_name, found)


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


def _build(name: str, described: Mapping[str, Any]) -> click.Command:
    params = [_param(one) for one in described["params"]]
    more: dict[str, Any] = {"name": name, "short_help": described["help"], "params": params}
    if "commands" in described:
        # A group may do something by itself, as `links`: what follows need not be a command.
        return _Group(described["commands"], invoke_without_command=True, **more)
    return click.Command(**more)


def _param(described: Mapping[str, Any]) -> click.Parameter:
    more: dict[str, Any] = {"type": _type(described), "shell_complete": _completer(described)}
    if "options" not in described:
        nargs = described["nargs"]
        return click.Argument([described["name"]], nargs=nargs, required=False, **more)
    names = [*described["options"], described["name"]]
    if described["bare"]:
        return click.Option(names, is_flag=True, flag_value="yes", help=described["help"])
    return click.Option(names, multiple=described["multiple"], help=described["help"], **more)


def _type(described: Mapping[str, Any]) -> "click.ParamType[Any] | None":
    if "choices" in described:
        return click.Choice(described["choices"])
    if "path" in described:
        return click.Path(file_okay=described["path"] == "file")
    return None


def _source(described: Mapping[str, Any]) -> values.Source | None:
    if "options" not in described:
        return _ARGUMENTS.get(described["name"])
    return next((_OPTIONS[one] for one in described["options"] if one in _OPTIONS), None)


def _completer(described: Mapping[str, Any]) -> Completer | None:
    source = _source(described)
    if "choices" in described or "path" in described or source is None:
        return None

    def complete(
        context: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        found = source(_given(context))
        items = [
            CompletionItem(one.text, help=one.help or None)
            for one in found
            if one.text.startswith(incomplete) and one.text.isprintable()
        ]
        # A folder that lies elsewhere: the shell knows it.
        elsewhere = not items and source is values.find_packages
        return [CompletionItem(incomplete, type="dir")] if elsewhere else items

    return complete


def _given(context: click.Context) -> values.Given:
    """Return what was typed before, of this command and those above."""
    typed: dict[str, Any] = {}
    above: click.Context | None = context
    while above is not None:
        typed = {**{name: one for name, one in above.params.items() if one}, **typed}
        above = above.parent
    texts = {name: typed.get(name) for name in ("package", "store", "system")}
    return values.Given(
        **{name: text if isinstance(text, str) else None for name, text in texts.items()}
    )
