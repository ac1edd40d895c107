"""The house stands: imports keep to their floors, modules and functions keep their sizes."""

import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "generator" / "specbridge"

# What each room may import of the others, besides itself and what lies below all: FOUNDATION.
FOUNDATION = {"circles", "errors", "former", "printable", "shipped", "suggesting"}
FLOORS: dict[str, set[str]] = {
    "circles": set(),
    "errors": set(),
    "former": set(),
    "printable": set(),
    "shipped": set(),
    "suggesting": set(),
    "model": set(),
    "settings": {"model"},
    "profiles": {"model"},
    "reader": {"model"},
    "resolve": {"model", "profiles", "settings"},
    "emit": {"model", "resolve", "settings"},
    "drift": {"emit", "model", "settings"},
    "drafting": {"model"},
    "runtime": {"model", "profiles"},
    # Values of profiles alone, and only where a system is served as its profile says: below.
    "sandbox": {"model"},
    "telling": {"model", "settings"},
    "companies": {"model", "runtime", "settings"},
    "tasks": {"model", "profiles", "reader", "resolve", "settings", "telling"},
    "api": {"drift", "settings", "tasks", "telling"},
    "service": {"companies", "model", "pages", "profiles", "runtime", "settings"},
    # Values of reports are what it shows; it reads and writes nothing.
    "pages": {"model", "runtime"},
    "cli": {
        "api",
        "companies",
        "drafting",
        "drift",
        "emit",
        "model",
        "pages",
        "profiles",
        "reader",
        "resolve",
        "runtime",
        "sandbox",
        "service",
        "settings",
        "tasks",
        "telling",
    },
}
# The inner floors of the rooms that have rooms of their own: a floor may import those that are listed
# before it. A name stands for a room or for a file at the outer room's face; `*` for all other files there.
INNER: dict[str, tuple[set[str], ...]] = {
    "runtime": (
        {"hiding", "records", "references", "turns"},
        {"conversions", "flow"},
        {"naming"},
        {"decide", "package"},
        {"reports"},
        {"connectors", "store"},
        {"engine"},
    ),
    "runtime/decide": ({"equality", "mapping"}, {"identity"}, {"*"}),
    "runtime/engine": ({"session", "holding"}, {"linking"}, {"changing"}, {"*"}),
    "runtime/store": (
        {"tables"},
        {"seen", "leasing"},
        {"linking"},
        {"opening", "uniting", "persons"},
        {"accounts", "engine"},
        {"packages", "limits"},
        {"history", "sharing", "migrations"},
        {"leftover"},
    ),
    "runtime/connectors": ({"transport"}, {"reading"}, {"writing"}, {"strategies"}, {"*"}),
    "resolve": ({"problems"}, {"systems"}, {"mirror"}, {"tables"}, {"*"}),
    "sandbox/zendesk": (
        {"refusals"},
        {"state"},
        {"queries"},
        {"records"},
        {"*"},
        {"system"},
    ),
    "emit": ({"python"}, {"body"}, {"views"}, {"*"}),
    "cli": (
        {"company", "extras", "store_place", "used_profiles"},
        {"ending", "logs", "masking", "next_steps", "printing", "running", "tables"},
        {"streams", "undoing"},
        {"documents", "profiles", "runs", "service", "stores", "sandbox"},
        {"completing"},
        {"main"},
    ),
}
# Packages that only one room may load.
PENS = {
    "docutils": {"reader"},
    "jinja2": {"emit", "pages"},
    "markupsafe": {"pages"},
    "black": {"emit"},
    "authlib": {"runtime"},
    "cryptography": {"runtime"},
    "httpcore": {"runtime"},
    "openapi_spec_validator": {"drafting"},
    "yaml": {"drafting"},
    "httpx": {"runtime", "cli"},
    "tenacity": {"runtime"},
    "sqlalchemy": {"runtime"},
    "alembic": {"runtime"},
    "starlette": {"sandbox", "service"},
    "uvicorn": {"sandbox", "service"},
    "procrastinate": {"service"},
    "click": {"cli"},
    "rich": {"cli"},
}
MOST_LINES_OF_A_MODULE = 400
MOST_LINES_OF_A_FUNCTION = 60
MOST_FILES_OF_A_ROOM = 16
MEDIAN_LINES_OF_A_FUNCTION = 7
LINES_OF_NEARLY_ALL_FUNCTIONS = 35
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
MARKS = re.compile(r"#\s*(?:noqa|type: ignore|fmt:|pragma)")
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def modules(root: str) -> list[Path]:
    return sorted((ROOT / root).rglob("*.py"))


def imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", modules("generator"), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_keep_to_their_floor(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    assert room in FLOORS, f"{room} has no floor: add it to FLOORS and to the picture"
    for name in imported_names(path):
        first, *rest = name.split(".")
        if first == "specbridge" and rest:
            other = rest[0]
            allowed = FLOORS[room] | {room} | FOUNDATION
            assert other in allowed, f"{room} must not import {name}"
        elif first in PENS:
            assert room in PENS[first], f"{room} must not import {name}"


def test_the_sandbox_of_an_api_knows_nothing_of_us() -> None:
    folder = HOUSE / "sandbox"
    described = folder / "anysystem"
    others = [path for path in folder.rglob("*.py") if described not in path.parents]
    ours = [
        name
        for path in others
        for name in imported_names(path)
        if name.startswith("specbridge.") and not name.startswith("specbridge.sandbox.")
    ]
    assert ours == []


def floor_of(outer: str, inner: str) -> int:
    floors = INNER[outer]
    named = (number for number, names in enumerate(floors) if inner in names)
    others = (number for number, names in enumerate(floors) if "*" in names)
    return next(named, next(others, -1))


