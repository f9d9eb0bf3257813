"""The tasks of one DAG as a graph: drawn for a terminal, or as Mermaid."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from mergeflow.dag import Dag
from mergeflow.plan import Graph
from mergeflow.relations import box_of
from mergeflow.render import plan_mermaid
from mergeflow.render.rails import APART, Row, drawn, in_order, shared
from mergeflow.render.task_graph import Task, tasks_of
from mergeflow.render.text import BLUE, BOLD, RESET, printable, width_of

if TYPE_CHECKING:
    from mergeflow.plan.changes import State

MOST_TASKS = 1000
"""Of a DAG with more tasks so many are drawn."""
LONGEST = 40
"""How many columns a name takes."""
_NARROWEST = 40
"""So many columns are left for names, however many lines run beside them."""
_MOST_LINES = 20
_FEW = 3


def render(dag: Dag, width: int, *, color: bool = False) -> str:
    """The graph in a terminal that is `width` columns wide; a DAG with mistakes is drawn as far as it can be."""
    everything = tasks_of(dag)
    tasks = dict([*everything.items()][:MOST_TASKS])
    waits = {name: task.waits for name, task in tasks.items()}
    order = in_order(waits, {name: task.boxes for name, task in tasks.items()})
    most = max(1, min(_MOST_LINES, (width - _NARROWEST) // 2))
    lines = [[(printable(dag.dag_id), BOLD), (f"    {_counted(everything)}", "")]]
    rows = list(drawn(order, waits, most))
    aside = 2 + max((len(row.rails) for row in rows), default=0)
    titles = list(_titles(order, tasks))
    middle = 2 + max((width_of(title) for _, title in titles), default=0)
    above: set[str] = set()
    for row, (headings, title) in zip(rows, titles, strict=True):
        lines += [[(f"{row.above:<{aside}}{heading}", "")] for heading in headings]
        padded = title + " " * (middle - width_of(title))
        note = _unseen(row, everything, above)
        above.add(row.task)
        lines.append([(f"{row.rails:<{aside}}{padded}", ""), (tasks[row.task].operator, BLUE), (note, "")])
    if any(APART in row.rails for row in rows):
        lines.append([(f"{APART} has no room for its line: what waits for it names it", "")])
    if left := len(everything) - len(tasks):
        lines.append([(f"… and {left:,} more tasks", "")])
    return "\n".join(_cut(line, width, color=color) for line in lines)


def as_mermaid(dag: Dag) -> str:
    """The graph as Mermaid; `flowchart LR` alone for a DAG without tasks."""
    tasks = tasks_of(dag)
    shown = {name: f"{name}{task.mark}" for name, task in tasks.items()}
    within = {("task", shown[name]): task.boxes[-1] for name, task in tasks.items() if task.boxes}
    within |= {("task group", name): box for name, node in dag.groups.items() if (box := box_of(dag, node))}
    edges = [(shown[each], shown[name]) for name, task in tasks.items() for each in task.waits if each in tasks]
    same: State = "same"
    states = dict.fromkeys(shown.values(), same), dict.fromkeys(dag.groups, same)
    graph = Graph(*states, within, dict.fromkeys(edges, same))
    return plan_mermaid.flowchart(graph, [*graph.tasks])


def _titles(order: Sequence[str], tasks: Mapping[str, Task]) -> Iterator[tuple[list[str], str]]:
    """Each task's name behind the edges of its groups, and the headings of those that begin with it."""
    opened: set[str] = set()
    around = [(), *(tasks[name].boxes for name in order), ()]
    for name, (before, boxes), (_, after) in zip(order, pairwise(around), [*pairwise(around)][1:], strict=False):
        begins = shared(before, boxes)
        headings = []
        for depth in range(begins, len(boxes)):
            again = " (continued)" if boxes[depth] in opened else ""
            headings.append(f"{'│ ' * depth}╭ {_name(boxes[depth])}{again}")
        opened.update(boxes)
        goes_on = shared(boxes, after)
        edges = "".join("│ " if depth < goes_on else "╰ " for depth in range(len(boxes)))
        yield headings, f"{edges}{_name(name)}{tasks[name].mark}"


def _counted(tasks: Mapping[str, Task]) -> str:
    groups = {each for task in tasks.values() for each in task.boxes}
    inside = f" in {len(groups)} group{'s' * (len(groups) != 1)}" if groups else ""
    return f"{len(tasks) or 'no'} task{'s' * (len(tasks) != 1)}{inside}"


def _unseen(row: Row, tasks: Mapping[str, Task], above: Collection[str]) -> str:
    """What no line leads from: there are too many lines, tasks run in a circle, or nothing has the name."""
    if not row.unseen:
        return ""
    few = [_name(each) + _where(each, row.task, tasks, above) for each in row.unseen[:_FEW]]
    more = f" and {len(row.unseen) - _FEW} more" if len(row.unseen) > _FEW else ""
    return f"  waits for {', '.join(few)}{more}"


def _where(name: str, task: str, tasks: Mapping[str, Task], above: Collection[str]) -> str:
    if name not in tasks:
        return " (not there)"
    return " (itself)" if name == task else "" if name in above else " (below)"


def _name(name: str) -> str:
    return _within(printable(name), LONGEST)


def _within(text: str, width: int) -> str:
    """A text in so many columns."""
    if width_of(text) <= width:
        return text
    cut = ""
    for char in text:
        if width_of(cut + char) > width - 1:
            break
        cut += char
    return f"{cut}…"


def _cut(parts: Sequence[tuple[str, str]], width: int, *, color: bool) -> str:
    """A line of at most so many columns; each part has its style."""
    line, left = "", width
    while parts and not parts[-1][0].strip():
        parts = parts[:-1]
    for i, (text, style) in enumerate(parts):
        whole = text.rstrip() if i == len(parts) - 1 else text
        shown = _within(whole, left)
        line += f"{style}{shown}{RESET}" if color and style else shown
        left -= width_of(shown)
        if shown != whole or not left:
            break
    return line
