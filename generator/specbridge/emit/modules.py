"""Which modules a package has; known without rendering any, and without what rendering needs."""

from dataclasses import dataclass

from specbridge.model.resolved import ResolvedFlow, ResolvedPackage


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
