"""What is handed out: the lock, the sdist, the wheel, and the wheel in somebody else's repository."""
