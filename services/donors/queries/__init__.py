"""The read side of donors."""
