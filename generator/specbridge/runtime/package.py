"""Loading a generated package: from a directory or an import path."""

import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

from specbridge.errors import PackageError
from specbridge.former import FORMER_RUNTIME, former_imports
from specbridge.runtime.flow import AnyFlow, Flow

_IMPORT_PATH = re.compile(r"\w+(\.\w+)*")


def load_package(place: str, root: Path | None = None) -> tuple[str, tuple[AnyFlow, ...]]:
    """Return a package's name and its flows in run order.

    `place` is a directory, or an import path (`generated.powerofficego_zendesk`). Either is looked for
    below the current folder and below `root` (the project's), an import path then where Python looks. Raises
    PackageError where it cannot be imported or states no flows.
    """
    directory = _find_directory(place, [Path(), root] if root else [Path()])
    module = _load_directory(directory) if directory else _import(place)
    flows = tuple(_read_flows(module, place))
    return module.__name__.rpartition(".")[2], flows


def package_folders(folder: Path) -> list[Path]:
    """Return the packages of an output folder, by name: what it holds that Python could import."""
    if not folder.is_dir():
        return []
    return sorted(path.parent for path in folder.glob("*/__init__.py"))


def _find_directory(place: str, folders: Sequence[Path]) -> Path | None:
    """Return the folder of a package that needs no import path to be found, None where there is none.

    A command's import path does not have the current folder. Adding it would let modules there hide
    others (a `generator.py`, a `platform.py`), while a generated package needs none of its parents.
    """
    # As a path too below the project's root: whatever starts a run need not be there.
    stated = next((folder / place for folder in folders if (folder / place).is_dir()), None)
    if stated is not None:
        return stated
    if not _IMPORT_PATH.fullmatch(place):
        return None
    below = [folder.joinpath(*place.split(".")) for folder in folders]
    return next((folder for folder in below if (folder / "__init__.py").is_file()), None)


def _import(place: str) -> ModuleType:
    if not _IMPORT_PATH.fullmatch(place):
        raise PackageError(f"{place}: neither a directory nor an import path")
    try:
        return import_module(place)
    except ModuleNotFoundError as error:
        if f"{error.name}.".startswith(f"{FORMER_RUNTIME.split('.')[0]}."):
            raise _former(place) from None
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
    if held := [one for one in package_folders(directory) if (one / "manifest.json").is_file()]:
        # The output folder is importable, and no package; a package's own rooms have no manifest.
        names = ", ".join(str(one) for one in held)
        raise PackageError(f"{directory} holds packages: name one of {names}, or none for all")
    if not start.is_file() or spec is None or spec.loader is None:
        raise PackageError(f"{directory}: no generated package; run `specbridge generate` first")
    if _is_former(directory):
        raise _former(directory)
    module = util.module_from_spec(spec)
    # Two packages may have one name, generated for two projects; each is to get modules of its own.
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


def _is_former(package: Path) -> bool:
    """Return whether specbridge 0.1 generated a package: it would import a stranger by our former name."""
    modules = package.glob("*/*.py")
    try:
        texts = (path.read_text(encoding="utf-8", errors="replace") for path in modules)
        return any(any(former_imports(text)) for text in texts)
    except OSError:  # importing it will say what is wrong
        return False


def _former(place: Path | str) -> PackageError:
    return PackageError(
        f"{place} was generated with an older import name (`{FORMER_RUNTIME}`); "
        "run `specbridge generate`"
    )


def _hide(name: str) -> dict[str, ModuleType]:
    """Take a package and its modules out of sys.modules: another one may have the same name."""
    # A list: the dictionary changes while they go.
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
