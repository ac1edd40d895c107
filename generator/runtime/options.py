"""How a run decides where the document is silent: policies, guards and limits (docs/settings.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

DAY = 86_400


class ConflictPolicy(Enum):
    """Which side wins where both changed a property differently since they last agreed."""

    LATEST = "latest"  # the record that was modified later; a tie goes to the source
    SOURCE = "source"
    TARGET = "target"
    MANUAL = "manual"  # nobody: the conflict waits for `conflicts settle`


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the settings and the command line say about a run.

    `conflicts` is the policy, `flow_conflicts` the exceptions by flow name or by flow name and
    target path (`customers_to_organizations.name`). `empty_wins` and `delete` propagate emptied
    properties and deletions, which otherwise stop at the side where they happened. A guard stops a
    run that would change (`change_share`) or empty (`empty_share`) more than this share of a flow's
    links, once more than `guard_floor` links are concerned; `force` lets it pass. Durations are in
    seconds; `full_period` is the time between two readings of everything. `batch` bounds how many
    records are held in memory at once.
    """

    conflicts: ConflictPolicy = ConflictPolicy.LATEST
    flow_conflicts: Mapping[str, ConflictPolicy] = field(default_factory=dict)
    empty_wins: bool = False
    delete: bool = False
    change_share: float = 0.5
    empty_share: float = 0.1
    guard_floor: int = 20
    force: bool = False
    full: bool = False
    full_period: float = 7 * DAY
    retention: float = 90 * DAY
    rounds: int = 6
    batch: int = 1000
    lease: float = 300.0

    def conflict_policy(self, flow: str, unit: str) -> ConflictPolicy:
        """Return the policy for a property: its own, else the flow's, else the general one."""
        exceptions = self.flow_conflicts
        return exceptions.get(f"{flow}.{unit}", exceptions.get(flow, self.conflicts))
