"""What every rendering of a plan says in the same words: values, fields, times, sums."""

from typing import Any, NamedTuple

from mergeflow.plan import ABSENT, DagChange, FieldChange, Kind, NodeChange, Plan, Timing
from mergeflow.render.spelled import spelled
from mergeflow.render.text import printable

LONGEST = 60
"""How many characters of a value are shown."""
_BEFORE = 15
"""How many characters before the first difference are shown of a value that is cut."""
_LONGEST_TEXT = 500
"""How many lines a text has that is compared line by line."""
_MOST_LINES = 14
"""How many lines of the difference of two texts are shown."""
_FEW = 4
"""How many settings of a group are named."""
_SIGN = {Kind.ADDED: "+", Kind.CHANGED: "~", Kind.REMOVED: "-", Kind.RENAMED: "~"}


class Group(NamedTuple):
    """DAGs that change in the same way, through the same places."""

    dag_ids: tuple[str, ...]
    text: str
    through: tuple[str, ...]
    first: DagChange
    """One of them, to be shown for all."""
    names: str
    """What changes, without the values."""
    differ: bool
    """Whether the values are not the same in all."""

    @property
    def is_one(self) -> bool:
        """Whether a single value changes, which one line can tell; or none, but the code that runs."""
        fields = [*self.first.fields, *(field for node in self.first.nodes for field in node.fields)]
        return len(fields) + sum(not node.fields for node in self.first.nodes) <= 1 and not any(map(lines_of, fields))


def sign(kind: Kind) -> str:
    """The one character that stands for what happens."""
    return _SIGN[kind]


def summary(plan: Plan) -> str:
    """How many DAGs are added, changed and removed, how many indirectly, and how many runs come of it."""
    if not plan.changes:
        return "no DAG changes" if plan.consequences else "nothing changes"
    counts = [f"{plan.count(kind):,} {kind}" for kind in Kind if kind is not Kind.RENAMED or plan.count(kind)]
    counts += [f"{len(plan.indirect):,} indirectly"] if plan.indirect else []
    runs = f"; {many(plan.runs, 'run')} to create" if plan.runs else ""
    return f"{', '.join(counts)}{runs}"


def many(number: int, noun: str) -> str:
    """A number and what it counts."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def value(found: Any) -> str:
    """A value as YAML writes it, on one line, however long."""
    return "(not set)" if found is ABSENT else printable(spelled(found))


def phrase(field: FieldChange) -> str:
    """A field's change on one line."""
    return f"{printable(field.name)}: {change_of(field)}"


def change_of(field: FieldChange) -> str:
    """What becomes of a field, without its name: `1 → 3`, or what a list gains and loses."""
    if is_list_of_texts(field.before) and is_list_of_texts(field.after):
        come = [f"+ {value(each)}" for each in field.after if each not in field.before]
        gone = [f"- {value(each)}" for each in field.before if each not in field.after]
        if come or gone:
            return _cut(", ".join([*come, *gone]))
    before, after = value(field.before), value(field.after)
    if max(len(before), len(after)) > LONGEST:
        start = max(0, _first_difference(before, after) - _BEFORE)
        before, after = (f"{'…' * (start > 0)}{each[start:]}" for each in (before, after))
    return f"{_cut(before)} → {_cut(after)}"


def is_list_of_texts(found: Any) -> bool:
    """Whether a value is a list whose order says little, such as tags and dependencies."""
    return isinstance(found, list) and all(isinstance(each, str) for each in found)


def lines_of(field: FieldChange) -> list[str]:
    """The lines in which two longer texts differ, as `diff` writes them; none for other values."""
    texts = (field.before, field.after)
    if not all(isinstance(each, str) for each in texts) or not any("\n" in each for each in texts):
        return []
    from difflib import unified_diff

    before, after = (str(each).splitlines() for each in texts)
    if max(len(before), len(after)) > _LONGEST_TEXT:
        return []
    listed = [line for line in unified_diff(before, after, lineterm="", n=1) if not line.startswith(("---", "+++"))]
    shown = [_cut(f"{line[0]} {printable(line[1:])}", 110) for line in listed if not line.startswith("@@")]
    return shown[:_MOST_LINES] + ([f"… {len(shown) - _MOST_LINES} more lines"] if len(shown) > _MOST_LINES else [])


def timing(when: Timing | None) -> str:
    """When a DAG runs, in words: also what it waits for."""
    if when is None:
        return "no schedule"
    waits = f"when {', '.join(map(printable, when.assets))} {'is' if len(when.assets) == 1 else 'are'} updated"
    return " and ".join(each for each in (printable(when.words), waits if when.assets else "") if each)


def upcoming(when: Timing | None) -> str:
    """The next runs: days are named where they are not all the same."""
    if when is None or not when.upcoming:
        return ""
    days = {each.date() for each in when.upcoming}
    if len(days) == 1:
        times = ", ".join(f"{each:%H:%M}" for each in when.upcoming)
        return f"{when.upcoming[0]:%Y-%m-%d} {times} {when.zone}"
    return f"{', '.join(f'{each:%Y-%m-%d %H:%M}' for each in when.upcoming)} {when.zone}"


def node_title(node: NodeChange) -> str:
    """A task or group, with what it was called before."""
    was = f" (was {printable(node.was)})" if node.was else ""
    return f"{node.noun} {printable(node.name)}{was}"


def node_note(node: NodeChange) -> str:
    """What is said of a new task: what does its work, and after what."""
    after = f"after {', '.join(map(printable, node.after))}" if node.after else ""
    return ", ".join(each for each in (printable(node.operator), after) if each)


def groups(plan: Plan) -> list[Group]:
    """The DAGs that nobody has touched, those together in which the same settings change through the same places."""
    found: dict[tuple[str, tuple[str, ...]], list[DagChange]] = {}
    for change in plan.indirect:
        found.setdefault((_in_short(change, values=False), change.through), []).append(change)
    return [_group(alike, through) for (_, through), alike in sorted(found.items(), key=lambda each: each[0])]


def _group(alike: list[DagChange], through: tuple[str, ...]) -> Group:
    texts = {_in_short(change, values=True) for change in alike}
    first = min(alike, key=lambda change: change.dag_id)
    differ = len(texts) > 1
    text = _in_short(first, values=True) + (f" (in {printable(first.dag_id)})" if differ else "")
    dag_ids = tuple(sorted(change.dag_id for change in alike))
    return Group(dag_ids, text, through, first, _in_short(first, values=False), differ)


def _in_short(change: DagChange, *, values: bool) -> str:
    """A DAG's whole change on one line, with or without the values."""
    say = phrase if values else _name
    phrases = [say(field) for field in change.fields]
    for node in change.nodes:
        inner = ", ".join(say(field) for field in node.fields)
        phrases.append(f"{node_title(node)} {inner}" if inner else f"{sign(node.kind)} {node_title(node)}")
    if not phrases:
        return "runs other code"
    return "; ".join(phrases[:_FEW]) + (f"; {len(phrases) - _FEW} more" if len(phrases) > _FEW else "")


def _name(field: FieldChange) -> str:
    return printable(field.name)


def _cut(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _first_difference(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
