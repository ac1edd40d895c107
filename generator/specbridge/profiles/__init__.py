"""What is known of each API, as TOML files, and their reading."""
