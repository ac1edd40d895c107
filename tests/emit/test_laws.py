"""Laws of generated code over flows of any shape: it parses, stands still under black, and maps."""

import ast
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from specbridge.emit.package import emit_package
from specbridge.emit.render import format_module, is_settled
from specbridge.model.conversion import ValueType
from specbridge.model.resolved import (
    ResolvedFlow,
    ResolvedMapping,
    ResolvedPackage,
    ResolvedProperty,
)

from tests.emit.build import flow, package, prop, row, rule, side
from tests.emit.load import RENDERER, UNFORMATTED, load_flow, write_texts

ROOT = Path(__file__).parent.parent.parent
T = ValueType

HOSTILE_NAMES = [
    "class",
    "__class__",
    "record",
    "references",
    "conversions",
    "TypedDict",
    "Json",
    "self",
    "a b",
    "a-b",
    "$id",
    "ns:name",
    "ø",
    "\u202ea",
    'q"q',
    "q'q",
    "n\nl",
    "{{x}}",
    "../x",
    "Name",
    "name",
    "NAME",
    "e\u0301",
    "\u00e9",
    "1st",
    "",
    "type",
    "get",
]
TYPES = [T.STRING, T.INTEGER, T.DECIMAL, T.BOOLEAN, T.LIST, T.OBJECT, T.ANY, T.DATETIME]
CONVERSIONS = [
    None,
    "string",
    "integer",
    "list",
    '["if",["is-empty","_."],"-","_."]',
    '["if-null",["integer","_."],["slice",1,["split"," ","_."]]]',
    '["datetime-format","%Y","_."]',
    '["eq","_.",3]',
    '["matches","_.","_."]',
]

names = st.sampled_from(HOSTILE_NAMES)
steps = st.tuples(names, st.booleans()).map(lambda pair: pair[0] + ("[]" if pair[1] else ""))
paths = st.lists(steps, min_size=1, max_size=3).map(tuple)


@st.composite
def properties(draw: st.DrawFn) -> ResolvedProperty:
    path = draw(paths)
    conditions = draw(st.lists(st.tuples(names, st.sampled_from(["x", 1, True, None])), max_size=2))
    base = prop("x", draw(st.sampled_from(TYPES)))
    made = prop("x", base.type, *(("y", value) for _, value in conditions))
    for condition, (name, _) in zip(made.conditions, conditions, strict=True):
        object.__setattr__(condition, "path", (*path[:-1], name))
    object.__setattr__(made, "path", path)
    object.__setattr__(made, "text", ".".join(path))
    return made


@st.composite
def mappings(draw: st.DrawFn) -> ResolvedMapping:
    types = st.sampled_from(CONVERSIONS)
    pair = ("R", 'q"') if draw(st.integers(0, 5)) == 0 else None
    return row(draw(properties()), draw(properties()), draw(types), draw(types), reference=pair)


@st.composite
def flows(draw: st.DrawFn) -> ResolvedFlow:
    rules = [
        rule(a, b) for a, b in draw(st.lists(st.tuples(properties(), properties()), max_size=2))
    ]
    datatypes = draw(st.tuples(names, names))
    sides = side(datatypes[0]), side(datatypes[1], label=draw(names))
    return flow(*sides, draw(st.lists(mappings(), max_size=5)), rules)


@given(flows())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_flow_gives_code_that_parses_and_runs(one: ResolvedFlow) -> None:
    for path, text in emit_package(package(one), UNFORMATTED).items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                module = node.module or ""
                assert module == "typing" or module.startswith("specbridge.runtime"), path
    with tempfile.TemporaryDirectory() as folder:
        mapper = load_flow(one, Path(folder), renderer=UNFORMATTED)
        assert mapper.to_target({}, {}) == {}
        assert mapper.to_source({}, {}) == {}
        assert set(mapper.source_keys({})) <= {None}


@given(flows())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_black_changes_nothing(one: ResolvedFlow) -> None:
    for text in emit_package(package(one), RENDERER).values():
        assert format_module(text) == text


