"""Eligibility in columns: very many proposals against many windows, with the answers that `rules` gives, only faster.

`rules.eligibility` remains the one place that says what the rules are. `Kernel` equals it rule by rule, which the
tests hold it to on random data, and asks it for what does not fit into whole numbers of 64 bits.
"""

from services.matching.kernel.codes import Codes
from services.matching.kernel.proposals import Proposals
from services.matching.kernel.sieve import Found, Kernel
from services.matching.kernel.verdicts import NO, UNKNOWN, YES
from services.matching.kernel.windows import Windows

__all__ = ["NO", "UNKNOWN", "YES", "Codes", "Found", "Kernel", "Proposals", "Windows"]
