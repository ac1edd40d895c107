"""What changed in meaning between two versions of a project's documents."""
