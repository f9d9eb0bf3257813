"""What a workflow tells GitHub about a pull request, with Python's standard library alone.

The job that may write runs `python -m mergeflow.github` and has nothing installed: whatever else a package could do
with its token, it cannot do there.
"""

MARKER = "<!-- mergeflow-plan -->"
"""The last line of the comment, by which it is found again."""
EMPTY = "<!-- mergeflow-plan: nothing -->"
"""Stands before the marker of a comment that nobody needs, where there is none yet."""
