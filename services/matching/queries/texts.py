"""An action's texts, read only where they are shown."""

from collections.abc import Mapping
from typing import Any

from contracts.values import LocalizedText


class ActionTexts:
    """What rows of actions have in common that keep the action as it was published."""

    payload: Mapping[str, Any]
    """contracts.events.ActionPublished as JSON."""

    @property
    def title(self) -> LocalizedText:
        """Its title."""
        return LocalizedText.model_validate(self.payload["title"])

    @property
    def section_title(self) -> LocalizedText:
        """The title of its section."""
        return LocalizedText.model_validate(self.payload["section_title"])

    @property
    def words(self) -> str:
        """What a search looks through: its number, and its title in every language."""
        versions = self.payload["title"]["versions"].values()
        return " ".join([self.payload["action_id"], *(version["text"] for version in versions)]).casefold()
