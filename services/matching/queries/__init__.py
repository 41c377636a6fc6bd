"""The read side of matching: what its pages show, one module a page."""
