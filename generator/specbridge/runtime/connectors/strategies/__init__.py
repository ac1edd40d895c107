"""What a profile names because no key of it can say it: properties that calls of their own write."""
