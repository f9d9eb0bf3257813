"""A plan for a terminal, in the manner of terraform: consequences, then only what changes, and one line at the end."""

from collections.abc import Iterator

from mergeflow.plan import Consequence, DagChange, FieldChange, Kind, Level, NodeChange, Plan
from mergeflow.render import plan_words as words
from mergeflow.render.text import BLUE, BOLD, GREEN, RED, RESET, YELLOW, printable

_COLORS = {"+": GREEN, "~": YELLOW, "-": RED, "!": RED, "»": BLUE}
_SPOKEN = ("Plan:", "Consequences")
_LEGEND = "+ added  ~ changed  - removed  » indirect"
_FEW = 5
"""So many ids of a group are listed."""


def render(plan: Plan, base: str, head: str, *, color: bool = False) -> str:
    """The whole plan; `base` and `head` name the two sides."""
    sides = f"{printable(base)} → {printable(head)}"
    blocks = [[f"{sides}    {_LEGEND}" if plan.changes else sides], _consequences(plan)]
    blocks += [dag_lines(change) for change in plan.direct]
    text = "\n\n".join("\n".join(block) for block in (*blocks, [summary(plan)]) if block)
    return _painted(text) if color else text


def summary(plan: Plan) -> str:
    """One line: how many DAGs are added, changed and removed."""
    return f"Plan: {words.summary(plan)}."


def _consequences(plan: Plan) -> list[str]:
    """What comes of the plan, in three columns: how much it matters, whom it is about, what it is."""
    rows = [_row(each) for each in plan.consequences]
    rows += [("»", _subject(group.dag_ids), f"{group.text}{_through(group.through)}") for group in words.groups(plan)]
    if not rows:
        return []
    width = max(len(subject) for _, subject, _ in rows)
    return ["Consequences", *(f"  {sign} {subject:<{width}}  {text}".rstrip() for sign, subject, text in rows)]


def _row(consequence: Consequence) -> tuple[str, str, str]:
    sign = "!" if consequence.level is Level.ATTENTION else "·"
    about_files = not consequence.dag_ids
    subject = printable(consequence.place) if about_files else _subject(consequence.dag_ids)
    where = f"    {printable(consequence.place)}" if consequence.place and not about_files else ""
    return sign, subject, f"{printable(consequence.text)}{where}"


def _subject(dag_ids: tuple[str, ...]) -> str:
    if len(dag_ids) > _FEW:
        return words.many(len(dag_ids), "DAG")
    return ", ".join(map(printable, dag_ids))


def _through(places: tuple[str, ...]) -> str:
    if not places:
        return ""
    return f", through {', '.join(map(printable, places[:3]))}" + (f" and {len(places) - 3} more" * (len(places) > 3))


def dag_lines(change: DagChange) -> list[str]:
    """What becomes of one DAG: its own line, then what changes in it, indented."""
    return [*_dag(change)]


def _dag(change: DagChange) -> Iterator[str]:
    tasks = f", {words.many(change.tasks, 'task')}" if change.kind is Kind.ADDED else ""
    was = f" (was {printable(change.was)})" if change.was else ""
    was_in = f" (was {printable(change.was_in)})" if change.was_in else ""
    yield f"{words.sign(change.kind)} {printable(change.dag_id)}{was}{tasks}    {printable(change.path)}{was_in}"
    if change.kind is not Kind.REMOVED:
        yield from _schedule(change)
    for field in change.fields:
        if not (change.after and field.name == "schedule"):
            yield from _field(field, "    ")
    for node in change.nodes:
        yield from _node(node)


def _schedule(change: DagChange) -> Iterator[str]:
    if change.after is None:
        return
    now, upcoming = words.timing(change.after), words.upcoming(change.after)
    then = f", next {upcoming}" if upcoming else ""
    if change.before is None:
        yield f"    + schedule: {now}{then}"
        return
    before = words.timing(change.before)
    yield f"    ~ schedule: {before} → {now}" if before != now else f"    ~ schedule: {now}, from another time on"
    for verb, when in (("was next", change.before), ("now next", change.after)):
        if times := words.upcoming(when):
            yield f"        {verb} {times}"


def _node(node: NodeChange) -> Iterator[str]:
    note = words.node_note(node)
    yield f"    {words.sign(node.kind)} {words.node_title(node)}" + (f"    {note}" if note else "")
    for field in node.fields:
        yield from _field(field, "        ")


def _field(field: FieldChange, indent: str) -> Iterator[str]:
    through = f"    through {printable(field.through)}" if field.through else ""
    lines = words.lines_of(field)
    if not lines:
        yield f"{indent}~ {words.phrase(field)}{through}"
        return
    yield f"{indent}~ {printable(field.name)}:{through}"
    yield from (f"{indent}    {line}" for line in lines)


def _painted(text: str) -> str:
    painted = []
    for line in text.split("\n"):
        start = line.lstrip()[:1]
        color = BOLD if line.startswith(_SPOKEN) else _COLORS.get(start, "")
        painted.append(f"{color}{line}{RESET}" if color and line.strip() else line)
    return "\n".join(painted)
