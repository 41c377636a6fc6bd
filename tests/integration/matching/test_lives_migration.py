"""A database from before the lives of proposals were kept has, at once, those of the proposals that stand."""

from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import select

from services.chassis.migrations import made_anew
from services.chassis.service import Service
from services.matching.component import COMPONENT
from services.matching.tables import ProposalLife
from tests.integration.matching.events import NOW, submitted

STANDS, WITHDRAWN, UNSEEN = (UUID(int=number) for number in (1, 2, 3))


def test_versions_that_stand_are_known_after_the_upgrade(matching: Service) -> None:
    payload = submitted(STANDS, requested=Decimal("15000.50")).model_dump(mode="json")
    with made_anew(COMPONENT, matching.db, "0006") as connection:
        proposal = sa.Table("proposal", sa.MetaData(), autoload_with=connection)
        stored = sa.table("proposal", *(sa.column(column.name, column.type) for column in proposal.columns))
        common = {"organisation_name": "", "title": {}, "states": [], "species": [], "requested": Decimal(0)}
        common |= {"currency": "USD", "judged_because": "", "judged_cause": "", "judged_window": ""}
        for id_, version, withdrawn in ((STANDS, 2, 1), (WITHDRAWN, 1, 1), (UNSEEN, 0, 1)):
            content = payload if version else {}
            connection.execute(
                sa.insert(stored).values(
                    proposal_id=id_ if connection.dialect.name != "sqlite" else id_.hex, reference="R",
                    version=version, withdrawn_version=withdrawn,
                    submitted_at=NOW if connection.dialect.name != "sqlite" else NOW.replace(tzinfo=None),
                    payload=content, **common,
                )
            )  # fmt: skip
    with matching.read() as session:
        (life,) = session.exec(select(ProposalLife)).all()
    assert (life.proposal_id, life.version, life.submitted_at, life.withdrawn_at) == (STANDS, 2, NOW, None)
    assert (life.action_ids, life.states, life.species) == (["3.1"], ["KGZ"], ["snow_leopard"])
    assert life.requested_usd == Decimal("15000.50")