long_names = st.builds(
    lambda words: "".join(word * count for word, count in words),
    st.lists(
        st.tuples(st.sampled_from(["Ab", "c", "D", "e_f"]), st.integers(1, 14)),
        min_size=1,
        max_size=3,
    ),
)
long_paths = st.lists(
    st.tuples(long_names, st.booleans()).map(lambda pair: pair[0] + ("[]" if pair[1] else "")),
    min_size=1,
    max_size=4,
).map(".".join)
long_values = st.text("ab \"'", min_size=1, max_size=60) | st.integers() | st.booleans()


@st.composite
def long_flows(draw: st.DrawFn) -> ResolvedFlow:
    """Draw flows whose names, paths and values reach to the end of a line from every depth."""

    def draw_prop() -> ResolvedProperty:
        type_ = draw(st.sampled_from(TYPES))
        tests = draw(st.lists(st.tuples(long_names, long_values), max_size=2))
        return prop(draw(long_paths), type_, *tests)

    rows = []
    for _ in range(draw(st.integers(0, 4))):
        forward, backward = draw(st.sampled_from(CONVERSIONS)), draw(st.sampled_from(CONVERSIONS))
        pair = (draw(long_names), draw(long_names)) if draw(st.booleans()) else None
        rows.append(row(draw_prop(), draw_prop(), forward, backward, reference=pair))
    rules = [rule(draw_prop(), draw_prop()) for _ in range(draw(st.integers(0, 2)))]
    sides = side(draw(long_names), label=draw(long_names)), side(draw(long_names))
    return flow(*sides, rows, rules, name=draw(long_names).lower())


@given(long_flows())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_called_settled_is_as_black_has_it(one: ResolvedFlow) -> None:
    for text in emit_package(package(one), UNFORMATTED).values():
        if is_settled(text):
            assert format_module(text) == text


VALUES: dict[ValueType, st.SearchStrategy[Any]] = {
    T.STRING: st.text(max_size=3),
    T.INTEGER: st.integers(),
    T.DECIMAL: st.integers() | st.decimals(-1000, 1000, places=2).map(float),
    T.BOOLEAN: st.booleans(),
}
LOSSLESS = {T.STRING: "string", T.INTEGER: "integer", T.DECIMAL: "decimal", T.BOOLEAN: "boolean"}
SHAPES = ["a", "b", "o.p", "o.q", "l[].x", "l[].y", "m[]", "n.l[].z", "c", "d.e.f"]


@st.composite
def lossless(draw: st.DrawFn) -> tuple[ResolvedFlow, dict[str, ValueType]]:
    """Draw rows of a property each, whose way back is the source's own type; targets are text."""
    types = {path: draw(st.sampled_from(sorted(VALUES, key=str))) for path in SHAPES}
    count = draw(st.integers(0, 6))
    sources, targets = draw(st.permutations(SHAPES)), draw(st.permutations(SHAPES))
    rows = [
        row(prop(source, types[source]), prop(target), "string", LOSSLESS[types[source]])
        for source, target in zip(sources[:count], targets[:count], strict=True)
    ]
    return flow(side("A"), side("B"), rows), types


