"""Handlers of this service, by subject: load, let the rules decide, save, emit."""