def inner_arrows(outer: str) -> Iterator[tuple[Path, str, str]]:
    """Yield each import within an outer room that leaves a room or a file at its face."""
    folder = HOUSE / outer
    prefix = f"specbridge.{outer.replace('/', '.')}."
    for path in sorted(folder.rglob("*.py")):
        here = path.relative_to(folder).with_suffix("").parts[0]
        for name in imported_names(path):
            if name.startswith(prefix) and here != "__init__":
                there = name.removeprefix(prefix).split(".")[0]
                if there != here:
                    yield path, here, there


@pytest.mark.parametrize("outer", INNER)
def test_imports_keep_to_the_inner_floors(outer: str) -> None:
    up = []
    for path, here, there in inner_arrows(outer):
        above, below = floor_of(outer, here), floor_of(outer, there)
        assert min(above, below) >= 0, f"{here} or {there} has no floor in {outer}: add it to INNER"
        # Files on the floor of `*` are one room; they may meet, but for cycles, which are no one's.
        faces = "*" in INNER[outer][below]
        if below > above or (below == above and not faces):
            up.append(f"{path.relative_to(ROOT)} imports {outer}/{there}")
    assert up == []


def import_graph() -> dict[str, set[str]]:
    """Return the modules of specbridge, and which of them each imports when it is loaded."""
    known = {
        ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts): path
        for path in modules("generator")
        if path.name != "__init__.py"
    }
    return {
        module: {hit for name in imported_names(path) if (hit := name.rpartition(".")[0]) in known}
        for module, path in known.items()
    }


def test_no_module_imports_itself_in_the_end() -> None:
    try:
        tuple(TopologicalSorter(import_graph()).static_order())
    except CycleError as error:
        pytest.fail(f"modules import each other in a circle: {error.args[1]}")


@pytest.mark.parametrize(
    "path", sorted(HOUSE.rglob("__init__.py")), ids=lambda p: str(p.parent.relative_to(HOUSE))
)
def test_each_room_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_no_room_grows_flat() -> None:
    files = {
        room: sum(1 for path in room.glob("*.py") if path.name != "__init__.py")
        for room in HOUSE.rglob("*")
        if room.is_dir() and room.name != "versions"
    }
    crowded = {str(r.relative_to(HOUSE)): n for r, n in files.items() if n > MOST_FILES_OF_A_ROOM}
    assert crowded == {}


@pytest.mark.parametrize("path", modules("generated"), ids=lambda p: str(p.relative_to(ROOT)))
def test_generated_modules_import_only_the_runtime(path: Path) -> None:
    for name in imported_names(path):
        standard = name.split(".")[0] in sys.stdlib_module_names
        assert standard or name.startswith("specbridge.runtime."), name


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function, its docstring aside."""
    total = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is not None:
        first = node.body[0]
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


@pytest.mark.parametrize("path", modules("generator"), ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES_OF_A_MODULE
    long = {f.name: body_lines(f) for f in functions(path)}
    assert {n: c for n, c in long.items() if c > MOST_LINES_OF_A_FUNCTION} == {}


@pytest.mark.parametrize("path", modules("generator"), ids=lambda p: str(p.relative_to(ROOT)))
def test_public_names_have_docstrings(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    undocumented = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert undocumented == []


def public_nodes(path: Path) -> Iterator[ast.AST]:
    """Yield a module, and its public classes and functions, methods of public classes included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield tree
    for node in tree.body:
        if isinstance(node, DEFINITIONS) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                inner = (one for one in node.body if isinstance(one, DEFINITIONS))
                yield from (one for one in inner if not one.name.startswith("_"))


def count_lines(path: Path) -> tuple[int, int]:
    """Return a module's lines of comment, and its lines of code, docstrings and blank lines aside."""
    comments, code = set[int](), set[int]()
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT and not MARKS.match(token.string):
                comments.add(token.start[0])
            elif token.type not in LAYOUT:
                code.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            code.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(comments), len(code | comments)


def test_functions_are_small_as_a_whole() -> None:
    lengths = sorted(
        body_lines(node)
        for path in modules("generator")
        for node in functions(path)
        if "versions" not in path.parts  # migrations are lists of statements
    )
    assert lengths[len(lengths) // 2] <= MEDIAN_LINES_OF_A_FUNCTION
    assert lengths[int(len(lengths) * 0.95)] <= LINES_OF_NEARLY_ALL_FUNCTIONS


def test_nearly_all_that_is_public_has_a_docstring() -> None:
    nodes = [node for path in modules("generator") for node in public_nodes(path)]
    documented = [node for node in nodes if ast.get_docstring(node)]  # type: ignore[arg-type]  # all have
    assert len(documented) >= 0.95 * len(nodes)


def test_comments_say_why_where_a_reader_would_stop_and_no_more() -> None:
    counts = [count_lines(path) for path in modules("generator") if "versions" not in path.parts]
    comments, code = map(sum, zip(*counts, strict=True))
    assert 0.03 <= comments / code <= 0.06


BLOCKED = """
import sys
for name in ("docutils", "jinja2", "black"):
    sys.modules[name] = None
import importlib, pkgutil
import generated, specbridge.runtime
for package in (generated, specbridge.runtime):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)
print("imported")
"""

LIGHT = """
import sys
import generated.powerofficego_zendesk
heavy = ("docutils", "jinja2", "black", "httpx", "sqlalchemy", "click", "rich")
print(sorted(set(heavy) & set(sys.modules)))
"""


def run_python(source: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_runtime_and_generated_import_without_the_generator_s_packages() -> None:
    assert run_python(BLOCKED) == "imported"


def test_importing_a_generated_package_loads_nothing_heavy() -> None:
    assert run_python(LIGHT) == "[]"
