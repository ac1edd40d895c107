"""The counts of an audit, kept in the store for later ones."""

from collections.abc import Sequence

from specbridge.cli.running import Setup
from specbridge.runtime.reports.audit_report import AuditReport
from specbridge.runtime.store.history.audits import KeptAudit, keep_audit

Past = tuple[Sequence[KeptAudit], str]
"""Audits of the same packages and flows, oldest first and this one last; and why it was not kept, else ""."""


def keep_counts(setup: Setup, only: Sequence[str], report: AuditReport) -> Past:
    """Keep the counts of an audit in the store where it may be written; return all, and why it was not."""
    left = sum(count for one in report.left_over for _, count, _ in one.counts())
    audit = KeptAudit(at=report.at, checked=report.checked, holds=report.held_true, left_over=left)
    scope = [*sorted(setup.packages), *sorted(only)]
    return keep_audit(setup.url, setup.task().company, scope, audit)
