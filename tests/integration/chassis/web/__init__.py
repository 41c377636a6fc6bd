"""Pages, access, limits and errors, over a small service on a real database."""
