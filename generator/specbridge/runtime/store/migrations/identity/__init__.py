"""From schema 0002 to 0003: frozen, like the migration that it is a part of."""
