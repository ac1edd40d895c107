"""HubSpot's sandbox, and our connector on it."""
