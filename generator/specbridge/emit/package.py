"""A resolved package as files: their paths within the package and their texts."""

from collections.abc import Mapping

from specbridge.emit.modules import Module, list_modules
from specbridge.emit.render import Renderer
from specbridge.emit.views.mapper import view_mapper
from specbridge.emit.views.package import view_package, view_room
from specbridge.emit.views.sync import view_sync
from specbridge.emit.views.types import FlowTypes, type_flow
from specbridge.model.resolved import ResolvedFlow, ResolvedPackage


class PackageEmitter:
    """Gives a package's modules one by one; what a flow's two modules share is found out once."""

    def __init__(self, package: ResolvedPackage, renderer: Renderer) -> None:
        """Take the package and what renders its modules."""
        self._package = package
        self._renderer = renderer
        self._types: FlowTypes | None = None

    def emit(self, module: Module) -> str:
        """Return the text of one module."""
        if module.flow is not None:
            types = self._type(module.flow)
            if module.path.startswith("mappers/"):
                return self._renderer.render("mapper.py.jinja", view_mapper(types))
            return self._renderer.render("sync.py.jinja", view_sync(types))
        if module.path == "__init__.py":
            return self._renderer.render("package.py.jinja", view_package(self._package))
        contents = "The mappers" if module.path.startswith("mappers/") else "The sync modules"
        return self._renderer.render("room.py.jinja", view_room(contents, self._package))

    def _type(self, flow: ResolvedFlow) -> FlowTypes:
        if self._types is None or self._types.flow is not flow:
            self._types = type_flow(flow)
        return self._types


def emit_package(package: ResolvedPackage, renderer: Renderer) -> Mapping[str, str]:
    """Return the texts of all modules by path within the package, manifest aside."""
    emitter = PackageEmitter(package, renderer)
    return {module.path: emitter.emit(module) for module in list_modules(package)}
