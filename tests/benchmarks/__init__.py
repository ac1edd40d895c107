"""Benchmarks: run by `make bench`, beside named peers in the same run."""
