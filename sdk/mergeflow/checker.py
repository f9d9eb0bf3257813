"""Everything that is wrong with a project, in one report."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from mergeflow.diagnostic import Diagnostic, Note, Place, Problem, Related, Report, Severity, in_order, together
from mergeflow.document import Document
from mergeflow.files import CONFIGS, POLICY
from mergeflow.levels import counts_at_all, keeps_out, levelled, slugs_of
from mergeflow.masks import masked
from mergeflow.model import SHAPES, kind_of, shape_problems
from mergeflow.pardons import Pardons, Verdict
from mergeflow.project import NODE_LISTS, Project, defaults_above, defines_dag, is_defaults, unnested
from mergeflow.rules import RULES, Known, Rule
from mergeflow.rules.afterwards import AFTERWARDS
from mergeflow.suites import suite_problems
from mergeflow.tasks.problems import typed_problems
from mergeflow.templates import is_made


def check(
    project: Project,
    known: Known,
    focus: Collection[str] | None = None,
    rules: Iterable[Rule] = RULES,
    *,
    building: bool = False,
) -> Report:
    """Check a project against its models, every rule and its policy.

    `focus` are the paths that the caller asked about: the report leaves out what has nothing to do with them, and does
    not count the other files. When `building`, only the DAGs are judged, and no waiver ever expires: what Airflow runs
    must not change overnight. A project in no environment is checked in each. Nothing that a config names is imported
    or run.
    """
    report = _check(project, known, focus, rules := tuple(rules), building=building)
    if building or project.environment is not None:
        return report
    for name, environment in project.environments.items():
        within = _check(project.within(name), known, focus, rules)
        note = Note(project.locate(Place(environment.path)), f"in the environment `{name}`")
        report = together(report, within, note, of_all=AFTERWARDS)
    return report


def _check(
    project: Project, known: Known, focus: Collection[str] | None, rules: tuple[Rule, ...], *, building: bool = False
) -> Report:
    """Check a project as it is in one environment, or in none."""
    slugs = None if known.house is None else slugs_of(rules, known.house)
    pardons = Pardons(project, rules, slugs, None if building else known.today)
    problems = list(levelled(chain(_shapes(project), _by_rules(project, known, rules)), rules, project.policy))
    if not building and POLICY in project.documents:
        from mergeflow.policy_problems import policy_problems

        problems += policy_problems(project.documents[POLICY], slugs)
    judged: dict[Verdict, list[tuple[Problem, Diagnostic]]] = {"stands": [], "waived": [], "ignored": []}
    for problem in problems:
        diagnostic = diagnose(project, problem)
        judged[pardons.verdict(problem, diagnostic)].append((problem, diagnostic))
    seen = set(project.paths) if focus is None else set(focus)
    found = [*project.refused, *(diagnostic for _, diagnostic in judged["stands"])]
    if not building:
        found += _idle(project, pardons, seen, everything=focus is None)
    tolerated = {rule.ID for rule in rules if not keeps_out(rule)}
    with_a_say = seen.union(*((*defaults_above(path), *project.made_from.get(path, ())) for path in seen))
    return Report(
        _concerning(with_a_say, masked(project, found, problems)),
        files=sum(path.startswith(f"{CONFIGS}/") for path in seen),
        dags=sum(each.dag.path in seen for each in project.named),
        broken=frozenset(_broken(project, (each for each, _ in judged["stands"] if each.rule not in tolerated))),
        waived=len(_concerning(with_a_say, (diagnostic for _, diagnostic in judged["waived"]))),
        ignored=len(_concerning(with_a_say, (diagnostic for _, diagnostic in judged["ignored"]))),
    )


def diagnose(project: Project, problem: Problem) -> Diagnostic:
    """A problem with its line and column found."""
    location = project.locate(problem.place)
    document = project.documents.get(location.path)
    return Diagnostic(
        location,
        problem.rule,
        problem.message,
        problem.severity,
        document.line(location.span.start.line) if document else "",
        problem.hint,
        tuple(Note(project.locate(each.place), each.message) for each in (*problem.related, *_made(problem.place))),
    )


def _made(place: Place) -> Iterator[Related]:
    """The item that a DAG was made for, or the DAG that uses a template, where that is not the place itself."""
    if place.made and place.made.place[:2] != place[:2]:
        yield Related(place.made.place, f"made `{place.made.dag_id}`")


def _by_rules(project: Project, known: Known, rules: Iterable[Rule]) -> Iterator[Problem]:
    for rule in rules:
        if counts_at_all(rule, project.policy):
            yield from rule.check(project, known)


def _idle(project: Project, pardons: Pardons, paths: Collection[str], *, everything: bool) -> Iterator[Diagnostic]:
    """The comments of these files that ignore nothing; when everything was checked, also the waivers of nothing."""
    waivers = (diagnose(project, problem) for problem in pardons.unused_waivers()) if everything else ()
    for diagnostic in chain(waivers, pardons.unused_ignores(paths)):
        level = project.policy.level(diagnostic.rule, diagnostic.location.path, diagnostic.severity)
        if level != "off":
            yield replace(diagnostic, severity=level)


def _shapes(project: Project) -> Iterator[Problem]:
    for document in project.configs:
        yield from _file_shape(document)
    for document in project.defaults:
        if document.data is not None:
            yield from _dag_shape(document.data, Place(document.path), "these defaults", "Defaults")
    for dag in project.dags:
        for layer in dag.layers.written if dag.layers.made else ():
            yield from _dag_shape(layer.data, dag.layers.place_in(layer), f"DAG `{dag.dag_id}`", "Dag")
        yield from typed_problems(dag)
    for document in project.suites.values():
        yield from suite_problems(document)
    for name, environment in project.environments.items():
        yield from _environment_shape(name, project.documents[environment.path])
    for name, document in project.templates.items():
        yield from shape_problems("Template", document.data, Place(document.path), f"template `{name}`")


def _file_shape(document: Document) -> Iterator[Problem]:
    data, path = document.data, document.path
    if not isinstance(data, dict):
        message = "the file is empty" if data is None else f"the file must map dag_ids to DAGs, not be {kind_of(data)}"
        yield Problem("wrong-type", message, Place(path), "write `<dag_id>:` and the DAG's keys, indented, below it")
        return
    if loose := unnested(data):
        dag_id = next((str(key) for key, value in data.items() if value is None), "")
        above = f"indent the DAG's keys below `{dag_id}:`"
        yield _loose(path, loose, above if dag_id else "write `<dag_id>:` above, and indent all below it")
        return
    for key, value in data.items():
        if not isinstance(key, str):
            message = f"this dag_id is read as {kind_of(key)}, not as text"
            yield Problem("wrong-type", message, Place(path, (key,), "key"), "put it in quotes")
        elif key == "default":
            yield from _dag_shape(value, Place(path, (key,)), "the `default` block", "Defaults")
        elif key in SHAPES["Dag"].keys and not isinstance(value, dict | None) and defines_dag(key, value):
            yield _loose(path, key, "indent it below the dag_id that it belongs to")
        elif defines_dag(key, value) and not (isinstance(value, dict) and is_made(document, value)):
            yield from _dag_shape(value, Place(path, (key,)), f"DAG `{key}`", "Dag")


def _loose(path: str, key: str, hint: str) -> Problem:
    message = f"`{key}` is a key of a DAG, and stands where a dag_id should"
    return Problem("wrong-type", message, Place(path, (key,), "key"), hint)


def _environment_shape(name: str, document: Document) -> Iterator[Problem]:
    """An environment with its patches, each a set of defaults."""
    place, owner = Place(document.path), f"environment `{name}`"
    yield from shape_problems("Environment", document.data, place, owner)
    listed = document.data.get("patches") if isinstance(document.data, dict) else None
    for i, each in enumerate(listed if isinstance(listed, list) else ()):
        yield from shape_problems("Patch", each, place.at("patches", i), f"patch {i + 1} of {owner}")
        if isinstance(each, dict) and isinstance(each.get("set"), dict):
            yield from _dag_shape(each["set"], place.at("patches", i, "set"), f"patch {i + 1} of {owner}", "Defaults")


def _dag_shape(data: object, place: Place, owner: str, model: str) -> Iterator[Problem]:
    """A DAG or a set of defaults, with its `default_args`, tasks and task groups."""
    yield from shape_problems(model, data, place, owner)
    if not isinstance(data, dict):
        return
    default_args = data.get("default_args")
    if isinstance(default_args, dict):
        where = place.at("default_args")
        yield from shape_problems("DefaultArgs", default_args, where, f"default_args of {owner}")
    node_models = (("task", "Task"), ("task group", "TaskGroup"))
    for (key, name_key), (noun, node_model) in zip(NODE_LISTS, node_models, strict=True):
        for segment, name, value in _entries(data.get(key), name_key):
            where = place.at(key, segment)
            nameless = isinstance(data[key], list) and not isinstance(name, str)
            label = f"entry {int(segment) + 1} of `{key}`" if nameless else f"{noun} `{name}`"
            yield from shape_problems(node_model, value, where, label)
            args = value.get("default_args") if key == "task_groups" and isinstance(value, dict) else None
            if isinstance(args, dict):
                inside = where.at("default_args")
                yield from shape_problems("GroupArgs", args, inside, f"default_args of {label}")


def _entries(listed: object, name_key: str) -> Iterable[tuple[str | int, object, object]]:
    """The entries of a mapping or list of tasks or groups: route segment, name, value."""
    if isinstance(listed, dict):
        return [(name, name, value) for name, value in listed.items()]
    if isinstance(listed, list):
        return [(i, each.get(name_key) if isinstance(each, dict) else None, each) for i, each in enumerate(listed)]
    return ()


def _broken(project: Project, problems: Iterable[Problem]) -> Iterator[tuple[str, str]]:
    """The DAGs that errors spoil: one where it stands in a DAG, else all that its file has a say in."""
    dag_ids: dict[str, set[str | int]] = {}
    for dag in project.dags:
        dag_ids.setdefault(dag.path, set()).add(dag.dag_id)
    spoiled = {each.location.path for each in project.refused}
    for problem in problems:
        path, route = problem.place.path, problem.place.route
        if problem.severity is not Severity.ERROR:
            continue
        if problem.place.made:
            yield problem.place.made[:2]
        elif not route or route[0] == "default" or is_defaults(path):
            spoiled.add(path)
        elif route[0] in dag_ids.get(path, ()):
            yield path, str(route[0])
    for path in {below for each in spoiled for below in project.below(each)}:
        yield from ((path, str(dag_id)) for dag_id in dag_ids.get(path, ()))


def _concerning(paths: Collection[str], diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those that have to do with these paths, in order."""
    return tuple(each for each in in_order(diagnostics) if _concerns(each, paths))


def _concerns(diagnostic: Diagnostic, paths: Collection[str]) -> bool:
    places = (diagnostic.location, *(note.location for note in diagnostic.notes))
    return any(place.path in paths for place in places)
