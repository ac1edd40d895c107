"""What the store holds of a person, given out and erased."""
