"""What the templates of a package's own module and of its folders' are given."""

from dataclasses import dataclass

from specbridge.emit.python.layout import fits, one_line, tuple_of
from specbridge.emit.python.literals import fold_docstring
from specbridge.emit.views.sync import flat_names
from specbridge.model.resolved import ResolvedPackage


@dataclass(frozen=True, kw_only=True)
class PackageView:
    """A package's own module: its flows' modules in run order, and both lists where they fit on a line.

    `imports` are the same modules sorted.
    """

    summary: str
    imports_flat: str
    imports: tuple[str, ...]
    flows_flat: str
    flows: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RoomView:
    """A module that holds nothing but its docstring."""

    summary: str


def view_package(package: ResolvedPackage) -> PackageView:
    """Return the view of a package's own module: its flows in run order."""
    documents = " and ".join(package.documents)
    names = tuple([flow.name for flow in package.flows])
    text = f"The flows of {documents}, in the order in which they run."
    summary, _ = fold_docstring(text if names else f"{documents} states no flow.")
    flows = tuple_of([f"{name}.FLOW" for name in names])
    imports = tuple(sorted(set(names)))
    return PackageView(
        summary=summary,
        imports_flat=flat_names(".sync", imports),
        imports=imports,
        flows_flat=one_line(flows) if fits("FLOWS = ", flows) else "",
        flows=names,
    )


def view_room(contents: str, package: ResolvedPackage) -> RoomView:
    """Return the view of a folder's module; `contents` says what the folder holds."""
    summary, _ = fold_docstring(f"{contents} of {' and '.join(package.documents)}.")
    return RoomView(summary=summary)
