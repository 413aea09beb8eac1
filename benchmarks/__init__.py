"""Benchmarks: each runs alone, prints a table and JSON, and states the figure it must reach."""
