"""Pairs what the Programme and the proposals need with the windows that could pay for it, and says why."""
