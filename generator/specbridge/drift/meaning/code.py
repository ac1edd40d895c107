"""The code of a flow, to be sure that what is told of it shows there, and that nothing else does."""

from collections.abc import Mapping

from specbridge.drift.meaning.packages import CodeOf
from specbridge.emit.modules import Module
from specbridge.emit.package import PackageEmitter
from specbridge.emit.render import Renderer
from specbridge.model.resolved import ResolvedFlow, ResolvedPackage


def code_of(templates: Mapping[str, str]) -> CodeOf:
    """Return what gives the texts of a flow's two modules, rendered with these templates."""
    renderer = Renderer(dict(templates))

    def code(flow: ResolvedFlow) -> tuple[str, ...]:
        package = ResolvedPackage(name="", documents=(), flows=(flow,), problems=())
        emitter = PackageEmitter(package, renderer)
        paths = (f"mappers/{flow.name}.py", f"sync/{flow.name}.py")
        return tuple(emitter.emit(Module(path=path, flow=flow)) for path in paths)

    return code
