"""Templates and `for_each`: one DAG written once becomes many, and every value keeps the place that it came from."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from mergeflow.diagnostic import Made, Place, Problem, Route
from mergeflow.document import Document
from mergeflow.expressions import OPEN, Anything, Fault, Scope, expressions_of, looked_up, resolve
from mergeflow.files import CONFIG_SUFFIXES, TEMPLATES
from mergeflow.layers import Layer
from mergeflow.model import kind_of, near
from mergeflow.parameters import Parameters, bind, wrong_schema

USES = ("template", "with", "for_each")
"""The keys of a DAG that say what it is made from; they are not part of it."""


class Instance(NamedTuple):
    """One DAG that a key of a document makes; with problems it is not made."""

    dag_id: str
    own: Layer
    made: Made
    template: Layer | None = None
    problems: tuple[Problem, ...] = ()
    waits: bool = False
    """Whether nothing is wrong with it but that its environment is not chosen yet."""


class Sources(NamedTuple):
    """What DAGs are made from: templates by name, and the files that may hold items, by path."""

    templates: Mapping[str, Document]
    documents: Mapping[str, Document]
    tables: Mapping[str, bytes]
    variables: Mapping[str, Any] | None
    """What `${{ vars }}` stands for; none where that is not known before an environment is chosen."""


class Item(NamedTuple):
    """What `${{ item }}` stands for, and where it is written."""

    value: Any
    place: Place


class _Refused(Exception):
    """A DAG that cannot be made at all."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def template_of(path: str) -> str | None:
    """The name of the template that a file holds; none for other files."""
    return path.removeprefix(f"{TEMPLATES}/").rpartition(".")[0] if path.startswith(f"{TEMPLATES}/") else None


def is_made(document: Document, data: Mapping[str, Any]) -> bool:
    """Whether a DAG must be made first, rather than being what is written."""
    return any(each in data for each in USES) or document.mentions(OPEN)


def instances(document: Document, key: str, data: Mapping[str, Any], sources: Sources) -> Iterator[Instance]:
    """Every DAG that a key makes; what is wrong with one costs no other."""
    own = Place(document.path, (key,))
    try:
        items = _items(own, data, sources)
    except _Refused as refused:
        made = Made(document.path, key, own)
        problem = replace(refused.problem, place=refused.problem.place._replace(made=made))
        yield Instance(key, Layer(document.path, (key,), data), made, problems=(problem,))
        return
    for item in items:
        yield _instance(own, data, item, sources)


def _instance(own: Place, data: Mapping[str, Any], item: Item | None, sources: Sources) -> Instance:
    key = str(own.route[0])
    variables = Anything() if sources.variables is None else sources.variables
    scope: Scope = {"vars": variables, **({"item": item.value} if item else {})}
    template, misfits = _template(own, data, scope, sources, item)
    if template is not None:
        scope = {**scope, "params": template[1]}
    written, faults = resolve({name: value for name, value in data.items() if name not in USES}, scope)
    dag_id, in_key = resolve(key, scope)
    made = Made(own.path, str(dag_id), item.place if item else own._replace(part="key"))
    problems = [*misfits]
    problems += [] if misfits else [_problem(own, each) for each in faults]
    problems += [_problem(own._replace(part="key"), each) for each in in_key]
    layer = None
    if template is not None and not problems:
        body, in_body = resolve(template[2], {"params": template[1], "vars": variables})
        layer = Layer(template[0], ("dag",), body)
        problems += [_problem(Place(template[0], ("dag",)), each) for each in in_body]
    placed = tuple(replace(each, place=each.place._replace(made=made)) for each in problems)
    waits = sources.variables is None and _names_variables(key, data, template[2] if template else None)
    return Instance(str(dag_id), Layer(own.path, own.route, written), made, layer, placed, waits)


def _names_variables(*parts: Any) -> bool:
    return any(path.partition(".")[0] == "vars" for part in parts for path in expressions_of(part))


def _template(
    own: Place, data: Mapping[str, Any], scope: Scope, sources: Sources, item: Item | None
) -> tuple[tuple[str, dict[str, Any], Any] | None, list[Problem]]:
    """The path, the parameters' values and the body of the template that a DAG is made from."""
    name = data.get("template")
    if name is None:
        message = "`with` gives parameters to a template, and this DAG has none"
        stray = Problem("unknown-template", message, own.at("with", part="key"), "add `template: …`, or remove it")
        return None, [stray] if "with" in data else []
    document = sources.templates.get(name) if isinstance(name, str) else None
    if document is None:
        known = ", ".join(f"`{each}`" for each in sorted(sources.templates)[:8])
        hint = near(str(name), sources.templates) or (
            f"there is {known}" if known else f"write {TEMPLATES}/{name}.yaml"
        )
        return None, [Problem("unknown-template", f"there is no template `{name}`", own.at("template"), hint)]
    written = data.get("with")
    if not isinstance(written, dict | None):
        message = f"`with` must be a mapping, not {kind_of(written)}"
        return None, [Problem("wrong-parameter", message, own.at("with"), "write `<parameter>: <value>`")]
    given, faults = resolve(_mapping(written), scope)
    problems = [_problem(own.at("with"), each) for each in faults]
    content = _mapping(document.data)
    parameters = _parameters(content)
    bound, misfits = bind(parameters, given, str(name))
    declared = [(each,) for each in parameters]
    for misfit in misfits:
        place = _misfit_at(own, misfit.route, _mapping(written), item if misfit.route[:1] in declared else None)
        problems.append(Problem("wrong-parameter", misfit.message, place, misfit.hint))
    return (document.path, bound, _mapping(content.get("dag"))), problems


