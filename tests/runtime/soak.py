"""Many random histories: `python -m tests.runtime.soak --histories 50000 [--processes 2]`."""

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import structlog
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.runtime.histories import (
    HISTORIES,
    QUIET,
    Step,
    Terms,
    play_history,
    play_mirrored,
)
from tests.runtime.kept import KeptStore

MIRRORED_SHARE = 5
"""One history in so many is played twice, with the sides swapped."""

PORTION = 250
"""Histories per task: a process takes the next portion when it is done with one."""


def play_portion(count: int, start: int, url: str = "sqlite://") -> int:
    """Play so many random histories, the same for the same `start`; return how many.

    The first that fails is shrunk and raised.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    mirrored = count // MIRRORED_SHARE
    kept = KeptStore(url)
    quick = settings(
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )

    @seed(start)
    @settings(quick, max_examples=count - mirrored)
    @given(history=HISTORIES)
    def play(history: tuple[Terms, Sequence[Step]]) -> None:
        play_history(kept, *history)

    @seed(start)
    @settings(quick, max_examples=max(1, mirrored))
    @given(steps=QUIET)
    def mirror(steps: Sequence[Step]) -> None:
        play_mirrored(kept, steps)

    play()
    mirror()
    kept.close()
    return count


def play_histories(count: int, processes: int, start: int = 0) -> int:
    """Play random histories in several processes; return how many."""
    full, rest = divmod(count, PORTION)
    sizes = [PORTION] * full + ([rest] if rest else [])
    starts = range(start, start + len(sizes))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(play_portion, sizes, starts))


def main() -> None:
    """Read the number of histories from the command line, and play them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=50_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=1000, help="Another one: other histories.")
    options = parser.parse_args()
    played = play_histories(options.histories, options.processes, options.seed)
    sys.stdout.write(f"{played} histories: all hold\n")


if __name__ == "__main__":
    main()
