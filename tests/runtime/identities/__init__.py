"""Random companies whose documents name resources more than once, and what must hold of their records."""
