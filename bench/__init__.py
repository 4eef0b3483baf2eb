"""Benchmarks: `make bench`. Nothing here passes or fails; it prints measurements side by side."""
