"""What each template is given: names, types and single expressions, every decision made."""
