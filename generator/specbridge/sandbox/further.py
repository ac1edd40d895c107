"""The systems that a sandbox serves besides the first two, where they are asked for by name."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.server import System
from specbridge.sandbox.world import World

FURTHER: Mapping[str, str] = {
    "hubspot": "specbridge.sandbox.hubspot.system:HubSpot",
    "tripletex": "specbridge.sandbox.tripletex.system:Tripletex",
}
"""Where each of them is, by the name that it is asked for by."""


class FurtherSystem(System, Protocol):
    """A system that makes its own throw-away credentials."""

    def __init__(
        self, options: SandboxOptions, clock: Clock, faults: FaultBox, world: World
    ) -> None:
        """Load the world."""

    def environment(self, url: str) -> Mapping[str, str]:
        """Return the variables by which a client finds the system at `url` and signs in."""


def build_further(
    options: SandboxOptions, boxes: Mapping[str, FaultBox], world: World
) -> list[FurtherSystem]:
    """Return the systems that the options ask for; raises ValueError for one that there is not."""
    return [
        _load(name)(options, Clock(boxes[name].seconds("clock-skew")), boxes[name], world)
        for name in further_names(options.systems)
    ]


def further_names(asked: Sequence[str]) -> tuple[str, ...]:
    """Return the names of systems that are asked for, each once; raises ValueError for an unknown one."""
    for name in asked:
        if name not in FURTHER:
            raise ValueError(f"{name!r} is none of the further systems {', '.join(FURTHER)}")
    return tuple(dict.fromkeys(asked))


def _load(name: str) -> type[FurtherSystem]:
    module, _, word = FURTHER[name].partition(":")
    # Loaded when it is asked for: who wants the pair alone does not wait for the others.
    found: type[FurtherSystem] = getattr(import_module(module), word)
    return found
