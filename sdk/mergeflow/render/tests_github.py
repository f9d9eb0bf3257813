"""What came of tests as workflow commands: GitHub's runner shows what went wrong beside the lines of a pull request."""

from mergeflow.render.github import command
from mergeflow.render.tests_text import lines_of, spent, summary
from mergeflow.tested import Outcome, Tested


def render(outcome: Outcome) -> str:
    """A line for each test that somebody must read of, and two that count."""
    told = [_command(each) for each in outcome.tests if each.is_told]
    return "\n".join([*told, summary(outcome), spent(outcome)])


def _command(tested: Tested) -> str:
    properties = {"file": tested.path, "line": tested.line, "title": f"{tested.kind} {tested.name}"}
    return command("error" if tested.is_bad else "warning", properties, "\n".join(lines_of(tested)))
