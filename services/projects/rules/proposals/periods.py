"""Time as projects count it: whole months, and project years from 1."""

from calendar import monthrange
from datetime import date, timedelta

from services.projects.values.proposals import MAX_PROJECT_YEARS, Dates


def months_between(starts: date, ends: date) -> int:
    """Whole months from `starts` to `ends`, both days included; 0 when there is none or they stand the wrong way round.

    1 January to 31 December is 12 months; so is 15 March to 14 March of the next year.
    """
    if ends < starts:
        return 0
    after = ends + timedelta(days=1) if ends < date.max else ends
    months = (after.year - starts.year) * 12 + after.month - starts.month
    anniversary = min(starts.day, monthrange(after.year, after.month)[1])
    return months - (after.day < anniversary)


def duration(dates: Dates) -> int | None:
    """Whole months of a project, None while a date is missing."""
    if dates.starts is None or dates.ends is None:
        return None
    return months_between(dates.starts, dates.ends)


def project_years(dates: Dates) -> int:
    """How many project years there are, the last perhaps not full; the most there can be while a date is missing."""
    months = duration(dates)
    if not months:
        return MAX_PROJECT_YEARS
    return min(-(-months // 12), MAX_PROJECT_YEARS)
