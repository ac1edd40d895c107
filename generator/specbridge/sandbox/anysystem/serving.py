"""Serving systems as profiles say they are, beside the two APIs that the sandbox knows."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from specbridge.model.profile import Profile
from specbridge.sandbox.anysystem.system import AnySystem, unserved
from specbridge.sandbox.clock import Clock
from specbridge.sandbox.faults import SYSTEMS, FaultBox, parse_fault
from specbridge.sandbox.running import Running, serving_systems

RECORDS = 12
"""How many records of each kind a system starts with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The systems that are served as profiles say, by the profiles' names; `notes` are for whoever started them."""

    running: Mapping[str, Running]
    systems: Mapping[str, AnySystem] = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables by which a client finds the systems and signs in."""
        found: dict[str, str] = {}
        for name, system in self.systems.items():
            found.update(system.access.environment(self.running[name].url))
        return found


@contextmanager
def running_profiles(
    profiles: Sequence[Profile],
    *,
    records: int | None = None,
    seed: int = 0,
    faults: Sequence[str] = (),
    hang_seconds: float = 60.0,
) -> Iterator[Described]:
    """Serve a system for each profile until the block ends, with so many records of each kind.

    Raises ValueError for a fault that the grammar does not hold, for two profiles of one name, and for
    one to which people sign in.
    """
    names = [profile.name for profile in profiles]
    count = RECORDS if records is None else records
    if len(set(names)) < len(names):
        raise ValueError("two of the profiles have one name")
    asked = [parse_fault(text, (*SYSTEMS, *names)) for text in faults]
    boxes = [FaultBox(name, seed, asked) for name in names]
    systems = [
        AnySystem(profile, Clock(box.seconds("clock-skew")), box, count, seed)
        for profile, box in zip(profiles, boxes, strict=True)
    ]
    with serving_systems([(system, 0) for system in systems], hang_seconds) as served:
        yield Described(
            running=dict(zip(names, served, strict=True)),
            systems=dict(zip(names, systems, strict=True)),
            notes=tuple(_notes(profiles)),
        )


def _notes(profiles: Sequence[Profile]) -> Iterator[str]:
    for profile in profiles:
        yield (
            f"{profile.name} is served as its profile says it is: that proves the profile against"
            " itself, and nothing of the system"
        )
        yield from unserved(profile)
