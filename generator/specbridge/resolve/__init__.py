"""Documents and profiles become packages of flows that can be emitted; faults are data."""
