"""The store: what the runtime remembers between runs, in SQLite or PostgreSQL."""
