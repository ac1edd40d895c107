"""The one place where a request leaves: credentials, limits, retries, clocks, and what answers mean."""
