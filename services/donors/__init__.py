"""Donors: the inventory of funding windows, its rules with their evidence, and the history of both."""
