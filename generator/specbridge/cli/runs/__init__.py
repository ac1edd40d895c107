"""Commands that meet both systems: plan, sync, audit, doctor."""
