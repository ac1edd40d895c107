"""`specbridge inspect`: documents as they are read, as JSON (docs/inspect.schema.json) or as text."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from specbridge.cli.documents.following import explain_first
from specbridge.cli.documents.problems import print_problems
from specbridge.cli.next_steps import Step, print_next, quiet_option
from specbridge.cli.printing import VERSION
from specbridge.errors import Problem, Severity
from specbridge.model.document import Document, Flow, Side
from specbridge.model.rules import Creation, LinkRule, PropertyMapping, PropertyPath
from specbridge.model.values import Json
from specbridge.profiles.load import load_profiles
from specbridge.reader.read import read_documents
from specbridge.resolve.systems.labels import document_systems, resolve_label
from specbridge.settings import Settings, load_settings
from specbridge.tasks import find_documents
from specbridge.telling import is_ignored, without_ignored

SystemOf = Callable[[str, int], str | None]
"""Finds the system that a label means on a side (0 source, 1 target), None if it is not known."""

Resolver = Callable[[Document], SystemOf]
"""Tells what the labels of a document mean."""

_STOPPED = 2


@click.command()
@click.argument("documents", nargs=-1, required=True, metavar="DOC…")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/inspect.schema.json).")
@quiet_option
@click.pass_context
def inspect(ctx: click.Context, documents: tuple[str, ...], as_json: bool, quiet: bool) -> None:
    """Show documents as they are read: flows, creation, link rules, properties, problems.

    Problems go to stderr, unless --json has them. Exit code 2 when a document has an error.

    \b
    Examples:
      specbridge inspect specs/powerofficego-zendesk.rst
      specbridge inspect specs/*.rst --json
    """
    settings = load_settings(Path.cwd())
    read = [_without_ignored(each, settings) for each in read_documents(find_documents(documents))]
    resolve = make_resolver(settings)
    if as_json:
        # A line for each document: indented, ten thousand rows would take as long as to read them.
        lines = (json.dumps(describe_document(each, resolve)) for each in read)
        start = f'{{"schema_version": {VERSION}, "documents": [\n'
        click.echo(start + ",\n".join(lines) + "\n]}")
    else:
        _show_documents(read)
    problems = [problem for each in read for problem in each.problems]
    if not (as_json or quiet):
        lint = Step("check them against themselves and the APIs", ("lint", *documents))
        print_next(explain_first(problems) or lint)
    ctx.exit(_STOPPED if any(each.severity is Severity.ERROR for each in problems) else 0)


def describe_document(document: Document, resolve: Resolver) -> dict[str, Json]:
    """Return the document as `inspect --json` prints it."""
    system_of = resolve(document)
    return {
        "path": document.path,
        "title": document.title,
        "generated": document.generated,
        "source": {"label": document.source, "system": system_of(document.source, 0)},
        "target": {"label": document.target, "system": system_of(document.target, 1)},
        "flows": [_describe_flow(flow, system_of) for flow in document.flows],
        "problems": [describe_problem(problem) for problem in document.problems],
    }


def describe_problem(problem: Problem) -> dict[str, Json]:
    """Return a problem as `--json` prints it."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "line": problem.where.line,
        "message": problem.message,
        "mend": problem.mend,
        "flow": problem.flow,
    }


def make_resolver(settings: Settings) -> Resolver:
    """Return what finds the systems of documents' labels in the built-in and the user's profiles."""
    profiles = load_profiles(settings.profile_paths)

    def resolve(document: Document) -> SystemOf:
        systems = document_systems(document, settings, profiles)
        names = [each.profile.name if each and each.profile else None for each in systems]

        def system_of(label: str, side: int) -> str | None:
            # A blank label means what the whole document tells of its side.
            return resolve_label(label, profiles, settings) if label else names[side]

        return system_of

    return resolve


def _describe_flow(flow: Flow, system_of: SystemOf) -> Json:
    return {
        "name": flow.name,
        "line": flow.where.line,
        "source": _describe_side(flow.source, system_of(flow.source.label, 0)),
        "target": _describe_side(flow.target, system_of(flow.target.label, 1)),
        "creation": _describe_creation(flow.creation, system_of),
        "link_rules": [_describe_rule(rule) for rule in flow.link_rules],
        "properties": [_describe_mapping(mapping) for mapping in flow.properties],
        "readable": flow.readable,
    }


def _describe_side(side: Side, system: str | None) -> Json:
    return {
        "text": side.text,
        "label": side.label,
        "system": system,
        "datatype": side.datatype,
        "subset": side.subset,
    }


def _describe_creation(creation: Creation, system_of: SystemOf) -> Json:
    connected: Json = None
    if creation.connected is not None:
        connected = {
            "text": creation.connected.text,
            "system": system_of(creation.connected.label, 0),
            "datatypes": list(creation.connected.datatypes),
            "into": creation.connected.into,
        }
    return {
        "linked": creation.linked,
        "every": creation.every,
        "when": creation.when,
        "match_or_create": creation.match_or_create,
        "connected": connected,
    }


def _describe_rule(rule: LinkRule) -> Json:
    return {
        "line": rule.where.line,
        "source": _describe_property(rule.source),
        "target": _describe_property(rule.target),
    }


def _describe_mapping(mapping: PropertyMapping) -> Json:
    conversion = mapping.conversion.text if mapping.conversion else None
    return {
        "line": mapping.where.line,
        "source": _describe_property(mapping.source),
        "target": _describe_property(mapping.target),
        "type": {"text": mapping.type_text, "conversion": conversion},
    }


def _describe_property(path: PropertyPath) -> Json:
    return {
        "text": path.text,
        "path": list(path.path),
        "conditions": [
            {"value": condition.value, "path": list(condition.path)}
            for condition in path.conditions
        ],
    }


def _without_ignored(document: Document, settings: Settings) -> Document:
    told = without_ignored(document.problems, [document])
    return replace(document, problems=tuple(one for one in told if not is_ignored(one, settings)))


def _show_documents(documents: Sequence[Document]) -> None:
    for document in documents:
        click.echo(f"{document.path}: {document.title or '(no title)'}")
        for flow in document.flows:
            for line in _show_flow(flow):
                click.echo(line)
        print_problems(document.problems)


def _show_flow(flow: Flow) -> Iterator[str]:
    unreadable = "" if flow.readable else "  (not readable whole)"
    yield f"  {flow.name}: {_plain(flow.source.text)} to {_plain(flow.target.text)}{unreadable}"
    yield f"    creation: {', '.join(_show_creation(flow.creation)) or 'not stated'}"
    for rule in flow.link_rules:
        yield f"    link: {_plain(rule.source.text)} = {_plain(rule.target.text)}"
    for mapping in flow.properties:
        names = f"{_plain(mapping.source.text)} -> {_plain(mapping.target.text)}"
        yield f"    property: {names}: {_plain(mapping.type_text)}"


def _show_creation(creation: Creation) -> Iterator[str]:
    if creation.linked:
        yield "linked"
    if creation.every:
        yield "every"
    if creation.when is not None:
        yield f"when ({_plain(creation.when)})"
    if creation.match_or_create:
        yield "match or create"
    if creation.connected is not None:
        yield f"connected to {_plain(creation.connected.text)}"


def _plain(text: str) -> str:
    """Return document text as a terminal may show it: nothing in it that does not print."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
