"""The funding-gap map: which actions of a Programme have money, where, and which has nobody asked money for.

How it is counted, once and for all (the page says the same under "How this is counted"):

* **Need.** Every action of the Programme is a need: in each state that it names (or for each species), or, where it
  names none, for the region as a whole, in a column of its own (`REGION`) instead of in every column.
* **Who addresses it.** A proposal that stands addresses its actions in those of its states that the action names too.
  Where the two have no state in common, it addresses the action `OUTSIDE` of the columns: that counts for the action,
  and in no column.
* **How far it has come.** A proposal is as far as its best pursuit: `awarded` makes it funded, `concept_note` and
  `submitted` pending, `identified`, `contacted` and a pair that is shortlisted pursued; without any of these, or when
  all donors have declined, it is proposed. An action is as far as the best proposal that addresses it (there), and
  orphaned when there is none. Whether a window could pay for it is told apart from that.
* **Counts.** In a column each action counts once, and the five ways add up to the need. An action that names several
  states stands in each of them; in the column of totals it counts once, with the best it has reached anywhere.
* **Weight.** The share of need that is unmet weighs actions by priority (`WEIGHTS`); what is not funded is unmet.
* **Money.** In US dollars: what was awarded; what is pending (asked of donors, at most what is still open of the
  request; a donor who was asked for no stated sum is asked for all that is open); and what is open beside both. A
  proposal's money is split evenly over its actions, and an action's share evenly over the places where the proposal
  addresses it, to the cent: nothing is counted twice, and sums over the map are those of the ledger.
* **Windows that close unused.** Their deadline comes within some days, or has passed this month; they could pay for
  orphaned actions of priority high or high to medium; and nobody pursues their money.
"""

from services.matching.rules.gaps.closing import CLOSING_RANK, Closing, Dated, closing_unused
from services.matching.rules.gaps.counting import ActionGap, assess, kept_columns
from services.matching.rules.gaps.facts import (
    OUTSIDE,
    REGION,
    STANDINGS,
    WEIGHTS,
    Axis,
    Need,
    Plea,
    Pursued,
    Standing,
    plea_of,
    standing_of,
)
from services.matching.rules.gaps.money import NOTHING, Sums, shares, split
from services.matching.rules.gaps.months import (
    NOW,
    Life,
    Month,
    Move,
    history,
    month_end,
    months_between,
    pleas_from,
    pursuits_at,
    standing_lives,
)
from services.matching.rules.gaps.orphans import orphan_key
from services.matching.rules.gaps.tally import EMPTY, Cell, GapMap, gap_map

__all__ = [
    "CLOSING_RANK", "EMPTY", "NOTHING", "NOW", "OUTSIDE", "REGION", "STANDINGS", "WEIGHTS", "ActionGap", "Axis", "Cell",
    "Closing", "Dated", "GapMap", "Life", "Month", "Move", "Need", "Plea", "Pursued", "Standing", "Sums", "assess",
    "closing_unused", "gap_map", "history", "kept_columns", "month_end", "months_between", "orphan_key", "plea_of",
    "pleas_from", "pursuits_at", "shares", "split", "standing_lives", "standing_of",
]  # fmt: skip
