"""The edit form of a window's terms: what it shows, and how it is read back."""

from services.donors.forms.reading import Edit, read_edit, read_reason, read_reopening, sections_of
from services.donors.forms.values import form_values

__all__ = ["Edit", "form_values", "read_edit", "read_reason", "read_reopening", "sections_of"]
