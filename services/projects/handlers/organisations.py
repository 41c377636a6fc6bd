"""What organisations tell of themselves, kept as a copy."""

from contracts.envelope import Event
from contracts.events import OrganisationRegistered
from services.chassis.service import Context, Routes
from services.projects.tables.organisations import OrganisationRow


def on_organisation_registered(context: Context, event: Event[OrganisationRegistered]) -> None:
    """Keep the profile, unless a newer one has overtaken it."""
    said = event.data
    row = context.session.get(OrganisationRow, said.organisation_id)
    if row is not None and row.revision >= said.revision:
        return
    row = row or OrganisationRow(id=said.organisation_id, revision=0, name="", profile={})
    row.revision, row.name, row.profile = said.revision, said.name[:300], said.model_dump(mode="json")
    context.session.add(row)


ROUTES: Routes = {OrganisationRegistered: on_organisation_registered}
