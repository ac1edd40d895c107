"""How each flow stands as a whole: the share of its checks that hold, and its colour."""

from collections.abc import Sequence
from dataclasses import dataclass

from specbridge.pages.audit.items import Item
from specbridge.pages.audit.words import count, share
from specbridge.runtime.reports.audit_report import AuditedFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowShare:
    """A flow with what was checked of it, what holds, and what is left over."""

    flow: AuditedFlow
    checked: int
    holds: int
    left: int

    @property
    def tone(self) -> str:
        """Return its colour: what fails is more pressing than what waits."""
        if self.holds < self.checked:
            return "fails"
        return "held" if self.left else "holds" if self.checked else ""

    @property
    def share(self) -> str:
        """Return the share of its checks that holds."""
        return share(self.holds, self.checked)

    @property
    def label(self) -> str:
        """Return what stands at its line."""
        return f"{self.share} · {count(self.flow.links, 'pair')}"

    @property
    def told(self) -> str:
        """Return in words how it stands."""
        ends = f"{self.flow.source.label} and {self.flow.target.label}"
        pairs = count(self.flow.links, "pair")
        left = f", {self.left:,} left out" if self.left else ""
        if not self.checked:
            return f"{ends}: {pairs}, nothing to check{left}"
        return f"{ends}: {pairs}, {self.holds:,} of {self.checked:,} checks hold{left}"


def flow_shares(flows: Sequence[AuditedFlow], items: Sequence[Item]) -> list[FlowShare]:
    """Return each flow with the sums of its statements."""
    sums = [[0, 0, 0] for _ in flows]
    for item in items:
        if item.kind == "left":
            sums[item.flow][2] += item.checked
        else:
            sums[item.flow][0] += item.checked
            sums[item.flow][1] += item.holds
    return [
        FlowShare(flow=flow, checked=checked, holds=holds, left=left)
        for flow, (checked, holds, left) in zip(flows, sums, strict=True)
    ]
