"""A changed window is judged for every live proposal on grounds that are read once, as if each were judged alone."""

from uuid import UUID

from sqlmodel import select

from contracts.values import Tri
from contracts.windows import IntermediaryRule
from services.chassis.service import Service
from services.matching.handlers.judging import facts_from, judge_proposal
from services.matching.handlers.terms import terms_of
from services.matching.rules.settled import Question
from services.matching.tables import Pair, ProposalCopy
from tests.integration.matching.answering import answer, pairs
from tests.integration.matching.events import NOW, hand, published, submitted
from tests.integration.matching.pursuing import move
from tests.unit.matching.build import window

ONE, TWO, THREE, GONE = (UUID(int=number) for number in (1, 2, 3, 4))
AGENCY = IntermediaryRule(intermediary=Tri.YES, endorsement=Tri.NO)
EVERYTHING = (
    "overall", "yes", "unknown", "no", "fit", "findings", "parts", "weights", "window_revision", "because", "judged_at",
    "was_overall", "was_fit", "was_place", "changed_cause", "changed_findings", "stage",
)  # fmt: skip


def one_by_one(service: Service, window_id: str) -> None:
    """Judge every live proposal on grounds that each reads for itself."""
    with service.work() as context:
        terms = terms_of(context.session, window_id)
        assert terms is not None
        for proposal in context.session.exec(select(ProposalCopy)).all():
            judge_proposal(context, proposal, facts_from(proposal), [terms], "window")


def test_many_are_judged_as_each_would_be(matching: Service) -> None:
    offered = [window("a", intermediary=AGENCY), window("b", donor_id="other")]
    hand(matching, *(published(terms) for terms in offered))
    hand(matching, submitted(ONE), submitted(TWO, species=["argali"]), submitted(THREE, requested=900))
    answer(matching, Question("a", "agency", proposal_id=TWO), "yes")
    move(matching, TWO, "identified")
    move(matching, TWO, "submitted", 15000)
    move(matching, TWO, "awarded", 15000, day=NOW.date())
    changed = offered[0].model_copy(update={"revision": 2, "themes": ["community_conservation", "law"]})
    [event] = hand(matching, published(changed))
    together = pairs(matching, *EVERYTHING)
    assert {together[one, "a"][-9] for one in (ONE, TWO, THREE)} == {2}, "each is judged by the new revision"
    assert {together[one, "a"][-8] for one in (ONE, TWO, THREE)} == {str(event.id)}
    assert together[TWO, "a"][2] < together[ONE, "a"][2], "what was answered for one pair counts there"
    one_by_one(matching, "a")
    verdict = slice(0, EVERYTHING.index("because"))
    assert {key: row[verdict] for key, row in pairs(matching, *EVERYTHING).items()} == {
        key: row[verdict] for key, row in together.items()
    }


def test_only_the_pairs_of_the_window_are_touched(matching: Service) -> None:
    hand(matching, published(window("a")), published(window("b")), submitted(ONE), submitted(TWO))
    before = pairs(matching, *EVERYTHING)
    hand(matching, published(window("a", revision=2)))
    after = pairs(matching, *EVERYTHING)
    assert {key for key in after if after[key] != before[key]} == {(ONE, "a"), (TWO, "a")}
    with matching.read() as session:
        assert len(session.exec(select(Pair)).all()) == 4
