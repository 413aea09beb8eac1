"""A site of its own on one machine: for the demo, the benchmarks and the end-to-end tests."""
