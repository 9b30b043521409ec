"""Measures quality and speed against named baselines, in one run: `make bench`."""
