"""Benchmarks beside their competitors in the same run: `make bench`. Figures on a busy machine are worth nothing."""
