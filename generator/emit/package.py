"""A resolved package as files: their paths within the package and their texts."""

from collections.abc import Mapping

from generator.emit.modules import Module, list_modules
from generator.emit.render import Renderer
from generator.emit.sync import view_package, view_room, view_sync
from generator.emit.views import type_flow, view_mapper
from generator.model.resolved import ResolvedPackage


def emit_module(module: Module, package: ResolvedPackage, renderer: Renderer) -> str:
    """Return the text of one module."""
    if module.flow is not None:
        types = type_flow(module.flow)
        if module.path.startswith("mappers/"):
            return renderer.render("mapper.py.jinja", view_mapper(types))
        return renderer.render("sync.py.jinja", view_sync(types))
    if module.path == "__init__.py":
        return renderer.render("package.py.jinja", view_package(package))
    contents = "The mappers" if module.path.startswith("mappers/") else "The sync modules"
    return renderer.render("room.py.jinja", view_room(contents, package))


def emit_package(package: ResolvedPackage, renderer: Renderer) -> Mapping[str, str]:
    """Return the texts of all modules by path within the package, manifest aside."""
    return {module.path: emit_module(module, package, renderer) for module in list_modules(package)}
