"""Accounts: people, organisations, roles, and how one signs in."""
