"""Statistics of what the site does."""
