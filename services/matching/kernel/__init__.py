"""Eligibility and fit in columns: very many proposals against many windows, with the answers of `rules`, only faster.

`rules` remains the one place that says what the rules are. `Kernel` equals `rules.eligibility` rule by rule and `Fits`
`rules.fit` part by part, to which the tests hold them on random data. What does not fit into whole numbers of 64 bits
is asked of the rules themselves.
"""

from services.matching.kernel.codes import Codes
from services.matching.kernel.fit import Best, Fits
from services.matching.kernel.proposals import Proposals
from services.matching.kernel.sieve import Found, Kernel
from services.matching.kernel.verdicts import NO, UNKNOWN, YES
from services.matching.kernel.windows import Windows

__all__ = ["NO", "UNKNOWN", "YES", "Best", "Codes", "Fits", "Found", "Kernel", "Proposals", "Windows"]
