"""What a file may cost: the work that is done for it is counted here, never the seconds."""

import difflib
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest

from mergeflow import checker, expressions, globs, plain_yaml, schedules
from mergeflow import templates as templates_module
from mergeflow.code import Code, FolderTree
from mergeflow.dag import MOST_DAGS
from mergeflow.diagnostic import Diagnostic, Severity
from mergeflow.document import Document, parse
from mergeflow.globs import matches
from mergeflow.model import near, patience, refusals, words
from mergeflow.project import load
from mergeflow.rules import Known, task_group_cycle, templates, unknown_variable
from mergeflow.rules.templated import templates_in
from tests.conftest import Repository

E = "airflow.providers.standard.operators.empty.EmptyOperator"
BASH = "airflow.providers.standard.operators.bash.BashOperator"
A, B = "configs/team/a.yaml", "configs/team/b.yaml"


def counted(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Counter[object]:
    """How often a function is called from now on, by its first argument."""
    calls: Counter[object] = Counter()
    whole = getattr(owner, name)

    def call(first: object, *rest: object, **named: object) -> object:
        calls[first] += 1
        return whole(first, *rest, **named)

    monkeypatch.setattr(owner, name, call)
    return calls


def test_a_file_with_more_problems_than_anybody_reads_is_wrong_as_a_whole(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "MOST_PROBLEMS", 3)
    task = f"{{operator: {E}}}"
    wrong = "".join(f"d{i}:\n  tasks: {{t: 1}}\n" for i in range(5))
    report = repository({A: f"{wrong}fine:\n  tasks: {{t: {task}}}\n", B: f"other:\n  tasks: {{t: {task}}}\n"}).check()
    (more,) = (each for each in report.diagnostics if each.rule == "too-many-problems")
    assert more.message == "there are more than 3 problems in this file, and the others are not told"
    assert len(report.diagnostics) == 4
    assert report.broken == {(A, "fine"), *((A, f"d{i}") for i in range(5))}


def test_of_a_template_with_too_many_problems_every_dag_is_broken(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "MOST_PROBLEMS", 3)
    template = "dag:\n  tasks:\n" + "".join(f"    t{i}: 1\n" for i in range(5))
    report = repository({A: "x: {template: t}\ny: {template: t}\n", "configs/templates/t.yaml": template}).check()
    assert {(A, "x"), (A, "y")} <= report.broken


def test_a_report_has_as_many_hints_as_somebody_reads(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = counted(monkeypatch, difflib, "get_close_matches")
    monkeypatch.setattr(words, "MOST_COMPARED", 300)
    made = repository({A: "d:\n" + "".join(f"  schedul{i}: x\n" for i in range(100)) + "  tasks: {}\n"})
    hints = [each.hint for each in made.check().diagnostics if each.rule == "unknown-key"]
    assert len(hints) == 100
    assert hints[0] == "did you mean `schedule`?"
    assert 0 < compared.total() < 20
    assert [each.hint for each in made.check().diagnostics if each.rule == "unknown-key"] == hints, "each has its own"


def test_the_same_slip_is_compared_once_and_without_a_report_there_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = counted(monkeypatch, difflib, "get_close_matches")
    monkeypatch.setattr(words, "MOST_COMPARED", 1)
    with patience():
        assert {near("retires", ["retries"]) for _ in range(9)} == {"did you mean `retries`?"}
        assert near("retriess", ["retries"]) == ""
    assert compared.total() == 1
    assert near("retriess", ["retries"]) == "did you mean `retries`?"


def test_a_text_is_searched_once_for_all_of_its_dags() -> None:
    class Text(str):
        """A text that counts how often it is searched."""

        __slots__ = ("searched",)

        def __contains__(self, word: object) -> bool:
            self.searched: Counter[object]
            self.searched[word] += 1
            return str.__contains__(self, str(word))

    read = parse(A, b"x: {tasks: {}}\n")
    assert isinstance(read, Document)
    text = Text(read.text)
    text.searched = Counter()
    document = Document(A, text, read.data)
    assert [document.mentions(word) for word in ("tasks", "{{", "tasks", "{{")] == [True, False, True, False]
    assert text.searched == {"tasks": 1, "{{": 1}


def test_templates_are_read_once_for_all_rules(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = counted(monkeypatch, templates, "read_plain")
    text = "".join(f"d{i}: {{tasks: {{t: {{operator: {BASH}, bash_command: '{{{{ x{i} }}}}'}}}}}}\n" for i in range(9))
    report = repository({A: text}).check()
    assert sum(each.rule == unknown_variable.ID for each in report.diagnostics) == 9
    assert set(read.values()) == {1}


def test_what_is_worked_out_for_one_catalog_is_not_taken_for_another() -> None:
    project = load({A: f"d: {{tasks: {{t: {{operator: {BASH}, bash_command: '{{{{ x }}}}'}}}}}}\n".encode()})
    one, other = Known(), Known()
    assert templates_in(project, one) is templates_in(project, one)
    assert templates_in(project, one) is not templates_in(project, other)


def test_a_long_chain_of_groups_ends_and_a_long_ring_is_one_problem(repository: Callable[..., Repository]) -> None:
    groups = "".join(f"    g{i}: {{parent_group_name: g{i + 1}}}\n" for i in range(3000))
    chain = f"d:\n  tasks: {{t: {{operator: {E}, task_group_name: g0}}}}\n  task_groups:\n{groups}    g3000: {{}}\n"
    assert not [each for each in repository({A: chain}).check().diagnostics if each.rule == task_group_cycle.ID]
    ring = chain.replace("g3000: {}", "g3000: {parent_group_name: g1500}")
    (found,) = (each for each in repository({A: ring}).check().diagnostics if each.rule == task_group_cycle.ID)
    assert found.message.startswith("task group `g1500` lies within itself: `g1500` → `g1501`")
    assert found.message.endswith("`g3000` → `g1500`")


def test_no_file_defines_more_dags_than_somebody_would_write(repository: Callable[..., Repository]) -> None:
    made = repository(
        {A: "".join(f"d{i}: {{}}\n" for i in range(MOST_DAGS + 1)), B: f"d0: {{tasks: {{t: {{operator: {E}}}}}}}\n"}
    )
    (found,) = made.check().diagnostics
    assert found.message == "the file has 15,001 entries, and 15,000 are the most"
    assert not found.source_line


@pytest.mark.parametrize("listed", ["for_each: [{items}]", "for_each: {{file: items.yaml}}"])
def test_no_dag_is_made_for_more_items_than_a_table_may_have(
    listed: str, repository: Callable[..., Repository]
) -> None:
    items = ", ".join(map(str, range(10_001)))
    text = f"d${{{{ item }}}}:\n  {listed.format(items=items)}\n  tasks: {{t: {{operator: {E}}}}}\n"
    files = {"configs/team/items.yaml": f"[{items}]\n"} if "file" in listed else {}
    (found,) = repository({A: text, **files}).check().diagnostics
    assert found.message == "these are 10,001 items, and 10,000 are the most"


@pytest.mark.parametrize(
    "schema",
    [
        "{type: intdger, minimum: 0}",
        "{minimum: a}",
        "{pattern: '['}",
        "{properties: 3}",
        "{$ref: '#'}",
        "{$ref: 'http://localhost:9/schema'}",
        "{allOf: [{$ref: '#/nowhere'}]}",
    ],
)
def test_a_parameter_whose_schema_is_none_crashes_nothing_and_fetches_nothing(
    schema: str, repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.create_connection", lambda *_: pytest.fail("something was fetched"))
    template = f"params: {{a: {schema}}}\ndag:\n  tasks: {{t: {{operator: {E}}}}}\n"
    text = "".join(f"d{i}: {{template: t, with: {{a: {value}}}}}\n" for i, value in enumerate(("1", "b", "{c: 1}")))
    report = repository({A: text, "configs/templates/t.yaml": template}).check()
    assert {each.location.path for each in report.diagnostics} <= {A, "configs/templates/t.yaml"}


def test_a_long_list_is_judged_by_parts_and_every_place_is_right(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MOST_JUDGED", 4)
    tags = "".join(f"    - {'x' if i not in {5, 6, 9} else i}\n" for i in range(10))
    report = repository({A: f"d:\n  tags:\n{tags}  tasks: {{t: {{operator: {E}}}}}\n"}).check()
    assert [each.location.span.start.line for each in report.diagnostics] == [8, 9], "the first part that is wrong"


def test_what_a_module_defines_is_listed_once_for_all_who_misspell_it(repository: Callable[..., Repository]) -> None:
    made = repository({"dags/callables/__init__.py": "", "dags/callables/x.py": "def load(): ...\ndef save(): ...\n"})
    code = Code(FolderTree(made.root))
    one, other = code.find("callables.x.laod"), code.find("callables.x.sav")
    assert one.near == ("load", "save")
    assert one.near is other.near


@pytest.mark.parametrize("length", [25, 3000])
def test_a_pattern_of_many_stars_ends_soon(length: int) -> None:
    text = "a" * length
    assert not matches(f"{text}b", "*a" * 12 + "*c")
    assert not matches(f"{text}b", "**a" * 12 + "**c")
    assert matches(f"{text}b", "*a" * 12 + "*b")


@pytest.mark.parametrize("pattern", ["*", "a*", "**", "**/b", "a/**", "a/**/c", "**/a/*", "a?*", "a/?/c", "**b**", "a"])
def test_a_long_text_is_matched_as_a_short_one(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["", "a", "b", "/", "a/", "/b", "ab", "a/b", "a/b/c", "a/c", "a//c", "b/a/c", "aab", "/a/b", "a/bb/c"]
    short = [matches(text, pattern) for text in texts]
    monkeypatch.setattr(globs, "_LONG", -1)
    assert [matches(text, pattern) for text in texts] == short
    assert True in short
    assert False in short or pattern == "**"


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ("- {dags: d, set: {tgs: 1}}\n" * 201, "these are 201 patches, and 200 are the most"),
        (
            f"- {{dags: [{', '.join(['x*'] * 201)}], set: {{}}}}\n",
            "these are 201 patterns of dag_ids, and 200 are the most",
        ),
        (f"- {{dags: [d, {', '.join(f'x{i}' for i in range(201))}], set: {{}}}}\n", ""),
    ],
)
def test_an_environment_has_no_more_patches_than_somebody_would_write(
    patch: str, says: str, repository: Callable[..., Repository]
) -> None:
    files = {
        A: f"d: {{tasks: {{t: {{operator: {E}}}}}}}\n",
        "configs/environments/dev.yaml": f"patches:\n{patch}",
    }
    found = [(each.rule, each.message) for each in repository(files).check().diagnostics]
    assert found == ([("invalid-value", says)] if says else [])


@pytest.mark.parametrize("made", ["template: t", "for_each: [1, 2, 3, 4, 5]"])
def test_the_dags_that_a_file_makes_hold_no_more_than_somebody_would_write(
    made: str, repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mergeflow.templates.MOST_VALUES", 8)
    begun = counted(monkeypatch, templates_module, "_instance")
    if "template" in made:
        text = "".join(f"{name}: {{template: t}}\n" for name in "vwxyz")
    else:
        text = f"x${{{{ item }}}}: {{{made}, tasks: {{t: {{operator: {E}, retries: 1}}}}}}\n"
    body = f"dag:\n  tasks: {{t: {{operator: {E}, retries: 1}}}}\n"
    report = repository({A: text, "configs/templates/t.yaml": body}).check()
    (found,) = (each for each in report.diagnostics if each.location.path == A)
    assert (found.rule, found.message) == ("invalid-value", "the DAGs that this file makes hold over 8 values")
    assert begun.total() == 3
    assert {path for path, _ in report.broken} == {A}, "also those that were made"


def test_expressions_make_no_longer_texts_than_somebody_would_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "MOST_TEXT", 10)
    scope = {"item": "abcd"}
    made, faults = expressions.resolve(["${{ item }}", "${{ item }}-${{ item }}", "<${{ item }}>"], scope)
    assert made == ["abcd", "abcd-abcd", "<${{ item }}>"]
    assert [fault.message for fault in faults] == ["expressions make texts of over 10 characters here"]


@pytest.mark.parametrize(
    ("schema", "lost"),
    [
        ("{$ref: '#/$defs/a'}", "`#/$defs/a` is no part of this parameter's schema"),
        ("{properties: {x: {$ref: 'other.json'}}}", "`other.json` is no part of this parameter's schema"),
        ("{anyOf: [{$ref: '#/anyOf/2'}, {type: string}]}", "`#/anyOf/2` is no part of this parameter's schema"),
        ("{$ref: '#/$defs/a~1b', $defs: {a/b: {type: integer}}}", ""),
        ("{const: {$ref: nothing}}", ""),
        ("{pattern: '['}", "this is no JSON Schema: '[' is not a 'regex'"),
        (r"{pattern: '(a)\1'}", "this pattern looks around, back, or for the edge of a word, which has no bound here"),
        ("{patternProperties: {a: {}}}", "`patternProperties` is not known here"),
    ],
)
def test_a_reference_that_would_check_nothing_is_told_at_the_parameter(
    schema: str, lost: str, repository: Callable[..., Repository]
) -> None:
    template = f"params:\n  a: {schema}\ndag:\n  tasks: {{t: {{operator: {E}}}}}\n"
    report = repository({"configs/templates/t.yaml": template}).check()
    found = [(each.rule, each.message, each.location.span.start.line) for each in report.diagnostics]
    assert found == ([("wrong-parameter", lost, 2)] if lost else [])


def test_a_template_has_no_more_parameters_than_somebody_would_write(repository: Callable[..., Repository]) -> None:
    params = "".join(f"  p{i}: {{typ: integer}}\n" for i in range(201))
    template = f"params:\n{params}dag:\n  tasks: {{t: {{operator: {E}}}}}\n"
    report = repository({"configs/templates/t.yaml": template}).check()
    assert [each.message for each in report.diagnostics] == ["these are 201 parameters, and 200 are the most"]


def test_what_is_wrong_with_a_policy_has_the_same_limit(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "MOST_PROBLEMS", 3)
    teams = "".join(f"  t{i}: {{pols: [a]}}\n" for i in range(9))
    report = repository({"validators/policy.yaml": f"teams:\n{teams}"}).check()
    assert Counter(each.rule for each in report.diagnostics) == {"unknown-key": 3, "too-many-problems": 1}


def test_comments_that_ignore_nothing_have_the_same_limit(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "MOST_PROBLEMS", 3)
    dags = "".join(f"d{i}: {{tasks: {{t: {{operator: {E}}}}}}} # mergeflow: ignore[cycle] so\n" for i in range(9))
    report = repository({A: dags}).check()
    assert Counter(each.rule for each in report.diagnostics) == {"unused-ignore": 3, "too-many-problems": 1}
    assert {each.severity for each in report.diagnostics} == {Severity.WARNING}


@pytest.mark.parametrize("text", ["0 0 31 2 *", "0 5 29 2 *", "30 */6 13 * 5", "0 0 * * 1", "0 0 1 */3 *"])
def test_centuries_are_counted_by_kinds_of_years(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cron = schedules.cron_of(text)
    assert cron is not None
    assert cron.plain
    start, stop = datetime(1895, 5, 7, 5), datetime(2024, 2, 29, 5)  # noqa: DTZ001 - the wall clock of any zone
    schedules._days_of_year.cache_clear()
    schedules.count_runs.cache_clear()
    walked = counted(monkeypatch, schedules, "_days")
    runs = schedules.count_runs(cron, start, stop, 100_000)
    assert walked.total() <= 14 + 2
    by_day = schedules._days(cron.fields[2:], start.toordinal(), stop.toordinal())
    moments = (datetime.combine(day, each) for day in by_day for each in schedules._clock(cron))
    assert runs == sum(start <= each <= stop for each in moments)


@pytest.mark.parametrize("form", ["a: [{}]", "a:\n{}"])
def test_no_file_holds_more_values_than_somebody_would_write(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_yaml, "MOST_NODES", 10)
    entry = "1," if "[" in form else "- 1\n"
    assert isinstance(parse(A, form.format(entry * 7).encode()), Document)
    found = parse(A, form.format(entry * 8).encode())
    assert isinstance(found, Diagnostic)
    assert (found.rule, found.message) == ("invalid-yaml", "the file holds over 10 keys and values")


def test_a_parameters_pattern_is_searched_for_and_ends(repository: Callable[..., Repository]) -> None:
    template = f"params: {{a: {{pattern: '^(a+)+$'}}}}\ndag:\n  tasks: {{t: {{operator: {E}}}}}\n"
    values = ["aaa", "a" * 60 + "!", "a" * 1001]
    text = "".join(f"d{i}: {{template: t, with: {{a: '{value}'}}}}\n" for i, value in enumerate(values))
    report = repository({A: text, "configs/templates/t.yaml": template}).check()
    assert [each.message.rpartition(": ")[2] for each in report.diagnostics] == [
        f"{values[1]!r} does not match '^(a+)+$'",
        "a pattern is searched in 1,000 characters, and these are 1,001",
    ]
