"""Rules: each turns the tracks of one camera into violations."""
