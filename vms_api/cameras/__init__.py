"""The registry: cameras with their zones and rules."""
