"""Drafts of profiles from OpenAPI descriptions: what they say as data, what they leave open as marks."""
