"""diff is empty exactly where check finds no drift: a small form of tests.drift.agreement."""

from specbridge.drift.meaning.change import BREAKING

from tests.drift.agreement import play_changes


def test_diff_and_check_agree_over_drawn_changes() -> None:
    told = play_changes(80, start=14)
    assert sum(told.values()) >= 80
    assert set(told) <= {*BREAKING, "none", "not compared"}
    assert "code-changed" not in told
