"""The same program as a cluster on one machine: engines, a process for each service, replicas, a front door.

`python -m deploy.cluster start` (or `make cluster`) starts it and stays with it; `stop` ends it from elsewhere. Read
`parts.py` for what there is, `supervisor.py` for how it is kept alive.
"""
