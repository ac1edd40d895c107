"""What was apart and is one: links of two pairings, accounts of two packages, records that a system merged."""
