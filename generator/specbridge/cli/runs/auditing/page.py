"""What the audit's page needs beside the report: addresses, lines, mends, and earlier audits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from specbridge.cli.running import Setup
from specbridge.cli.runs.auditing.keeping import Past
from specbridge.cli.runs.auditing.lines import find_lines
from specbridge.errors import SpecbridgeError
from specbridge.pages.audit.surroundings import AuditedSystem, PastAudit, Surroundings
from specbridge.runtime.connectors.seeing import seen_at
from specbridge.runtime.connectors.transport.environment import read_base_url
from specbridge.runtime.reports.audit_reasons import Reason
from specbridge.runtime.reports.audit_report import AuditReport, Example, LeftOver, Statement
from specbridge.shipped import shipped_folder


def look_around(setup: Setup, place: str | None, report: AuditReport, past: Past) -> Surroundings:
    """Return what the page tells beside the report; `past` are audits, and why this one was not kept."""
    audits, reason = past
    kept = f"This audit is not kept for later ones: {reason}." if reason else ""
    first = "This is the first audit that is known here; later ones are compared with it."
    return Surroundings(
        at=datetime.fromtimestamp(report.at).astimezone(),
        systems=tuple(_systems(setup, report)),
        lines=find_lines(setup, place, report),
        mends={one.code: _mend(one.code) for item in report.statements for one in item.withheld},
        history=tuple(
            PastAudit(
                at=one.at,
                checked=one.checked,
                holds=one.holds,
                fails=one.checked - one.holds,
                left_over=one.left_over,
            )
            for one in audits
        ),
        kept=kept or (first if len(audits) < 2 else ""),  # noqa: PLR2004  # itself, and one before
    )


def _systems(setup: Setup, report: AuditReport) -> list[AuditedSystem]:
    sides = [side for flow in report.flows for side in (flow.source, flow.target)]
    called = {side.system: side.called for side in sides}
    return [
        AuditedSystem(name=name, called=word, address=_address(setup, name))
        for name, word in called.items()
    ]


def _address(setup: Setup, system: str) -> str:
    """Return the host that a system was read at, which tells the account; "" where nobody knows."""
    try:
        return urlsplit(read_base_url(setup.profiles[system], setup.environment)).netloc.rpartition(
            "@"
        )[2]
    except (SpecbridgeError, KeyError):
        return ""


@lru_cache(maxsize=64)
def _mend(code: str) -> str:
    """Return what to do about a problem: the first paragraph of its page's mend, "" where there is none."""
    path = shipped_folder("problems") / f"{code}.md"
    if not code.isalnum() or not path.is_file():
        return ""
    return path.read_text(encoding="utf-8").partition("## Mend")[2].strip().partition("\n\n")[0]


def with_addresses(setup: Setup, report: AuditReport) -> AuditReport:
    """Return a report whose records can be followed to where people look at them."""
    sides = {(flow.package, flow.name): (flow.source, flow.target) for flow in report.flows}

    def follow(package: str, flow: str) -> Callable[[Example], Example]:
        source, target = sides[package, flow]

        def add(example: Example) -> Example:
            ends = (source, example.source), (target, example.target)
            seen = [_seen(setup, side.system, side.resource, id_) for side, id_ in ends]
            return replace(example, seen=(seen[0], seen[1]))

        return add

    return _with_examples(report, follow)


def _seen(setup: Setup, system: str, resource: str, id_: str | None) -> str:
    if id_ is None or system not in setup.profiles:
        return ""
    return seen_at(setup.profiles[system], resource, id_, setup.environment)


def without_names(report: AuditReport) -> AuditReport:
    """Return a report that tells ids and reasons alone: values, and systems' words, may name people."""

    def mask(_package: str, _flow: str) -> Callable[[Example], Example]:
        return _masked

    return _with_examples(report, mask)


def _masked(example: Example) -> Example:
    because = example.because
    # What is waited for is told by its id; all other details are the words of systems or of values.
    if because is not None and because.detail and because.reason is not Reason.WAITING:
        because = replace(because, detail="its words are left out")
    return replace(
        example,
        names=(None, None),
        source_value=None,
        target_value=None,
        because=because,
        masked=True,
    )


def _with_examples(
    report: AuditReport, make: Callable[[str, str], Callable[[Example], Example]]
) -> AuditReport:
    """Return a report whose examples are changed, by the package and flow that each is of."""

    def changed(one: Statement | LeftOver) -> Callable[[Example], Example]:
        return make(one.package, one.flow)

    return replace(
        report,
        statements=tuple(
            replace(one, examples=tuple(map(changed(one), one.examples)))
            for one in report.statements
        ),
        left_over=tuple(
            replace(one, examples=_mapped(one.examples, changed(one))) for one in report.left_over
        ),
    )


def _mapped(
    examples: Mapping[str, Sequence[Example]], change: Callable[[Example], Example]
) -> dict[str, tuple[Example, ...]]:
    return {name: tuple(map(change, some)) for name, some in examples.items()}
