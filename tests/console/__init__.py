"""The console: pages in a real browser, deeds on a real store, and who is kept out."""
