"""A tiny program of two services is killed at every step of an event's journey, and started again."""