def _misfit_at(own: Place, route: Route, written: Mapping[str, Any], item: Item | None) -> Place:
    """Where the value of a parameter is written: with its item, where `with` only passes that on."""
    if not route:
        return own.at("template")
    root, *way = looked_up(written.get(str(route[0]))) or ("",)
    if item is None or root != "item":
        return own.at("with", *route)
    return item.place.at(*way, *route[1:])


def _parameters(content: Mapping[str, Any]) -> Parameters:
    return {name: schema for name, schema in _mapping(content.get("params")).items() if isinstance(schema, dict)}


def sources_of(path: str, data: Mapping[str, Any]) -> Iterator[str]:
    """The paths of what a DAG of the file `path` is made from, there or not: its template, and its items."""
    name, items = data.get("template"), items_file(path, data)
    if isinstance(name, str):
        yield from (f"{TEMPLATES}/{name}{suffix}" for suffix in CONFIG_SUFFIXES)
    if items:
        yield items


def items_file(path: str, data: Mapping[str, Any]) -> str | None:
    """The path of the file whose items a DAG of the file `path` is made for, if it names one."""
    listed = data.get("for_each")
    name = listed.get("file") if isinstance(listed, dict) else None
    return f"{path.rpartition('/')[0]}/{name}" if isinstance(name, str) else None


def _items(own: Place, data: Mapping[str, Any], sources: Sources) -> Sequence[Item | None]:
    """The items that a DAG is made for, one `None` where it is made once. Raises _Refused."""
    if "for_each" not in data:
        return [None]
    listed, at = data["for_each"], own.at("for_each")
    path = items_file(own.path, data)
    if path is not None:
        return _in_file(path, own.at("for_each", "file"), sources)
    if not isinstance(listed, list):
        hint = "write a list, or `{file: items.csv}`"
        raise _Refused(Problem("wrong-items", f"`for_each` must be a list, not {kind_of(listed)}", at, hint))
    if not listed:
        raise _Refused(Problem("wrong-items", "`for_each` has no items, so it makes no DAG", at, "add one"))
    return [Item(value, own.at("for_each", i)) for i, value in enumerate(listed)]


def _in_file(path: str, at: Place, sources: Sources) -> list[Item]:
    """The items of a file beside the config: the rows of a table, or the entries of a YAML list. Raises _Refused."""
    if path in sources.tables:
        return list(_rows(path, sources.tables[path], at))
    document = sources.documents.get(path)
    if document is None:
        folder, _, name = path.rpartition("/")
        beside = [each for each in (*sources.tables, *sources.documents) if each.rpartition("/")[0] == folder]
        hint = near(name, [each.rpartition("/")[2] for each in beside]) or "the path starts at this config's folder"
        raise _Refused(Problem("wrong-items", f"there is no file `{path}` with items", at, hint))
    if not isinstance(document.data, list) or not document.data:
        raise _Refused(Problem("wrong-items", f"`{path}` must list items, not be {kind_of(document.data)}", at))
    return [Item(value, Place(path, (i,))) for i, value in enumerate(document.data)]


def _rows(path: str, content: bytes, at: Place) -> Iterator[Item]:
    """The rows of a CSV file, each a mapping from the first line's names to texts."""
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _Refused(
            Problem("wrong-items", f"`{path}` is no CSV file: {error}", at, "save it as UTF-8, with commas")
        ) from None
    if not rows:
        raise _Refused(Problem("wrong-items", f"`{path}` has no rows, so it makes no DAG", at))
    for line, row in rows:
        if None in row or None in row.values():
            message = (
                f"line {line} of `{path}` has {'more' if None in row else 'fewer'} cells than the first line has names"
            )
            raise _Refused(Problem("wrong-items", message, at, "quote a cell that holds a comma"))
        yield Item(row, Place(path, (line,)))


def _problem(at: Place, fault: Fault) -> Problem:
    return Problem("unknown-expression", fault.message, at.at(*fault.route, part=at.part), fault.hint)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def template_problems(document: Document) -> Iterator[Problem]:
    """What is wrong with a template's parameters and expressions, whether or not a DAG is made from it."""
    content, at = _mapping(document.data), Place(document.path)
    declared = _mapping(content.get("params"))
    for name, schema in declared.items():
        for misfit in wrong_schema(schema):
            yield Problem("wrong-parameter", misfit.message, at.at("params", name, *misfit.route), misfit.hint)
    _, faults = resolve(content.get("dag"), {"params": dict.fromkeys(declared, Anything()), "vars": Anything()})
    yield from (_problem(at.at("dag"), fault) for fault in faults)
