"""How the sandbox's Zendesk lists: paging, exports, look-ups, search."""
