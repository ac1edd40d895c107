"""How a run decides where the document is silent: policies, guards and limits (docs/settings.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

DAY = 86_400


class ConflictPolicy(Enum):
    """Which side wins where both changed a property differently since they last agreed."""

    LATEST = "latest"  # the record that was modified later; a tie goes to the source
    SOURCE = "source"
    TARGET = "target"
    MANUAL = "manual"  # nobody: the conflict waits for `conflicts settle`


def turn_policy(policy: ConflictPolicy) -> ConflictPolicy:
    """Return what a policy is called where source and target are exchanged."""
    match policy:
        case ConflictPolicy.SOURCE:
            return ConflictPolicy.TARGET
        case ConflictPolicy.TARGET:
            return ConflictPolicy.SOURCE
        case ConflictPolicy.LATEST | ConflictPolicy.MANUAL:
            return policy


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPolicy:
    """What holds for a flow.

    `properties` are exceptions from `conflicts`, by the dotted path of either side. `empty_wins`
    and `delete` carry emptied properties and deletions across, which otherwise stay where they are.
    """

    conflicts: ConflictPolicy = ConflictPolicy.LATEST
    properties: Mapping[str, ConflictPolicy] = field(default_factory=dict)
    empty_wins: bool = False
    delete: bool = False

    def conflict_policy(self, names: Iterable[str]) -> ConflictPolicy:
        """Return the policy for a property that goes by these dotted paths."""
        if not self.properties:
            return self.conflicts
        return next(
            (self.properties[name] for name in names if name in self.properties), self.conflicts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the settings and the command line say about a run.

    `policy` holds for flows that `flows` does not name, by `package.flow` or by the flow alone. A guard stops a run that would change, empty
    or delete more than `guard_share` of a flow's links, once more than `guard_floor` of them are
    concerned; `force` lets it pass. `full` reads everything. Durations are in seconds; `full_period`
    is the time between two readings of everything, `retention` how long runs are remembered.
    `batch` bounds how many records are held in memory at once, `rounds` how often a run goes over
    what its own writes lead to. A run that has not renewed its `lease` for so long has lost it, and
    `drain` is how long another one waits beyond that: a request may take as long. `unpolled` are systems of which
    only those records are read that webhooks told of, unless everything is due.
    """

    policy: FlowPolicy = FlowPolicy()
    flows: Mapping[str, FlowPolicy] = field(default_factory=dict)
    guard_share: float = 0.5
    guard_floor: int = 10
    force: bool = False
    full: bool = False
    full_period: float = DAY
    retention: float = 90 * DAY
    rounds: int = 6
    batch: int = 2000
    lease: float = 60.0
    # The connectors' deadline, and a little more than the second that a check may be old.
    drain: float = 92.0
    unpolled: frozenset[str] = frozenset()

    def flow_policy(self, package: str, flow: str) -> FlowPolicy:
        """Return what holds for a flow of a package."""
        # By both names first: two packages of a run may have flows of one name.
        named = self.flows.get(f"{package}.{flow}") or self.flows.get(flow)
        return self.policy if named is None else named
