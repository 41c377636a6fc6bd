"""Measurements: each figure beside a bare baseline, in one run. `make bench` prints JSON last."""
