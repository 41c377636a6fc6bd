"""Decisions of this service, by subject: pure functions over frozen values. A newcomer starts here."""
