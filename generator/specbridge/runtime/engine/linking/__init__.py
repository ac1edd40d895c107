"""Which records belong together: links settled, references followed, things asked."""
