"""The version of the rules: what is stored says by which it was judged, and is judged anew by a later one.

See decision record 0043. A change that can alter a verdict, a fit or a reason, of any pair, raises the number.
"""

from typing import Final

VERSION: Final = 1
