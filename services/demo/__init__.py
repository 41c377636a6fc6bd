"""The demonstration: drives the whole road over HTTP, through the forms that a browser posts."""
