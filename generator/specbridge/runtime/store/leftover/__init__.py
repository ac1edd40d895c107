"""What runs leave over, and what people decide about it."""
