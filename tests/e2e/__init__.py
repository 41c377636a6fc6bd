"""The whole program as a process of its own, driven over HTTP as browsers do."""
