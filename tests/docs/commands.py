"""Command lines of `specbridge` as pages show them, held against click's own tree."""

import re
import shlex
from collections.abc import Iterator

import click
from specbridge.cli.main import main

_FENCE = re.compile(r"^ *```([a-z{}]*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`(specbridge [^`]+)`(?!`)")
_LINE = re.compile(r"^ *(?:\$ )?(?:\S*/)?(specbridge(?: .*)?)$", re.MULTILINE)
_SHELL = ("", "bash", "console", "sh", "text")
_INNER = re.compile(r"\$\([^)]*\)")
_END = re.compile(r"\s>\S|\s(?:#|&&|\|\||\||>|;|&)(?:\s|$)|;|…|\.\.\.|\s\||[`)]")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield each fenced block of a page: its language, empty where none is said, and what is in it."""
    for found in _FENCE.finditer(text):
        yield found[1], found[2]


def shown_lines(text: str) -> Iterator[str]:
    """Yield each call of specbridge that a page shows in blocks for shells."""
    for language, block in blocks(text):
        if language in _SHELL:
            yield from (found[1] for found in _LINE.finditer(block))


def command_lines(text: str) -> Iterator[str]:
    """Yield each call of specbridge that a page shows, in blocks for shells and within sentences."""
    yield from shown_lines(text)
    for found in _INLINE.finditer(_FENCE.sub("", text)):
        yield " ".join(found[1].split())


def words_of(line: str) -> list[str]:
    """Return the words of a call without its program, and without what a shell does with it."""
    return shlex.split(_END.split(_INNER.sub("X", line))[0], comments=True)[1:]


def fault_of(line: str) -> str | None:
    """Return what click would not know of a call: a command or an option; None where it knows all."""
    words = words_of(line)
    context = click.Context(main, info_name="specbridge")
    for word in words:
        if word.startswith("-") and word != "-":
            name = word.split("=")[0]
            if name not in _options(context):
                return f"{line}: {context.command_path} has no {name}"
        elif isinstance(group := context.command, click.Group):
            found = group.get_command(context, word)
            # A name in capitals stands for any; a group that works alone may have arguments.
            if found is None and not word.isupper() and not group.invoke_without_command:
                return f"{line}: {context.command_path} has no {word}"
            if found is not None:
                context = click.Context(found, parent=context, info_name=word)
    return None


def _options(context: click.Context) -> set[str]:
    named = {
        name
        for one in context.command.get_params(context)
        for name in (*one.opts, *one.secondary_opts)
    }
    return {"--help", "-h", *named}
