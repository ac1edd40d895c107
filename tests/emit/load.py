"""Generated packages brought to life: written to a folder and imported from there."""

import importlib.util
import itertools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from specbridge.emit.package import emit_package
from specbridge.emit.render import Renderer
from specbridge.emit.templates import read_templates
from specbridge.model.resolved import ResolvedFlow
from specbridge.runtime.references import References

from tests.emit.build import package

RENDERER = Renderer(read_templates())
UNFORMATTED = Renderer(read_templates(), lambda text: text)
_numbers = itertools.count(1)

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Mapper:
    """The functions of a flow, whatever their names are."""

    module: ModuleType
    to_target: Callable[[Record, References], Record]
    to_source: Callable[[Record, References], Record]
    source_keys: Callable[[Record], tuple[str | None, ...]]
    target_keys: Callable[[Record], tuple[str | None, ...]]


def import_folder(folder: Path) -> ModuleType:
    """Import a folder as a package under a name of its own."""
    name = f"emitted_{next(_numbers)}"
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def write_texts(texts: Mapping[str, str], folder: Path) -> Path:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def load_flow(flow: ResolvedFlow, folder: Path, *, renderer: Renderer = RENDERER) -> Mapper:
    """Emit a package of one flow and return its mapper's functions, through FLOWS."""
    texts = emit_package(package(flow), renderer)
    module = import_folder(write_texts(texts, folder / f"n{next(_numbers)}"))
    stated = module.FLOWS[0]
    return Mapper(
        module=module,
        to_target=stated.to_target,
        to_source=stated.to_source,
        source_keys=stated.source_keys,
        target_keys=stated.target_keys,
    )
