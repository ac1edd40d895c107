"""The lowest and the newest black of our range give generated code the same bytes.

`make test` installs the lowest one beside the environment's, in a folder of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from specbridge.emit.package import emit_package
from specbridge.emit.render import is_settled
from specbridge.model.conversion import ValueType
from specbridge.model.resolved import ResolvedFlow

from tests.emit.build import flow, package, prop, row, rule, side
from tests.emit.load import UNFORMATTED

LOWEST = Path(sys.prefix) / "black-lowest"
FORMAT = """
import json, sys
import black
from specbridge.emit.render import format_module
texts = {name: format_module(text) for name, text in json.load(sys.stdin).items()}
json.dump({"version": black.__version__, "texts": texts}, sys.stdout)
"""
LONG = '["if",["or",["is-empty","_."],["eq","x","_."]],"-",["join"," ",["split","-","_."]]]'


def long_flow(length: int) -> ResolvedFlow:
    """Return a flow with lines that only black can split: `length` letters in each name."""
    name = "Ab" * (length // 2)
    rows = [
        row(prop(f"{name}.{name}"), prop(f"{name}s[].{name}"), LONG, LONG),
        row(prop(f"{name}2", ValueType.STRING, ("y", "x" * length)), prop("b"), "string", LONG),
        row(prop("c", ValueType.ANY), prop(f"{name}.x.{name}"), "integer", "string"),
    ]
    rules = [rule(prop(f"{name}.{name}"), prop(f"{name}s[].{name}"))]
    return flow(side(f"A{name}"), side(f"B{name}"), rows, rules, name=f"flow_{length}")


def modules() -> Mapping[str, str]:
    """Return modules that need black, by path, as they are before it."""
    made = emit_package(package(*map(long_flow, range(4, 60, 4))), UNFORMATTED)
    return {path: text for path, text in made.items() if not is_settled(text)}


def format_all(texts: Mapping[str, str], folder: Path | None) -> tuple[str, Mapping[str, str]]:
    """Return black's version and the texts as it has them; `folder` holds another black."""
    environment = os.environ | ({} if folder is None else {"PYTHONPATH": str(folder)})
    done = subprocess.run(
        [sys.executable, "-c", FORMAT],
        input=json.dumps(texts),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    return answer["version"], answer["texts"]


def test_the_lowest_and_the_newest_black_give_the_same_bytes() -> None:
    if not LOWEST.is_dir():
        pytest.skip("the lowest black is not installed: `make setup` does it")
    texts = modules()
    assert len(texts) > 5
    newest, there = format_all(texts, None)
    lowest, here = format_all(texts, LOWEST)
    assert lowest == "26.1.0"
    assert newest > lowest
    assert here == there
    assert here != texts
