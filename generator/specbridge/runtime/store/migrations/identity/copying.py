"""Rows of 0002, which wait in tables called `…_before`, become those of 0003.

`moved` tells for each flow the pairing that it becomes a part of, and whether the pairing faces the
other way; flows that join a resource with itself are not in it, and what they have goes.
"""

import json

from sqlalchemy import Connection, text

_MOVED = """
CREATE TABLE moved AS
SELECT flow.number AS flow, oldest.number AS pairing,
    CASE WHEN flow.source = oldest.source THEN 0 ELSE 1 END AS turned
FROM flows_before AS flow JOIN flows_before AS oldest ON oldest.number = (
    SELECT min(one.number) FROM flows_before AS one
    WHERE (one.source = flow.source AND one.target = flow.target)
        OR (one.source = flow.target AND one.target = flow.source))
WHERE flow.source <> flow.target
"""

_IDENTITIES = (
    # The least: what follows from links is queued once more, which does no harm.
    "INSERT INTO companies (name, followed) "
    "SELECT '', coalesce(min(followed), 0) FROM packages_before",
    "INSERT INTO packages (number, company, name) "
    "SELECT number, (SELECT number FROM companies), name FROM packages_before",
    # Whether two packages mean the same account, their first runs tell.
    """
    INSERT INTO accounts (company, system, owner)
    SELECT DISTINCT (SELECT number FROM companies), resource.system,
        CASE WHEN (
            SELECT count(DISTINCT other.package) FROM resources_before AS other
            WHERE other.system = resource.system) = 1 THEN '' ELSE package.name END
    FROM resources_before AS resource
    JOIN packages_before AS package ON package.number = resource.package
    ORDER BY 2, 3
    """,
    # Without a shape all is read once: other properties count than did, under other names.
    """
    INSERT INTO resources (number, account, name, shape, cursor, full_at, generation)
    SELECT resource.number, account.number, resource.name, '',
        resource.cursor, resource.full_at, resource.generation
    FROM resources_before AS resource
    JOIN packages_before AS package ON package.number = resource.package
    JOIN accounts AS account
        ON account.system = resource.system AND account.owner IN ('', package.name)
    """,
    """
    INSERT INTO pairings (number, source, target, shape)
    SELECT flow.number, flow.source, flow.target, ''
    FROM flows_before AS flow JOIN moved ON moved.flow = flow.number
    WHERE moved.pairing = flow.number
    """,
    """
    INSERT INTO flows (number, package, name, pairing, position, reads)
    SELECT flow.number, flow.package, flow.name, moved.pairing,
        row_number() OVER (PARTITION BY flow.package ORDER BY flow.number) - 1, '[]'
    FROM flows_before AS flow JOIN moved ON moved.flow = flow.number
    """,
)

_RECORDS = (
    """
    INSERT INTO records
        (resource, id, modified_at, edited_at, digest, properties, generation, gone)
    SELECT resource, id, modified_at, modified_at, digest, properties, generation, gone
    FROM records_before
    """,
    """
    INSERT INTO queue (pairing, side, id)
    SELECT pairing.number, CASE WHEN pairing.source = queued.resource THEN 0 ELSE 1 END, queued.id
    FROM queue_before AS queued
    JOIN pairings AS pairing ON queued.resource IN (pairing.source, pairing.target)
    ORDER BY queued.number, pairing.number
    """,
)

# Of a pairing's own flow. The others' are made anew, by rules that are numbered otherwise.
_OF_OLDEST = (
    "INSERT INTO keys (pairing, side, id, rule, value) "
    "SELECT flow, side, id, rule, value FROM keys_before "
    "WHERE flow IN (SELECT pairing FROM moved)",
    "INSERT INTO waiting (pairing, side, id, to_resource, to_id) "
    "SELECT flow, side, id, to_resource, to_id FROM waiting_before "
    "WHERE flow IN (SELECT pairing FROM moved)",
    "INSERT INTO dead_letters (pairing, side, id, other_id, reason, run) "
    "SELECT flow, side, id, other_id, reason, run FROM dead_letters_before "
    "WHERE flow IN (SELECT pairing FROM moved)",
)

_RUNS = """
INSERT INTO runs (number, company, packages, kind, started_at, ended_at, outcome, report)
SELECT number, (SELECT number FROM companies), :packages, kind, started_at, ended_at, outcome, report
FROM runs_before WHERE package = :number
"""

# An undo's entries are of no flow. What a flow without a pairing was about to write, nobody looks up.
_JOURNAL = """
INSERT INTO journal (number, run, pairing, kind, resource, record_id, origin,
    before, after, effects, state, reason)
SELECT entry.number, entry.run, moved.pairing, entry.kind, entry.resource, entry.record_id,
    entry.origin, entry.before, entry.after, entry.effects,
    CASE WHEN entry.state = 'open' AND entry.flow IS NOT NULL AND moved.flow IS NULL
        THEN 'lost' ELSE entry.state END,
    entry.reason
FROM journal_before AS entry LEFT JOIN moved ON moved.flow = entry.flow
"""


def copy_identities(connection: Connection) -> None:
    """Make the company, its accounts and its pairings, of packages, resources and flows."""
    for statement in (_MOVED, *_IDENTITIES):
        connection.execute(text(statement))


def copy_rows(connection: Connection) -> None:
    """Copy what is about records and runs; what is about pairs of records is not."""
    for statement in (*_RECORDS, *_OF_OLDEST):
        connection.execute(text(statement))
    packages = connection.execute(text("SELECT number, name FROM packages_before")).all()
    for number, name in packages:
        listed = json.dumps([name], ensure_ascii=False, separators=(",", ":"))
        connection.execute(text(_RUNS), {"number": number, "packages": listed})
    connection.execute(text(_JOURNAL))
