"""A resolved package as files: their paths within the package and their texts."""

from collections.abc import Mapping
from dataclasses import dataclass

from generator.emit.render import Renderer
from generator.emit.sync import view_package, view_room, view_sync
from generator.emit.views import type_flow, view_mapper
from generator.model.resolved import ResolvedFlow, ResolvedPackage


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A file to be generated: `path` within the package, the part of the model that it shows.

    `flow` is None for the modules that are about the package as a whole.
    """

    path: str
    flow: ResolvedFlow | None


def list_modules(package: ResolvedPackage) -> tuple[Module, ...]:
    """Return the modules of a package, without rendering any."""
    paths = ["__init__.py", "mappers/__init__.py", "sync/__init__.py"]
    modules = [Module(path=path, flow=None) for path in paths]
    for flow in package.flows:
        modules.append(Module(path=f"mappers/{flow.name}.py", flow=flow))
        modules.append(Module(path=f"sync/{flow.name}.py", flow=flow))
    return tuple(modules)


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
