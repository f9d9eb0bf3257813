"""A DAG's tasks as a Mermaid graph, in which GitHub shows what changes: told by colour, by shape and by the line."""

from collections.abc import Iterator, Sequence

from mergeflow.plan import Graph
from mergeflow.plan.changes import State
from mergeflow.render.text import printable

MOST_TASKS = 60
"""Of a DAG with more tasks only those are drawn that change, and their neighbours."""
MOST_GROUPS = 100
"""Of a DAG with more task groups none is drawn: they may also lie in each other, deeper than Python and browsers go."""
_LONGEST = 40
_SHAPES: dict[State, tuple[str, str]] = {
    "same": ('["', '"]'),
    "added": ('(["', '"])'),
    "changed": ('[["', '"]]'),
    "removed": ('{{"', '"}}'),
}
_SIGNS: dict[State, str] = {"same": "", "added": "+ ", "changed": "~ ", "removed": "- "}
_ARROWS: dict[State, str] = {"same": "-->", "added": "==>", "changed": "-->", "removed": "-.->"}
_CLASSES: dict[State, str] = {
    "added": "fill:#dafbe1,stroke:#1a7f37,stroke-width:3px,color:#1f2328",
    "changed": "fill:#fff8c5,stroke:#9a6700,stroke-width:2px,color:#1f2328",
    "removed": "fill:#ffebe9,stroke:#cf222e,stroke-width:2px,stroke-dasharray:6 4,color:#1f2328",
}


def render(graph: Graph) -> str:
    """The graph as Mermaid; empty where so much changes that nobody could read it, and of a task alone."""
    drawn = _drawn(graph)
    return flowchart(graph, drawn) if 2 <= len(drawn) <= MOST_TASKS else ""


def flowchart(graph: Graph, drawn: Sequence[str]) -> str:
    """These tasks of a graph, their groups and what leads from one to another."""
    ids = {name: f"t{number}" for number, name in enumerate(drawn)}
    within = {name: graph.within.get(("task", name), "") for name in drawn}
    groups = _groups(graph, {group for group in within.values() if group})
    groups = groups if len(groups) <= MOST_GROUPS else []
    boxes = {name: f"g{number}" for number, name in enumerate(groups)}
    lines = ["flowchart LR", *_box("", graph, ids, boxes, within, depth=1)]
    edges = ((boxes.get(a) or ids.get(a), boxes.get(b) or ids.get(b), state) for (a, b), state in graph.edges.items())
    lines += [f"  {a} {_ARROWS[state]} {b}" for a, b, state in edges if a and b and a != b]
    for state, style in _CLASSES.items():
        if marked := [ids[name] for name in drawn if graph.tasks[name] == state]:
            lines += [f"  classDef {state} {style}", f"  class {','.join(marked)} {state}"]
    return "\n".join(lines)


def label(name: str) -> str:
    """A name that says nothing to Mermaid: whatever is neither letter nor digit is told by its number.

    Mermaid draws no empty label, so there is none.
    """
    text = printable(name) if name.strip() else "·"
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return "".join(char if char.isalnum() or char == " " else f"#{ord(char)};" for char in text)


def _drawn(graph: Graph) -> list[str]:
    """The tasks that are drawn, in their order."""
    if len(graph.tasks) <= MOST_TASKS:
        return list(graph.tasks)
    changed = {name for name, state in graph.tasks.items() if state != "same"}
    changed |= {name for edge, state in graph.edges.items() if state != "same" for name in edge}
    beside = {name for edge in graph.edges if not changed.isdisjoint(edge) for name in edge}
    return [name for name in graph.tasks if name in changed | beside]


def _groups(graph: Graph, inner: set[str]) -> list[str]:
    """The groups that hold what is drawn, with those around them; one that lies in itself lies in none."""
    found: dict[str, None] = {}
    for name in sorted(inner & graph.groups.keys()):
        at, seen = name, set[str]()
        while at in graph.groups and at not in seen:
            seen.add(at)
            found[at] = None
            at = graph.within.get(("task group", at), "")
    return list(found)


def _box(  # noqa: PLR0913
    box: str, graph: Graph, ids: dict[str, str], boxes: dict[str, str], within: dict[str, str], *, depth: int
) -> Iterator[str]:
    """What lies in a group, or in none."""
    indent = "  " * min(depth, 10)
    for name, key in ids.items():
        lies_in = within[name] if within[name] in boxes else ""
        if lies_in == box:
            state = graph.tasks[name]
            start, end = _SHAPES[state]
            yield f"{indent}{key}{start}{label(_SIGNS[state] + name)}{end}"
    for name, key in boxes.items():
        if _around(name, graph, boxes) == box and name != box:
            yield f'{indent}subgraph {key}["{label(name)}"]'
            yield from _box(name, graph, ids, boxes, within, depth=depth + 1)
            yield f"{indent}end"


def _around(name: str, graph: Graph, boxes: dict[str, str]) -> str:
    """The group around a group; none where groups lie in each other."""
    at, seen = graph.within.get(("task group", name), ""), {name}
    while at in boxes and at not in seen:
        seen.add(at)
        at = graph.within.get(("task group", at), "")
    parent = graph.within.get(("task group", name), "")
    return parent if parent in boxes and at not in seen else ""
