"""The table of the commands, made from the commands themselves; a test holds both to one another.

`python -m tests.cli.describing` writes it anew.
"""

import json

import click
from specbridge.cli.completing.answer import TABLE
from specbridge.cli.main import main

Described = dict[str, object]
"""A command as JSON: `help`, `params`, and of a group its `commands` by name."""


def describe(command: click.Command, context: click.Context | None = None) -> Described:
    """Return a command with its parameters, a group with all that are below it."""
    own = click.Context(command, parent=context, info_name=command.name)
    shown: Described = {
        "help": command.get_short_help_str(100),
        "params": [_describe_param(one) for one in command.get_params(own) if not _is_help(one)],
    }
    if isinstance(command, click.Group):
        below = {name: command.get_command(own, name) for name in command.list_commands(own)}
        shown["commands"] = {name: describe(one, own) for name, one in below.items() if one}
    return shown


def render(command: click.Command) -> str:
    """Return the table's text."""
    return json.dumps(describe(command), indent=1, ensure_ascii=False) + "\n"


def _describe_param(param: click.Parameter) -> Described:
    shown: Described = {"name": param.name, "nargs": param.nargs}
    if isinstance(param, click.Option):
        shown["options"] = [*param.opts, *param.secondary_opts]
        shown["help"] = param.help or ""
        shown["bare"] = param.is_flag or param.count
        shown["multiple"] = param.multiple
    if isinstance(param.type, click.Choice):
        shown["choices"] = [str(one) for one in param.type.choices]
    if isinstance(param.type, click.Path):
        shown["path"] = "file" if param.type.file_okay else "dir"
    return shown


def _is_help(param: click.Parameter) -> bool:
    return "--help" in param.opts


if __name__ == "__main__":
    TABLE.write_text(render(main), encoding="utf-8")
