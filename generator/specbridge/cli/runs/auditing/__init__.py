"""What `audit` prints, writes and keeps beside running it."""
