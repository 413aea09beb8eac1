"""Recordings: what was recorded where, why something was not, how long it is kept, and who holds it."""
