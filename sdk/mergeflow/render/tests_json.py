"""What came of tests, for programs."""

import json

from mergeflow.tested import Outcome, Status, as_plain

VERSION = 1


def render(outcome: Outcome) -> str:
    """One JSON object: `version`, whether all is `ok`, the counts, the seconds, and every test."""
    return json.dumps(
        {
            "version": VERSION,
            "ok": not outcome.is_bad,
            "counts": {str(status): outcome.count(status) for status in Status},
            "seconds": round(outcome.seconds, 3),
            "spent": {name: round(seconds, 3) for name, seconds in outcome.spent.items()},
            "tests": [{"id": each.id, **as_plain(each)} for each in outcome.tests],
        },
        indent=2,
    )
