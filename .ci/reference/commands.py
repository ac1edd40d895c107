"""A page for each command, from click's own tree: usage, what it does, options, examples."""

import inspect
from collections.abc import Iterable, Iterator
from itertools import groupby

import click
from specbridge.cli.main import main
from texts import plain, table, toctree

_DEPTH = 3
_INDEX = """\
# Commands

Every command, its options and what it does, as the program itself says it. `specbridge COMMAND --help` prints the same, and
`man` does where the pages of `build/man` are installed.

"""


def command_pages() -> dict[str, str]:
    """Return the pages by name: `index`, `specbridge-sync`, `specbridge-profile-check`, …"""
    contexts = list(commands())
    pages = {_name(context): _page(context) for context in contexts}
    rows = (
        (f"[`{context.command_path}`]({_name(context)}.md)", _brief(context.command))
        for context in contexts
    )
    index = _INDEX + table(("command", "what it does"), rows) + "\n" + toctree(pages)
    return {"index": index, **pages}


def briefs() -> dict[str, str]:
    """Return what each command does, in a line, by the name of its page."""
    return {_name(one): one.command.get_short_help_str(limit=200) for one in commands()}


def commands() -> Iterator[click.Context]:
    """Yield a context for each command that people can call, groups before what is in them."""
    root = click.Context(main, info_name="specbridge")
    yield from _below(root)


def _below(context: click.Context) -> Iterator[click.Context]:
    yield context
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is not None and not command.hidden:
                yield from _below(click.Context(command, parent=context, info_name=name))


def _name(context: click.Context) -> str:
    return context.command_path.replace(" ", "-")


def _brief(command: click.Command) -> str:
    return plain(command.get_short_help_str(limit=200), _DEPTH)


def _page(context: click.Context) -> str:
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [
        f"# {context.command_path}\n",
        f"```text\n{usage}\n```\n",
        _paragraphs(command.help or ""),
        _options(context),
        _subcommands(context),
        _paragraphs(command.epilog or ""),
    ]
    return "\n".join(part for part in parts if part)


def _paragraphs(text: str) -> str:
    """Return click's text: a paragraph that begins with \\b keeps its lines, others flow."""
    blocks = inspect.cleandoc(text).split("\n\n")
    return "\n".join(_paragraph(block) for block in blocks if block.strip("\b\n "))


def _paragraph(block: str) -> str:
    if not block.startswith("\b"):
        return plain(block, _DEPTH) + "\n"
    parts = groupby(block.removeprefix("\b\n").split("\n"), lambda line: line.startswith(" "))
    return "\n".join(_code(lines) if shown else _flowing(lines) for shown, lines in parts)


def _code(lines: Iterable[str]) -> str:
    return "```text\n" + "".join(f"{line.removeprefix('  ')}\n" for line in lines) + "```\n"


def _flowing(lines: Iterable[str]) -> str:
    return plain(" ".join(lines), _DEPTH) + "\n"


def _options(context: click.Context) -> str:
    records = [
        record
        for parameter in context.command.get_params(context)
        if (record := parameter.get_help_record(context)) is not None and record[1]
    ]
    if not records:
        return ""
    rows = ((f"`{option}`".replace("|", "\\|"), plain(text, _DEPTH)) for option, text in records)
    return table(("option", "what it does"), rows)


def _subcommands(context: click.Context) -> str:
    group = context.command
    if not isinstance(group, click.Group):
        return ""
    inner = [one for one in _below(context) if one.parent is context]
    rows = ((f"[`{one.info_name}`]({_name(one)}.md)", _brief(one.command)) for one in inner)
    return table(("command", "what it does"), rows)
