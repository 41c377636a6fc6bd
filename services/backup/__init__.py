"""Backups: all services, the event log and the signing key in one archive that any mode of the program can restore.

`saving` writes one while the program runs, `restoring` makes a system of it; `archive` is the file, `rows` what a row
looks like in it. `docs/decisions/0016` says why the log is read first and consumers before producers.
"""
