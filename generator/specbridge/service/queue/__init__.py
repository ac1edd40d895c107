"""Many companies on many machines: whose turn it is, the jobs that say so, and the workers that take them."""
