"""A plan for a terminal, in the manner of terraform: consequences, then only what changes, and one line at the end."""

from collections.abc import Iterator
from textwrap import wrap

from mergeflow.plan import Consequence, DagChange, FieldChange, Kind, Level, NodeChange, Plan
from mergeflow.render import plan_words as words
from mergeflow.render.text import BLUE, BOLD, GREEN, RED, RESET, YELLOW, printable, width_of

_COLORS = {"+": GREEN, "~": YELLOW, "-": RED, "!": RED, "»": BLUE}
_SPOKEN = ("Plan:", "Consequences")
_LEGEND = "+ added  ~ changed  - removed  » indirect"
_WIDTH = 120
"""Where consequences and lists of ids are broken; a config's own values are not."""
_WIDEST = 40
"""How many columns stand before what is said of a DAG; with a longer id it begins on the next line."""
_FEW = 5
"""So many ids of a group are listed beside what becomes of it; more have lines of their own."""
_MOST = 1000
"""So many ids are listed there."""


def render(plan: Plan, base: str, head: str, *, color: bool = False) -> str:
    """The whole plan; `base` and `head` name the two sides."""
    sides = f"{printable(base)} → {printable(head)}"
    groups = words.groups(plan)
    blocks = [[f"{sides}    {_LEGEND}" if plan.changes else sides], _consequences(plan, groups)]
    blocks += [dag_lines(change) for change in plan.direct]
    blocks += [[*_group(group)] for group in groups if _is_shown_below(group)]
    text = "\n\n".join("\n".join(block) for block in (*blocks, [summary(plan)]) if block)
    return _painted(text) if color else text


def summary(plan: Plan) -> str:
    """One line: how many DAGs are added, changed and removed."""
    return f"Plan: {words.summary(plan)}."


def _consequences(plan: Plan, groups: list[words.Group]) -> list[str]:
    """What comes of the plan, in three columns: how much it matters, whom it is about, what it is."""
    rows = [_row(each) for each in plan.consequences]
    rows += [("»", _subject(group.dag_ids), f"{_in_short(group)}{_through(group.through)}") for group in groups]
    if not rows:
        return []
    widths = [width_of(subject) for _, subject, _ in rows]
    aside = max((width for width in widths if width <= _WIDEST), default=0)
    lines = ["Consequences"]
    for (sign, subject, text), width in zip(rows, widths, strict=True):
        first, *rest = _wrapped(text, _WIDTH - aside - 6) or [""]
        head, indent = f"  {sign} {subject}", " " * (aside + 6)
        lines += [f"{head}{' ' * (aside - width + 2)}{first}".rstrip()] if width <= aside else [head, indent + first]
        lines += [indent + line for line in rest]
    return lines


def _is_shown_below(group: words.Group) -> bool:
    """Whether a group of DAGs has more to tell than one line holds."""
    return len(group.dag_ids) > _FEW or not group.is_one


def _in_short(group: words.Group) -> str:
    return group.text if group.is_one else group.names


def _group(group: words.Group) -> Iterator[str]:
    """DAGs that change alike: all of them, then what changes in the first."""
    listed = ", ".join(map(printable, group.dag_ids[:_MOST]))
    more = f" and {len(group.dag_ids) - _MOST:,} more" if len(group.dag_ids) > _MOST else ""
    first, *rest = _wrapped(f"{listed}{more}", _WIDTH - 2)
    yield from (f"» {first}", *(f"  {line}" for line in rest))
    if group.differ:
        yield f"    in {printable(group.first.dag_id)}, for one:"
    yield from dag_lines(group.first)[1:]


def _wrapped(text: str, width: int) -> list[str]:
    """A text in lines; no word, path or id is broken, and a sign stays before what it is about."""
    for sign in ("+", "-", "~", "→", "through"):
        text = text.replace(f" {sign} ", f" {sign}\0")
    lines = wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


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
        start = line.lstrip()[:2]
        color = BOLD if line.startswith(_SPOKEN) else _COLORS.get(start[:1], "") if start[1:] == " " else ""
        painted.append(f"{color}{line}{RESET}" if color else line)
    return "\n".join(painted)
