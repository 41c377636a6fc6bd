"""Reports: documents printed from what the other services have published, each figure with the event it came from."""
