"""Many random histories: `python -m tests.runtime.soak --histories 50000`."""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import structlog
from hypothesis import HealthCheck, given, settings

from generator.runtime.store.engine import open_store
from tests.runtime.histories import HISTORIES, History, Step


def play_histories(count: int) -> None:
    """Play random histories; the first that fails is shrunk and raised."""
    with tempfile.TemporaryDirectory() as directory:
        template, stage = Path(directory) / "template.db", Path(directory) / "stage"
        stage.mkdir()
        open_store(f"sqlite:///{template}").close()

        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(steps=HISTORIES)
        def play(steps: Sequence[Step]) -> None:
            history = History(template, stage)
            history.play(steps)
            history.settle()
            history.check()

        play()


def main() -> None:
    """Read the number of histories from the command line, and play them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=50_000)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    play_histories(parser.parse_args().histories)


if __name__ == "__main__":
    main()
