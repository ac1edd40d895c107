"""The audit's page: what was found, for people who have to trust it and mend what is wrong."""
