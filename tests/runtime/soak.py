"""Many random histories: `python -m tests.runtime.soak --histories 50000 [--processes 2]`.

So many histories of companies whose documents name resources again and again (tests/runtime/identities),
and a fifth as many of two systems with all kinds of trouble.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.runtime.histories import (
    HISTORIES,
    QUIET,
    Step,
    Terms,
    play_history,
    play_mirrored,
)
from tests.runtime.identities.drawing import Story, stories
from tests.runtime.identities.holding import hold_story
from tests.runtime.identities.rings import rings
from tests.runtime.kept import kept_quietly
from tests.runtime.servers import new_database, running_postgresql

MIRRORED_SHARE = 5
"""One history in so many is played twice, with the sides swapped."""

REORDERED_SHARE = 5
"""One company in so many is played again, with its documents, pages and sides in another order."""

RINGS_SHARE = 5
"""For so many companies there is one more, whose values go round."""

PAIRS_SHARE = 5
"""For so many histories of companies there is one of two systems in trouble."""

POSTGRESQL_SHARE = 100
"""One company in so many is played on PostgreSQL too."""

PORTION = 250
"""Histories per task: a process takes the next portion when it is done with one."""

Portion = Callable[[int, int], int]
"""Plays so many histories, the same for the same start; returns how many."""

_QUICK = settings(
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def play_portion(count: int, start: int, url: str = "sqlite://") -> int:
    """Play so many random histories of two systems, the same for the same `start`; return how many.

    The first that fails is shrunk and raised.
    """
    mirrored = count // MIRRORED_SHARE
    with kept_quietly(url) as kept:

        @seed(start)
        @settings(_QUICK, max_examples=count - mirrored)
        @given(history=HISTORIES)
        def play(history: tuple[Terms, Sequence[Step]]) -> None:
            play_history(kept, *history)

        @seed(start)
        @settings(_QUICK, max_examples=max(1, mirrored))
        @given(steps=QUIET)
        def mirror(steps: Sequence[Step]) -> None:
            play_mirrored(kept, steps)

        play()
        mirror()
    return count


def play_company_portion(count: int, start: int, url: str = "sqlite://") -> int:
    """Play so many random histories of companies, as play_portion does."""
    reordered = count // REORDERED_SHARE
    with kept_quietly(url) as kept:

        @seed(start)
        @settings(_QUICK, max_examples=count - reordered)
        @given(story=stories())
        def play(story: Story) -> None:
            hold_story(kept, story)

        @seed(start)
        @settings(_QUICK, max_examples=max(1, reordered))
        @given(story=stories(crashes=False))
        def reorder(story: Story) -> None:
            hold_story(kept, story, orders=1)

        @seed(start)
        @settings(_QUICK, max_examples=max(1, count // RINGS_SHARE))
        @given(story=rings())
        def go_round(story: Story) -> None:
            hold_story(kept, story)

        play()
        reorder()
        go_round()
    return count


def play_in_portions(play: Portion, count: int, processes: int, start: int = 0) -> int:
    """Play random histories in several processes; return how many."""
    full, rest = divmod(count, PORTION)
    sizes = [PORTION] * full + ([rest] if rest else [])
    starts = range(start, start + len(sizes))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(play, sizes, starts))


def play_histories(count: int, processes: int, start: int = 0) -> int:
    """Play random histories of two systems in several processes; return how many."""
    return play_in_portions(play_portion, count, processes, start)


def play_on_postgresql(count: int, processes: int, start: int) -> int:
    """Play random histories of companies on a PostgreSQL of our own, each process in its database."""
    with ExitStack() as stack:
        server = stack.enter_context(running_postgresql())
        play = partial(_play_on_new_database, server)
        return play_in_portions(play, count, processes, start)


def _play_on_new_database(server: str, count: int, start: int) -> int:
    with new_database(server) as url:
        return play_company_portion(count, start, url)


def main() -> None:
    """Read the number of histories from the command line, and play them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=50_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=1000, help="Another one: other histories.")
    options = parser.parse_args()
    count, more = options.histories, (options.processes, options.seed)
    played = play_in_portions(play_company_portion, count, *more)
    pairs = play_histories(count // PAIRS_SHARE, *more)
    again = play_on_postgresql(count // POSTGRESQL_SHARE, *more)
    sys.stdout.write(
        f"{played} companies, {again} of them on PostgreSQL too, {pairs} pairs of systems: all hold\n"
    )


if __name__ == "__main__":
    main()
