"""Read copies are made anew from the log, while the service works."""
