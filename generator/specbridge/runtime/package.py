"""Loading a generated package: from a directory or an import path."""

import re
import sys
from collections.abc import Iterator
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

from specbridge.errors import PackageError
from specbridge.runtime.flow import AnyFlow, Flow


def load_package(place: str) -> tuple[str, tuple[AnyFlow, ...]]:
    """Return a package's name and its flows in run order.

    `place` is a directory, or an import path (`generated.powerofficego_zendesk`). Raises
    PackageError where it cannot be imported or states no flows.
    """
    module = _load_directory(Path(place)) if Path(place).is_dir() else _import(place)
    flows = tuple(_read_flows(module, place))
    return module.__name__.rpartition(".")[2], flows


def _import(place: str) -> ModuleType:
    if not re.fullmatch(r"\w+(\.\w+)*", place):
        raise PackageError(f"{place}: neither a directory nor an import path")
    try:
        return import_module(place)
    except ModuleNotFoundError as error:
        raise PackageError(f"{place}: no such directory, and {error}") from None
    except Exception as error:
        raise PackageError(
            f"{place} cannot be imported: {type(error).__name__}: {error}"
        ) from error


def _load_directory(directory: Path) -> ModuleType:
    """Import a package from where it is, without touching the import path of anything else."""
    name = directory.resolve().name
    start = directory / "__init__.py"
    spec = util.spec_from_file_location(name, start, submodule_search_locations=[str(directory)])
    if not start.is_file() or spec is None or spec.loader is None:
        raise PackageError(f"{directory}: no generated package; run `specbridge generate` first")
    module = util.module_from_spec(spec)
    hidden = _hide(name)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise PackageError(
            f"{directory} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    finally:
        _hide(name)
        sys.modules.update(hidden)
    return module


def _hide(name: str) -> dict[str, ModuleType]:
    """Take a package and its modules out of sys.modules: another one may have the same name."""
    names = [one for one in sys.modules if one == name or one.startswith(f"{name}.")]
    return {one: sys.modules.pop(one) for one in names}


def _read_flows(module: ModuleType, place: str) -> Iterator[AnyFlow]:
    flows = getattr(module, "FLOWS", None)
    if not isinstance(flows, tuple | list) or not flows:
        raise PackageError(f"{place} states no FLOWS; run `specbridge generate` first")
    for flow in flows:
        if not isinstance(flow, Flow):
            raise PackageError(f"{place}: FLOWS holds something that is no flow")
        yield flow
