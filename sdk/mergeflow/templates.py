"""Templates and `for_each`: one DAG written once becomes many, and every value keeps the place that it came from."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from mergeflow.diagnostic import Made, Place, Problem, Route
from mergeflow.document import Document
from mergeflow.expressions import OPEN, Anything, Fault, Scope, expressions_of, looked_up, resolve
from mergeflow.files import CONFIG_SUFFIXES, TEMPLATES
from mergeflow.items import Item, NoItems, items_file, items_of
from mergeflow.layers import Layer
from mergeflow.model import kind_of, near
from mergeflow.parameters import MOST_PARAMETERS, Parameters, bind, wrong_schema
from mergeflow.plain_yaml import CHARACTERS_PER_VALUE
from mergeflow.tables import Table
from mergeflow.wanted import sought

USES = ("template", "with", "for_each")
"""The keys of a DAG that say what it is made from; they are not part of it."""


MOST_VALUES = 500_000
"""What the DAGs that one file makes may hold in all: a large template for many items would be looked at for minutes."""


class Room:
    """How many values the DAGs that one file makes may still hold."""

    def __init__(self) -> None:
        self.left = MOST_VALUES

    def take(self, *data: object) -> None:
        """Count what a DAG holds, as far as there is room; a long text counts as several values."""
        waiting = [*data]
        while waiting and self.left >= 0:
            at = waiting.pop()
            if isinstance(at, dict | list):
                self.left -= len(at)
                waiting += at.values() if isinstance(at, dict) else at
            elif isinstance(at, str):
                self.left -= len(at) // CHARACTERS_PER_VALUE


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
    tables: Mapping[str, Table]
    variables: Mapping[str, Any] | None
    """What `${{ vars }}` stands for; none where that is not known before an environment is chosen."""
    wanted: str | None = None
    """The one DAG to make; none: all."""


def template_of(path: str) -> str | None:
    """The name of the template that a file holds; none for other files."""
    return path.removeprefix(f"{TEMPLATES}/").rpartition(".")[0] if path.startswith(f"{TEMPLATES}/") else None


def is_made(document: Document, data: Mapping[str, Any]) -> bool:
    """Whether a DAG must be made first, rather than being what is written."""
    return any(each in data for each in USES) or document.mentions(OPEN)


def instances(
    document: Document, key: str, data: Mapping[str, Any], sources: Sources, room: Room
) -> Iterator[Instance]:
    """Every DAG that a key makes, or the wanted one.

    What is wrong with one costs no other, unless there is no room for them all.
    """
    own = Place(document.path, (key,))
    if room.left < 0:  # which is told already
        yield _unmade(own, data)._replace(waits=True)
        return
    try:
        looked_for = sought(sources.wanted, key, data, sources.templates)
        text = looked_for.text if looked_for else None
        items = items_of(own, data, sources.documents, sources.tables, text)
        for item in items if items is not None else (None,):
            if item and looked_for and not looked_for.is_in(item.value):
                continue
            made = _unmade(own, data, item.fault) if item and item.fault else _instance(own, data, item, sources)
            if made is None or sources.wanted not in (None, made.dag_id):
                continue
            room.take(made.own.data, made.template.data if made.template else None)
            if room.left < 0:
                yield _unmade(own, data)._replace(problems=(_too_much(own.path),))
                return
            yield made
    except NoItems as refused:
        yield _unmade(own, data, refused.problem)


def _too_much(path: str) -> Problem:
    """All of a file's DAGs are out: nobody can tell which of them is one too many."""
    message = f"the DAGs that this file makes hold over {MOST_VALUES:,} values"
    return Problem("invalid-value", message, Place(path), "make fewer of them, or smaller ones; or split the file")


def _unmade(own: Place, data: Mapping[str, Any], *problems: Problem) -> Instance:
    """What stands for a DAG that was not even begun."""
    key = str(own.route[0])
    made = Made(own.path, key, own._replace(part="key"))
    placed = tuple(replace(each, place=each.place._replace(made=made)) for each in problems)
    return Instance(key, Layer(own.path, own.route, data), made, problems=placed)


