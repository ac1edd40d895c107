"""Pages for a browser: each one file of its own, from a template and a view that was decided beforehand."""
