"""What regenerating would change, what has changed in meaning, and writing it all at once."""
