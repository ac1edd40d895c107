"""A watch goes on running while its package is paused, asks no system, and goes on when it may."""

from tests.acceptance.conftest import PACKAGE, Office
from tests.acceptance.test_watching import SHORT, watching


def test_a_watch_stands_still_while_its_package_is_paused(office: Office) -> None:
    with watching(office, SHORT) as watch:
        assert watch.report()["outcome"] != "paused"
        done = office.terminal.run("pause", str(PACKAGE), "--reason", "a look")
        assert done.status == 0, done.errors
        report = watch.report_with("paused")
        assert [(one["package"], one["reason"]) for one in report["paused"]] == [
            ("powerofficego_zendesk", "a look")
        ]
        again = watch.report()
        assert again["outcome"] == "paused"
        assert all(set(usage.values()) == {0} for usage in again["requests"].values())
        office.terminal.run("resume", str(PACKAGE))
        assert watch.report_with("left_over")["paused"] == []
        assert watch.end() == 3
