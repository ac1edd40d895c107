"""What was done: runs, writes, undoings, what people did by hand, and audits."""
