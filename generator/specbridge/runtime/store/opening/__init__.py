"""Where a store is, whether it is one, and how it is brought up to date or set apart."""
