"""What a sandbox is started with."""

from dataclasses import dataclass, field
from enum import Enum

from specbridge.sandbox.doubts import Doubt


class LimitsPlan(Enum):
    """Whose rate limits the sandbox keeps; PowerOffice's ten a second hold for all but OFF."""

    HIGH_VOLUME = "high-volume"  # Zendesk's add-on: 2,500 a minute, exports 30
    ENTERPRISE = "enterprise"  # 700 a minute, exports 10
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """The world's size and seed, the faults, and what the documentation leaves open.

    `records` None is the small world of docs/sandbox.md; a number adds generated records until there
    are that many customers. `faults` are texts of the grammar in faults.py. `withhold_seconds` keeps
    the newest changes back from Zendesk's incremental exports, a minute as the vendor does; 0 shows
    all. `otherwise` are the doubts to be decided the other way. `bulk_users` opens the account for
    bulk import of users, which Zendesk refuses by default. `token_seconds` is the life of a token,
    `job_seconds` how long a bulk job of a hundred rows takes,
    `search_delay_seconds` how late Zendesk's /search finds what was changed, `hang_seconds` how long a
    `timeout` fault holds a request. Ports of 0 are chosen by the system. `systems` are those that are
    served besides the first two, by the names in further.py. Zendesk delivers webhooks to `webhooks`,
    signed with `webhook_secret`; to nobody where it is empty.
    """

    records: int | None = None
    seed: int = 0
    faults: tuple[str, ...] = ()
    limits: LimitsPlan = LimitsPlan.HIGH_VOLUME
    withhold_seconds: int = 60
    otherwise: frozenset[Doubt] = frozenset()
    bulk_users: bool = False
    token_seconds: int = 1200
    job_seconds: float = 0.05
    search_delay_seconds: int = 120
    hang_seconds: float = 60.0
    poweroffice_port: int = 0
    zendesk_port: int = 0
    systems: tuple[str, ...] = ()
    webhooks: str = ""
    webhook_secret: str = field(default="", repr=False)
