"""Finding cameras, looking at them before they are taken in, and taking them in."""
