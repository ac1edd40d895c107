"""The statements by which turns are given: one each, so that no two processes get the same.

The arithmetic is that of the buckets within a process. A turn starts when nothing is in its way: not the
one before it, not an answer that asked to wait, and not the one that `size` requests ago started less than a span
ago. A size is counted in chunks, so that a limit by the day is remembered by a hundred instants.
"""

from dataclasses import dataclass

from sqlalchemy import TextClause, text

BACK = 5.0
"""A row that was asked this many seconds after the present is of a clock that was set back: it begins anew."""

_TAKE = """
UPDATE turns SET (asked_at, start_at, next_at, starts, filled) = (
    SELECT now, start,
        CASE WHEN taken AND gap > 0 THEN {max}(turns.next_at, start - gap / 2) + gap ELSE turns.next_at END,
        CASE WHEN taken AND turns.filled + 1 >= :chunk THEN {appended} ELSE turns.starts END,
        CASE WHEN taken THEN (turns.filled + 1) % :chunk ELSE turns.filled END
    FROM (
        SELECT now, start, gap, places, turns.closed_until - now <= :patience AND (
            start - now <= :patience
            OR (:stops = 0 AND coalesce(turns.size, :requests) >= :requests)
        ) AS taken
        FROM (
            SELECT now, gap, places, {max}(
                {max}(now, turns.next_at), {max}(turns.closed_until, coalesce({oldest} + :span, 0))
            ) AS start
            FROM (
                SELECT {now} AS now, :gap * :requests / coalesce(turns.size, :requests) AS gap,
                    {max}(1, coalesce(turns.size, :requests) / :chunk) AS places
            ) AS asked
        ) AS offered
    ) AS given
)
WHERE key = :key AND asked_at <= {now} + :back {waiting}
"""

_BEGIN = """
INSERT INTO turns (key, asked_at) VALUES (:key, {now})
ON CONFLICT (key) DO UPDATE SET asked_at = excluded.asked_at, next_at = 0, closed_until = 0, starts = '[]', filled = 0
WHERE turns.asked_at > excluded.asked_at + :back
"""

# As long as it is among the last starts, nobody has a turn that was reckoned from it.
_DEFER = """
UPDATE turns SET starts = (
    SELECT {collected} FROM (
        SELECT CASE WHEN abs({start} - :start) < 0.0001 THEN {start} + :late ELSE {start} END AS start
        FROM {elements} AS one
    ) AS moved
)
WHERE key = :key AND EXISTS (SELECT 1 FROM {elements} AS one WHERE abs({start} - :start) < 0.0001)
"""

_CLOSE = """
UPDATE turns SET closed_until = {max}(closed_until, {now} + :seconds) WHERE key = :key
"""

_RESIZE = "UPDATE turns SET size = :size WHERE key = :key AND coalesce(size, 0) <> :size"
_FORGET = "DELETE FROM turns WHERE asked_at < {now} - :seconds"
_LOOK = "SELECT {now} AS asked_at, start_at, closed_until, size FROM turns WHERE key = :key"
_RETURNED = "asked_at, start_at, closed_until, size"

_POSTGRESQL = {
    "max": "greatest",
    "now": "extract(epoch FROM clock_timestamp())::float8",
    "oldest": "(turns.starts::jsonb ->> (-places))::float8",
    "appended": (
        "(CASE WHEN jsonb_array_length(turns.starts::jsonb) >= places THEN turns.starts::jsonb - 0"
        " ELSE turns.starts::jsonb END || to_jsonb(start))::text"
    ),
    "elements": "jsonb_array_elements_text(turns.starts::jsonb)",
    "start": "one.value::float8",
    "collected": "jsonb_agg(moved.start ORDER BY moved.start)::text",
    # For this statement alone: somebody who stands still in a transaction is not waited for for ever.
    "waiting": "AND (SELECT set_config('lock_timeout', '4s', true)) IS NOT NULL",
}
_SQLITE = {
    "max": "max",
    # One machine's, and told when the file is ours: it may have been waited for.
    "now": ":now",
    "oldest": "json_extract(turns.starts, '$[#-' || places || ']')",
    "appended": (
        "json_insert(CASE WHEN json_array_length(turns.starts) >= places"
        " THEN json_remove(turns.starts, '$[0]') ELSE turns.starts END, '$[#]', start)"
    ),
    "elements": "json_each(turns.starts)",
    "start": "one.value",
    "collected": "json_group_array(moved.start)",
    "waiting": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What a database is told; `take` and `defer` answer with the row where it can, else `look` does."""

    take: TextClause
    defer: TextClause
    begin: TextClause
    close: TextClause
    resize: TextClause
    forget: TextClause
    look: TextClause


def statements_for(dialect: str) -> Statements:
    """Return the statements as a database understands them, `sqlite` or `postgresql`."""
    words = _SQLITE if dialect == "sqlite" else _POSTGRESQL
    # SQLite has RETURNING from 3.35 on, and the store is content with an older one.
    returning = "" if dialect == "sqlite" else f"RETURNING {_RETURNED}"
    return Statements(
        take=text(f"{_TAKE.format(**words)} {returning}"),
        defer=text(f"{_DEFER.format(**words)} {returning}"),
        begin=text(_BEGIN.format(**words)),
        close=text(_CLOSE.format(**words)),
        resize=text(_RESIZE),
        forget=text(_FORGET.format(**words)),
        look=text(_LOOK.format(**words)),
    )
