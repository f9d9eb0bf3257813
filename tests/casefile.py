"""Several files in one text: what a test case and a rule's docstring are written in."""

from mergeflow.examples import TEAM_FILE, split

__all__ = ["TEAM_FILE", "split"]