def _instance(own: Place, data: Mapping[str, Any], item: Item | None, sources: Sources) -> Instance | None:
    """One DAG; none as soon as its dag_id shows that it is not the wanted one."""
    key, wanted = str(own.route[0]), sources.wanted
    variables = Anything() if sources.variables is None else sources.variables
    scope: Scope = {"vars": variables, **({"item": item.value} if item else {})}
    if wanted is not None and "params" not in key and str(resolve(key, scope)[0]) != wanted:
        return None
    template, misfits = _template(own, data, scope, sources, item)
    if template is not None:
        scope = {**scope, "params": template[1]}
    dag_id, in_key = resolve(key, scope)
    if wanted not in (None, str(dag_id)):
        return None
    written, faults = resolve({name: value for name, value in data.items() if name not in USES}, scope)
    made = Made(own.path, str(dag_id), item.place if item else own._replace(part="key"))
    problems = [*misfits]
    problems += [] if misfits else [_problem(own, each) for each in faults]
    problems += [_problem(own._replace(part="key"), each) for each in in_key]
    layer = None
    if template is not None and not problems:
        body, in_body = resolve(template[2], {"params": template[1], "vars": variables})
        layer = Layer(template[0], ("dag",), body)
        problems += [_problem(Place(template[0], ("dag",)), each) for each in in_body]
    placed = tuple(replace(_named(each, made), place=each.place._replace(made=made)) for each in problems)
    waits = sources.variables is None and _names_variables(key, data, template[2] if template else None)
    return Instance(str(dag_id), Layer(own.path, own.route, written), made, layer, placed, waits)


def _named(problem: Problem, made: Made) -> Problem:
    """A problem within an item of a YAML file says whose it is: the line shown may be far below the item's name."""
    beside = made.place.path != made.path and made.place.path.endswith(CONFIG_SUFFIXES)
    within = beside and problem.place.is_within(made.place)
    return replace(problem, message=f"`{made.dag_id}`: {problem.message}") if within else problem


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
        if misfit.route and misfit.route[:1] not in declared:
            place = own.at("with", *misfit.route, part="key")
        else:
            place = _misfit_at(own, misfit.route, _mapping(written), item)
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
    declared = islice(_mapping(content.get("params")).items(), MOST_PARAMETERS)
    return {name: schema for name, schema in declared if isinstance(schema, dict)}


def sources_of(path: str, data: Mapping[str, Any]) -> Iterator[str]:
    """The paths of what a DAG of the file `path` is made from, there or not: its template, and its items."""
    name, items = data.get("template"), items_file(path, data)
    if isinstance(name, str):
        yield from (f"{TEMPLATES}/{name}{suffix}" for suffix in CONFIG_SUFFIXES)
    if items:
        yield items


def _problem(at: Place, fault: Fault) -> Problem:
    return Problem("unknown-expression", fault.message, at.at(*fault.route, part=at.part), fault.hint)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def template_problems(document: Document) -> Iterator[Problem]:
    """What is wrong with a template's parameters and expressions, whether or not a DAG is made from it."""
    content, at = _mapping(document.data), Place(document.path)
    declared = _mapping(content.get("params"))
    if len(declared) > MOST_PARAMETERS:
        message = f"these are {len(declared):,} parameters, and {MOST_PARAMETERS:,} are the most"
        yield Problem("wrong-parameter", message, at.at("params"), "let one of them be a list or a mapping")
    for name, schema in islice(declared.items(), MOST_PARAMETERS):
        for misfit in wrong_schema(schema):
            yield Problem("wrong-parameter", misfit.message, at.at("params", name, *misfit.route), misfit.hint)
    _, faults = resolve(content.get("dag"), {"params": dict.fromkeys(declared, Anything()), "vars": Anything()})
    yield from (_problem(at.at("dag"), fault) for fault in faults)
