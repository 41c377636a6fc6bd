"""Portfolios: which proposals to fund from which windows, with a proven bound. Pure: instances in, plans out."""
