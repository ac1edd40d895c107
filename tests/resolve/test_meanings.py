"""Golden folders of what documents come to mean: rows, problems, and values through the mappers.

A folder of tests/meanings has one document or two mirrors, `settings.toml` where they need any,
`resolved.txt`, and perhaps `values.json`. The systems are those of this folder's profiles.
`pytest tests/reader tests/resolve --update-golden` rewrites resolved.txt; read the diff. values.json
is written by hand: what a mapper (`to_contact`) is to give for a record.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from specbridge.emit.package import emit_package
from specbridge.emit.render import Renderer
from specbridge.emit.templates import read_templates
from specbridge.errors import Severity
from specbridge.model.profile import Profile
from specbridge.model.resolved import ResolvedFlow, ResolvedMapping, ResolvedPackage
from specbridge.model.values import Direction
from specbridge.reader.read import read_file
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings, parse_settings

from tests.emit.load import import_folder, write_texts

MEANINGS = Path(__file__).parents[1] / "meanings"
FOLDERS = sorted(path for path in MEANINGS.iterdir() if path.is_dir())
WAYS: Mapping[Direction, str] = {
    Direction.BOTH: "both ways",
    Direction.TO_TARGET: "to target",
    Direction.TO_SOURCE: "to source",
    Direction.NONE: "held",
}


def resolve_folder(folder: Path, profiles: Mapping[str, Profile]) -> tuple[ResolvedPackage, ...]:
    """Return the packages of a folder's documents."""
    documents = [read_file(str(path)) for path in sorted(folder.glob("*.rst"))]
    path = folder / "settings.toml"
    settings = parse_settings(path.read_text("utf-8"), path) if path.exists() else Settings()
    return resolve_packages(documents, settings, profiles)


def describe(packages: tuple[ResolvedPackage, ...], folder: Path) -> str:
    """Return what the documents mean, and all that is said of them, as resolved.txt has it."""
    lines = [line for package in packages for line in _describe_package(package)]
    return "".join(f"{line}\n" for line in lines).replace(f"{folder}/", "")


def _describe_package(package: ResolvedPackage) -> Iterator[str]:
    yield f"package {package.name} of {', '.join(package.documents)}"
    for flow in package.flows:
        yield from _describe_flow(flow)
    for remark in (*package.problems, *package.remarks):
        yield str(remark)


def _describe_flow(flow: ResolvedFlow) -> Iterator[str]:
    yield f"flow {flow.name}: {flow.source.resource} to {flow.target.resource}"
    for rule in flow.link_rules:
        yield f"  links by {'.'.join(rule.source.path)} = {'.'.join(rule.target.path)}"
    for row in flow.mappings:
        yield f"  {_describe_row(row)}"


def _describe_row(row: ResolvedMapping) -> str:
    cells = []
    for end in (row.source, row.target):
        where = "".join(f"[{'.'.join(c.path)} = {c.value!r}]" for c in end.conditions)
        cells.append(".".join(end.path) + where)
    types = [one.text if one else "as it is" for one in (row.forward, row.backward)]
    codes = ", ".join(one.code for one in row.held)
    told = f"{WAYS[row.direction]}{f' ({codes})' if codes else ''}"
    return f"{' = '.join(cells)}: {told}, {types[0]} ahead, {types[1]} back; `{row.statement}`"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_documents_mean_what_is_expected(
    folder: Path, profiles: Mapping[str, Profile], request: pytest.FixtureRequest
) -> None:
    text = describe(resolve_folder(folder, profiles), folder)
    if request.config.getoption("--update-golden", default=False):
        (folder / "resolved.txt").write_text(text, encoding="utf-8", newline="\n")
    assert text == (folder / "resolved.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "folder",
    [folder for folder in FOLDERS if (folder / "values.json").exists()],
    ids=lambda folder: folder.name,
)
def test_mappers_give_the_values_that_are_expected(
    folder: Path, profiles: Mapping[str, Profile], tmp_path: Path
) -> None:
    (package,) = resolve_folder(folder, profiles)
    assert not [one for one in package.problems if one.severity is Severity.ERROR]
    texts = emit_package(package, Renderer(read_templates()))
    (flow,) = import_folder(write_texts(texts, tmp_path)).FLOWS
    mappers = {one.__name__: one for one in (flow.to_target, flow.to_source)}
    for case in json.loads((folder / "values.json").read_text(encoding="utf-8")):
        assert mappers[case["by"]](case["given"], {}) == case["gives"], case
