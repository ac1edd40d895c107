"""PowerOffice Go API v2, as the vendor's documentation describes it."""
