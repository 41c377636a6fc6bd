"""Engines that tests start for themselves: fixtures of the session, each in a module of its own."""
