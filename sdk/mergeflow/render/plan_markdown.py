"""A plan as the one comment under a pull request: the sum and what comes of it first, then each team's DAGs, folded.

Whatever a config says stands there as text: no name can begin markup, mention anybody, or end a block.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape

from mergeflow.github import EMPTY, MARKER
from mergeflow.plan import Consequence, DagChange, Kind, Level, Plan
from mergeflow.render import plan as terminal
from mergeflow.render import plan_mermaid
from mergeflow.render import plan_words as words
from mergeflow.render.text import printable, shortened

LIMIT = 65_000
"""How many bytes a comment has at most: GitHub takes 65,536 characters."""
_MOST_CONSEQUENCES = 40
_MOST_NOTICES = 20
_MOST_LINES = 120
"""So many lines of one DAG are shown."""
_FEW = 10
_SIGNS = {Kind.ADDED: "🟢", Kind.CHANGED: "🟡", Kind.REMOVED: "🔴", Kind.RENAMED: "🟡"}

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#+!|~@&$=\"^]|:(?=[^\s\d])|(?<=www)\.", re.IGNORECASE)
_CHANGED_LINE = re.compile(r"( *)([+~-]) ?(.*)")


def render(plan: Plan, base: str, head: str, checks: str = "", errors: int = 0) -> str:
    """The comment; `checks` is one line of what a check says, `errors` how many it has found."""
    end = _end(base, head, checks)
    if not plan.changes and not plan.consequences and not errors:
        return "\n\n".join([f"Plan: {words.summary(plan)}.", *end[:-1], EMPTY, end[-1]]) + "\n"
    top = [_first(plan, errors), *_refused(checks, errors), *_consequences(plan)]
    room = LIMIT - sum(_size(each) for each in (*top, *end)) - _size(_left_out(10**6))
    return "\n\n".join([*top, *_sections(plan, room), *end]) + "\n"


def code(text: str) -> str:
    """A text as it stands, as code."""
    shown = printable(text) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    space = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{space}{shown}{space}{fence}"


def plain(text: str) -> str:
    """A text in which nothing is markup, a link or a mention."""
    shown = printable(shortened(text))
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};" + "&#8203;" * (found[0] in "@#:."), shown)


def _first(plan: Plan, errors: int) -> str:
    """The line that a notification shows."""
    parts = [f"⛔ {words.many(errors, 'error')}"] if errors else []
    parts += words.summary(plan).split("; ")
    if plan.warnings:
        parts.append(f"{plan.warnings} to decide upon")
    return f"**{' · '.join(parts)}**"


def _refused(checks: str, errors: int) -> Iterator[str]:
    """That a check refuses this, and how to see why."""
    if errors:
        where = "`mergeflow check` shows where, and so do the annotations at the changed files."
        yield f"> [!CAUTION]\n> {plain(checks)}: {where}"


def _consequences(plan: Plan) -> Iterator[str]:
    """What somebody must decide, then what is good to know."""
    decide = [_consequence(each) for each in plan.consequences if each.level is Level.ATTENTION]
    know = [_consequence(each) for each in plan.consequences if each.level is not Level.ATTENTION]
    know = [*map(_group, words.groups(plan)), *know]
    for title, rows, most in (
        ("⚠️ To decide upon", decide, _MOST_CONSEQUENCES),
        ("Good to know", know, _MOST_NOTICES),
    ):
        if rows:
            left = len(rows) - most
            more = [f"* … and {left:,} more; `mergeflow plan` tells all"] if left > 0 else []
            yield f"### {title}"
            yield "\n".join([*rows[:most], *more])


def _consequence(each: Consequence) -> str:
    if not each.dag_ids:
        return f"* {code(each.place)}: {plain(each.text)}"
    where = f" ({code(each.place)})" if each.place else ""
    return f"* {_named(each.dag_ids)}: {plain(each.text)}{where}"


def _group(group: words.Group) -> str:
    through = f", through {', '.join(map(code, group.through[:3]))}" if group.through else ""
    said = f"{plain(group.text)}{through}"
    if len(group.dag_ids) == 1:
        return f"* {_named(group.dag_ids)} indirectly: {said}"
    return f"* {words.many(len(group.dag_ids), 'DAG')} indirectly: {said} — {_named(group.dag_ids)}"


def _named(dag_ids: tuple[str, ...]) -> str:
    more = f" and {len(dag_ids) - _FEW:,} more" if len(dag_ids) > _FEW else ""
    return f"{', '.join(map(code, dag_ids[:_FEW]))}{more}"


def _sections(plan: Plan, room: int) -> Iterator[str]:
    """A folded section for each team, and one for what nobody has touched, as long as there is room."""
    left = len(plan.direct)
    for team in sorted({change.team for change in plan.direct}):
        changes = [change for change in plan.direct if change.team == team]
        counts = ((kind, sum(change.kind is kind for change in changes)) for kind in Kind)
        told = ", ".join(f"{many} {kind}" for kind, many in counts if many)
        name = escape(printable(team)).replace("@", "&#64;&#8203;") or "no team"
        section = [*_section(f"<b>{name}</b>: {told}", ((change, "") for change in changes), room)]
        room -= sum(map(_size, section))
        shown = max(0, len(section) - 2)
        left -= shown
        yield from section
        if shown < len(changes):
            break
    alike = [group for group in words.groups(plan) if group.first.fields or group.first.nodes]
    if alike and not left:
        some = ", one for all that change alike" if len(alike) < len(plan.indirect) else ""
        told = f"<b>indirectly</b>: {words.many(len(plan.indirect), 'DAG')}{some}"
        yield from _section(told, ((each.first, _as_in(each)) for each in alike), room)
    if left:
        yield _left_out(left)


def _as_in(group: words.Group) -> str:
    return f", as in {words.many(len(group.dag_ids), 'DAG')}" if len(group.dag_ids) > 1 else ""


def _section(summary: str, changes: Iterable[tuple[DagChange, str]], room: int) -> Iterator[str]:
    """What fits of a section, each DAG with what is said behind its name; nothing where not one does."""
    head, end = f"<details><summary>{summary}</summary>", "</details>"
    room -= _size(head) + _size(end)
    blocks: list[str] = []
    for change, note in changes:
        block = _fitting(change, note, room)
        if not block:
            break
        room -= _size(block)
        blocks.append(block)
    if blocks:
        yield from (head, *blocks, end)


def _left_out(left: int) -> str:
    """Where the rest can be read."""
    return f"**{words.many(left, 'more DAG')} would not fit here:** `mergeflow plan` on this branch shows all of it."


def _fitting(change: DagChange, note: str, room: int) -> str:
    """What is said of a DAG, without its graph where there is no room for it; nothing where there is none at all."""
    text = _dag(change, note)
    drawing = plan_mermaid.render(change.graph) if change.graph and change.nodes else ""
    drawn = f"{text}\n\n{_fenced(drawing.splitlines(), 'mermaid')}" if drawing else text
    return next((each for each in (drawn, text) if _size(each) <= room), "")


def _dag(change: DagChange, note: str) -> str:
    head, *lines = terminal.dag_lines(change)
    del head
    was = f" (was {code(change.was)})" if change.was else ""
    was_in = f" (was {code(change.was_in)})" if change.was_in else ""
    tasks = f", {words.many(change.tasks, 'task')}" if change.kind is Kind.ADDED else ""
    title = f"#### {_SIGNS[change.kind]} {change.kind} {code(change.dag_id)}{was}{tasks}"
    title += f"\n\n{code(change.path)}{was_in}{note}"
    more = [f"… {len(lines) - _MOST_LINES} more lines"] if len(lines) > _MOST_LINES else []
    shown = [_as_diff(line) for line in (*lines[:_MOST_LINES], *more)]
    return f"{title}\n\n{_fenced(shown, 'diff')}" if shown else title


def _as_diff(line: str) -> str:
    """A line with its sign first, where GitHub colours it."""
    found = _CHANGED_LINE.fullmatch(line)
    if not found:
        return f"  {line.removeprefix('      ')}"
    indent, sign, rest = found.groups()
    return f"{'!' if sign == '~' else sign} {indent.removeprefix('    ')}{rest}"


def _fenced(lines: Iterable[str], language: str) -> str:
    """A block of code that none of its lines can end."""
    listed = [*lines]
    longest = max((len(run) for line in listed for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *listed, fence])


def _end(base: str, head: str, checks: str) -> list[str]:
    said = f" · {plain(checks)}" if checks else ""
    return [f"<sub>{code(base)} → {code(head)} · at home: `mergeflow plan`{said}</sub>", MARKER]


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace")) + 2
