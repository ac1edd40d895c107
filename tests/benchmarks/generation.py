"""Generation and drift checks: `python -m tests.benchmarks.generation [DOCUMENTS]`.

Rendering alone; rendering as it is written, beside datamodel-code-generator (TypedDict, black) on the
same TypedDicts; many documents cold, warm and after one change; the commands beside `import click`.
Goals: 20,000 properties/s rendered, 30 times the peer's, a warm check at most 2.5 times `import click`,
`--help` at most 1.5 times, generating after one change at most 2 times the check.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from datamodel_code_generator import InputFileType
from datamodel_code_generator import generate as generate_models
from datamodel_code_generator.enums import DataModelType
from datamodel_code_generator.format import Formatter, PythonVersion
from specbridge.api import check, plan_task, regenerate
from specbridge.emit.package import emit_package
from specbridge.emit.render import Renderer
from specbridge.emit.templates import read_templates
from specbridge.model.resolved import ResolvedPackage
from specbridge.settings import Settings

from tests.drift.project import DOCUMENT
from tests.emit.build import flow, package, prop, row, rule, side

FLOWS = 40
ROWS = 16
TURNS = 15
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    name: str
    figure: float
    unit: str


def make_package(flows: int = FLOWS) -> ResolvedPackage:
    """Return a package of flows with ROWS rows each, a third of them nested."""
    made = []
    for number in range(flows):
        rows = [row(_source(index), f"target_{index}") for index in range(ROWS)]
        rules = [rule(prop("Name0"), prop("target_0"))]
        sides = side(f"Source{number}"), side(f"Target{number}")
        made.append(flow(*sides, rows, rules, name=f"flow_{number}"))
    return package(*made)


def _source(index: int) -> str:
    return f"group{index % 4}.field{index}" if index % 3 == 2 else f"Name{index}"


def make_schema(flows: int = FLOWS) -> str:
    """Return a JSON schema with the TypedDicts' properties: those of both sides of each flow."""
    text = {"type": ["string", "null"]}
    definitions: dict[str, object] = {}
    for number in range(flows):
        for name in ("Source", "Target"):
            properties = {f"{name.lower()}_{index}": text for index in range(ROWS)}
            definitions[f"{name}{number}"] = {"type": "object", "properties": properties}
    references = {key: {"$ref": f"#/definitions/{key}"} for key in definitions}
    schema = {"type": "object", "properties": references, "definitions": definitions}
    return json.dumps(schema)


def run_peer(schema: str, folder: Path) -> None:
    """Generate TypedDicts with datamodel-code-generator and black."""
    generate_models(
        schema,
        input_file_type=InputFileType.JsonSchema,
        output=folder / "models.py",
        output_model_type=DataModelType.TypingTypedDict,
        target_python_version=PythonVersion.PY_311,
        formatters=[Formatter.BLACK],
    )


def cpu_seconds(act: Callable[[], object], times: int = 3) -> float:
    """Return the least CPU seconds of some runs."""
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        act()
        best = min(best, time.process_time() - start)
    return best


def wall_seconds(act: Callable[[], object], times: int = 1) -> float:
    """Return the least wall seconds of some runs."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        act()
        best = min(best, time.perf_counter() - start)
    return best


def measure_rendering(folder: Path) -> list[Line]:
    """Measure rows per second, rendered and as written, and the peer."""
    made, rows = make_package(), FLOWS * ROWS
    bare, whole = Renderer(read_templates(), lambda text: text), Renderer(read_templates())
    emit_package(made, bare)
    rendered = rows / cpu_seconds(lambda: emit_package(made, bare), times=15)
    written = rows / cpu_seconds(lambda: emit_package(made, whole), times=15)
    schema = make_schema()
    peer = rows / cpu_seconds(lambda: run_peer(schema, folder), times=2)
    return [
        Line("rows rendered, not formatted", rendered, "rows/s CPU"),
        Line("  properties, two to a row (goal 20,000)", 2 * rendered, "properties/s CPU"),
        Line("rows as written, black included", written, "rows/s CPU"),
        Line("datamodel-code-generator, same TypedDicts", peer, "rows/s CPU"),
        Line("  times faster (goal 30)", written / peer, ""),
    ]


def measure_documents(root: Path, count: int) -> list[Line]:
    """Measure many documents: cold, warm, after one change; and one document."""
    specs = root / "specs"
    specs.mkdir(parents=True)
    for number in range(count):
        text = DOCUMENT.replace("Acme", f"Acme{number}")
        (specs / f"ledgerly-acme{number}.rst").write_text(text, encoding="utf-8")
    settings = Settings(root=root)
    lines = [
        _timed(f"generate {count} documents, cold", lambda: regenerate(plan_task((), settings))),
        _timed("check, nothing changed", lambda: _expect_clean(settings)),
    ]
    changed = specs / "ledgerly-acme0.rst"
    changed.write_text(changed.read_text(encoding="utf-8").replace("- title", "- head"), "utf-8")
    checked = _timed("check, one document changed", lambda: check((), settings))
    written = _timed("generate, one changed", lambda: regenerate(plan_task((), settings)))
    ratio = Line("  times that check (goal 2)", written.figure / checked.figure, "")
    return [*lines, checked, written, ratio]


def _timed(name: str, act: Callable[[], object]) -> Line:
    return Line(name, wall_seconds(act), "s")


def _expect_clean(settings: Settings) -> None:
    assert check((), settings).drift == ()


def measure_commands(root: Path) -> list[Line]:
    """Measure whole processes on our own package, beside the import that each command needs.

    They run turn by turn, so that a busy machine is busy for all of them; medians are shown.
    """
    command = str(Path(sys.executable).parent / "specbridge")
    (root / "specs").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.specbridge]\n", encoding="utf-8")
    shutil.copy(ROOT / "specs" / "powerofficego-zendesk.rst", root / "specs")
    commands = {
        "python -c 'import click'": [sys.executable, "-c", "import click"],
        "specbridge generate, one document, cold": [command, "generate", "--force"],
        "specbridge check, warm": [command, "check"],
        "specbridge --help": [command, "--help"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(TURNS):
        for name, words in commands.items():
            taken[name].append(wall_seconds(partial(_run, words, root)))
    lines = [Line(name, median(taken[name]) * 1000, "ms") for name in commands]
    least = lines[0].figure
    return [
        *lines[:3],
        Line("  times `import click` (goal 2.5)", lines[2].figure / least, ""),
        lines[3],
        Line("  times `import click` (goal 1.5)", lines[3].figure / least, ""),
    ]


def _run(words: Sequence[str], root: Path) -> None:
    subprocess.run(words, cwd=root, capture_output=True, check=True)


def main(count: int = 1000) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lines = [
            *measure_rendering(root),
            *measure_commands(root / "one"),
            *measure_documents(root / "many", count),
        ]
    for line in lines:
        sys.stdout.write(f"{line.name:44} {line.figure:12,.2f} {line.unit}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
