"""The read side of this service, by subject."""
