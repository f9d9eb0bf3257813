"""Everything that is wrong with a project, in one report."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from mergeflow.diagnostic import Diagnostic, Made, Note, Place, Problem, Related, Report, Severity, in_order, together
from mergeflow.files import CONFIGS, POLICY
from mergeflow.levels import counts_at_all, keeps_out, levelled, slugs_of
from mergeflow.masks import masked
from mergeflow.model import SHAPES, patience
from mergeflow.pardons import Pardons, Verdict
from mergeflow.paths import defaults_above, is_defaults
from mergeflow.project import Project
from mergeflow.rules import RULES, Known, Rule
from mergeflow.rules.afterwards import AFTERWARDS
from mergeflow.shapes import shapes

MOST_PROBLEMS = 20_000
"""So many problems of one file are told: a mebibyte may hold half a million, which would take a gigabyte."""


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
    with patience():
        return _judge(project, known, focus, rules, building=building)


def _judge(
    project: Project, known: Known, focus: Collection[str] | None, rules: tuple[Rule, ...], *, building: bool
) -> Report:
    slugs = None if known.house is None else slugs_of(rules, known.house)
    pardons = Pardons(project, rules, slugs, None if building else known.today)
    found_at_all = _not_endless(chain(shapes(project), _by_rules(project, known, rules)))
    problems = list(levelled(found_at_all, rules, project.policy))
    if not building and POLICY in project.documents:
        from mergeflow.policy_problems import policy_problems

        problems += _not_endless(policy_problems(project.documents[POLICY], slugs))
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
    if focus is None and known.samples is not None:
        with_a_say.update(known.samples.paths)
    return Report(
        _concerning(with_a_say, masked(project, found, problems)),
        files=sum(path.startswith(f"{CONFIGS}/") for path in seen),
        dags=sum(each.dag.path in seen for each in project.named),
        broken=frozenset(_broken(project, (each for each, _ in judged["stands"] if each.rule not in tolerated))),
        waived=len(_concerning(with_a_say, (diagnostic for _, diagnostic in judged["waived"]))),
        ignored=len(_concerning(with_a_say, (diagnostic for _, diagnostic in judged["ignored"]))),
    )


def _not_endless(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The first problems of each file; one that has more is wrong as a whole, and none of its DAGs is built."""
    number: Counter[str] = Counter()
    ended: set[tuple[str, Made | None]] = set()
    for problem in problems:
        path, _, _, made = problem.place
        number[path] += 1
        if number[path] <= MOST_PROBLEMS:
            yield problem
        elif (path, made) not in ended:
            ended.add((path, made))
            yield _too_many(path, made)


def _too_many(path: str, made: Made | None = None) -> Problem:
    message = f"there are more than {MOST_PROBLEMS:,} problems in this file, and the others are not told"
    return Problem("too-many-problems", message, Place(path, made=made), "mend some of these, and check again")


def diagnose(project: Project, problem: Problem) -> Diagnostic:
    """A problem with its line and column found."""
    location = project.locate(problem.place)
    return Diagnostic(
        location,
        problem.rule,
        problem.message,
        problem.severity,
        project.line(location),
        problem.hint,
        tuple(Note(project.locate(each.place), each.message) for each in (*problem.related, *_made(problem.place))),
    )


def _made(place: Place) -> Iterator[Related]:
    """The item that a DAG was made for, or the DAG that uses a template, where the place is not within that itself."""
    if place.made and not place.is_within(place.made.place):
        yield Related(place.made.place, f"made `{place.made.dag_id}`")


def _by_rules(project: Project, known: Known, rules: Iterable[Rule]) -> Iterator[Problem]:
    for rule in rules:
        if counts_at_all(rule, project.policy):
            yield from rule.check(project, known)


def _idle(project: Project, pardons: Pardons, paths: Collection[str], *, everything: bool) -> Iterator[Diagnostic]:
    """The comments of these files that ignore nothing; when everything was checked, also the waivers of nothing."""
    waivers = (diagnose(project, problem) for problem in pardons.unused_waivers()) if everything else ()
    number: Counter[str] = Counter()
    for diagnostic in chain(waivers, pardons.unused_ignores(paths)):
        path = diagnostic.location.path
        number[path] += 1
        if number[path] > MOST_PROBLEMS:
            if number[path] == MOST_PROBLEMS + 1:
                yield replace(diagnose(project, _too_many(path)), severity=Severity.WARNING)
            continue
        level = project.policy.level(diagnostic.rule, diagnostic.location.path, diagnostic.severity)
        if level != "off":
            yield replace(diagnostic, severity=level)


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
        elif route[0] in SHAPES["Dag"].keys:
            spoiled.add(path)  # a part of a DAG stands beside it, and nobody knows of which
    for path in {below for each in spoiled for below in project.below(each)}:
        yield from ((path, str(dag_id)) for dag_id in dag_ids.get(path, ()))


def _concerning(paths: Collection[str], diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those that have to do with these paths, in order."""
    return tuple(each for each in in_order(diagnostics) if _concerns(each, paths))


def _concerns(diagnostic: Diagnostic, paths: Collection[str]) -> bool:
    places = (diagnostic.location, *(note.location for note in diagnostic.notes))
    return any(place.path in paths for place in places)
