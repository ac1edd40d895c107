"""Records as their systems held them, what they match by, what is queued of them, and what wakes them."""
