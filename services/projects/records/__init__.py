"""Rows read as values and values written as rows, by subject; what handlers and queries share."""
