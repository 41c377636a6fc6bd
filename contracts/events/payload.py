"""What all payloads have in common."""

from contracts.values import Value


class Payload(Value):
    """Base of all payloads."""
