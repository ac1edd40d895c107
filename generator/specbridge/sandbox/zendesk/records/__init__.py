"""The sandbox's Zendesk records: organizations, users, identities, memberships, and their calls."""
