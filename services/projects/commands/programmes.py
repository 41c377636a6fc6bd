"""What can be asked for about Programmes of Work."""

from dataclasses import dataclass

from services.projects.values.programmes import Catalogue, Facts


@dataclass(frozen=True)
class ImportProgramme:
    """Keep and publish the programme that a file describes. `source_name` says which file, for people."""

    facts: Facts
    source_name: str


@dataclass(frozen=True)
class LoadCatalogue:
    """Keep and publish a programme that the project ships. `edition` is a hash of the files it came from."""

    catalogue: Catalogue
    edition: str
