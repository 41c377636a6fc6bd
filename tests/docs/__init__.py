"""Tests of prose that can rot."""
