"""Who may write for a company just now, and who is to leave it alone."""
