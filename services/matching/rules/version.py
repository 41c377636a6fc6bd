"""The version of the rules: what is stored says by which it was judged, and is judged anew by a later one.

See decision record 0043. A change of what judging goes by that can alter a verdict, a fit or a reason of any pair
raises VERSION; one that cannot puts FINGERPRINT alone anew. A test says when either is due, and what to put there.
"""

from typing import Final

VERSION: Final = 1
FINGERPRINT: Final = "bca4e526fcb6e5b1bd4d7880f4748c24b92f7510b36335765da6ee6bcb404f70"
"""Of the sources and data that this version judges by."""