def build_record(draw: Any, types: dict[str, ValueType]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for path, kind in types.items():
        if draw(st.booleans()):
            value = draw(st.none() | VALUES[kind])
            _put(record, path.split("."), value)
    return record


def _put(record: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    first, *rest = steps
    name = first.removesuffix("[]")
    if not rest:
        record[name] = [value] if first.endswith("[]") else value
        return
    inner = record.setdefault(name, [{}] if first.endswith("[]") else {})
    _put(inner[0] if first.endswith("[]") else inner, rest, value)


@given(lossless(), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_lossless_rows_come_back_the_same(
    drawn: tuple[ResolvedFlow, dict[str, ValueType]], data: st.DataObject
) -> None:
    one, types = drawn
    record = build_record(data.draw, types)
    with tempfile.TemporaryDirectory() as folder:
        mapper = load_flow(one, Path(folder), renderer=UNFORMATTED)
        there = mapper.to_target(record, {})
        assert mapper.to_target(mapper.to_source(there, {}), {}) == there


# No property is called "".
CHECKED_NAMES = [name for name in HOSTILE_NAMES if name]
# Such as can stand in a class statement: methods of dictionaries, types, and what mappers import.
CLASHES = (
    "clear copy fromkeys get items keys pop popitem setdefault update values "
    "bool dict float int list str object type iter next None_ cast Json Identifier References "
    "LinkKeys TypedDict WAITING translate conversions record references element self cls _ _x "
    "Clash ClashInner to_clash"
)
CLASH_NAMES = CLASHES.split()


def hostile_flow() -> ResolvedFlow:
    rows = [
        row(prop(f"{index}s", type_), prop(name.replace(".", "_"), T.STRING), conversion, None)
        for index, name in enumerate(CHECKED_NAMES)
        for type_, conversion in zip(TYPES, CONVERSIONS, strict=False)
    ]
    rows += [row(prop(f"{n}a.b", T.ANY), prop("list[].x", T.ANY), None) for n in range(3)]
    rows += [row(prop("p", T.OBJECT), prop("q[].r")), row(prop("p.s"), prop("q", T.LIST))]
    selected = prop("phones[].number", T.STRING, ("phones[].type.kind", "x"), ("phones[].n", 2))
    rows += [row(selected, "mobile"), row("work", selected), row("z", selected)]
    rules = [rule(selected, prop("phones[]")), rule(prop("p.s"), prop("a"))]
    return flow(side("class"), side("class"), rows, rules, name="hostile")


def clashing_flow() -> ResolvedFlow:
    rows = [
        row(prop(name, type_), prop(f"Inner.{name}", type_), conversion, None)
        for name in CLASH_NAMES
        for type_, conversion in zip(TYPES, CONVERSIONS, strict=False)
    ]
    rows += [row(f"inner.{name}", f"deep.er.{name}") for name in CLASH_NAMES]
    rows += [row(f"many[].{name}", f"many[].{name}") for name in CLASH_NAMES]
    chosen = prop("many[].x", T.STRING, ("many[].get", "home"), ("many[].sub.get", 1))
    rows += [row(chosen, "chosen"), row("given", chosen), row("given.er", "given.er")]
    rows += [row(prop("g", T.STRING, ("inner.get", 1)), "g", reference=("R", "S"))]
    rules = [rule(prop("get"), prop("get")), rule(prop("deep.get.get"), prop("deep.get.get"))]
    rules += [rule(prop("some[].get[]"), prop("some[].get[]")), rule(chosen, prop("Inner.x"))]
    return flow(side("clash"), side("contact"), rows, rules, name="clashing")


def large_flow() -> ResolvedFlow:
    rows = [row(f"group{n % 7}.field{n}", f"part{n % 5}.of{n % 3}.field{n}") for n in range(200)]
    return flow(side("large"), side("Large"), rows, [rule(prop("a"), prop("b"))], name="large")


def hostile_package() -> ResolvedPackage:
    return package(hostile_flow(), clashing_flow(), large_flow())


@pytest.mark.parametrize(
    "checker",
    [
        pytest.param(("-m", "mypy", "--strict", "--no-incremental"), id="mypy"),
        pytest.param(("-m", "basedpyright", "--level", "error"), id="basedpyright"),
        pytest.param(
            ("-m", "ruff", "check", "--isolated", "--select", "F,E4,E7,E9,I,UP,RUF,B,N,PL",
             # UP013 wants a class statement even where a key would hide the type `str` in it.
             "--ignore", "PLR0912,PLR0915,PLR2004,UP013"),
            id="ruff",
        ),
    ],
)  # fmt: skip
def test_the_checkers_accept_a_hostile_package(checker: tuple[str, ...], tmp_path: Path) -> None:
    folder = write_texts(emit_package(hostile_package(), RENDERER), tmp_path / "emitted")
    configuration = (
        f'{{"typeCheckingMode": "strict", "include": ["emitted"], "extraPaths": ["{ROOT}"]}}'
    )
    (tmp_path / "pyrightconfig.json").write_text(configuration, encoding="utf-8")
    where = () if "basedpyright" in checker else (str(folder),)
    done = subprocess.run(
        (sys.executable, *checker, *where),
        cwd=tmp_path,
        env={
            "MYPYPATH": str(ROOT),
            "PATH": str(Path(sys.executable).parent),
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
