"""The acceptance of the main job: the real commands on the real servers."""
