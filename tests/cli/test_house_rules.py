"""House rules: used like any other, and never a traceback, whatever is in them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import ROOT, Ran, Repository, Run

Make = Callable[..., Repository]
A = "configs/team/a.yaml"
E = "airflow.providers.standard.operators.empty.EmptyOperator"
DAG = f'orders:\n  schedule: "@daily"\n  tasks:\n    extract: {{operator: {E}}}\n'
PATH = "validators/rules/no_orders.py"
DOCSTRING = f'''"""A DAG is called orders.

*Why*: everybody's is.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {{operator: {E}}}

*Good*:

    payments:
      schedule: "@daily"
      tasks:
        extract: {{operator: {E}}}
"""
'''
HEAD = f"""{DOCSTRING}
from mergeflow.diagnostic import Place, Problem, Severity

ID = "no-orders"
SEVERITY = Severity.WARNING

"""
CHECK = """def check(project, known):
    for dag in project.dags:
        if dag.dag_id == "orders":
            yield Problem(ID, "another name, please", dag.place(part="key"), "say whose orders")
"""
RULE = HEAD + CHECK


def broken(ran: Ran) -> str:
    """The one diagnostic of a run, which is about a broken rule."""
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.count("[broken-rule]") == 1
    assert "Traceback" not in ran.out
    return ran.out.split(" [broken-rule]")[0]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", "1:1", "this rule's ID must be `no-orders`, like its file"),
        (RULE.replace('"no-orders"', '"no-order"'), "1:1", "this rule's ID must be `no-orders`, like its file"),
        (RULE.replace("SEVERITY = ", "SEVERE = "), "1:1", "this rule has no SEVERITY"),
        (RULE.replace("Severity.WARNING", "'warning'"), "1:1", "this rule has no SEVERITY"),
        (RULE.replace("def check", "def chekc"), "1:1", "this rule has no function `check`"),
        (RULE.replace("*Why*", "Why"), "1:1", "this rule's docstring needs four parts"),
        (RULE.replace("*Bad*", "Bad"), "1:1", "this rule's docstring needs four parts"),
        (RULE.removeprefix(DOCSTRING), "1:1", "this rule's docstring needs four parts"),
        (f"{HEAD}def check(project:\n", "25:1", "this rule cannot be loaded: SyntaxError: "),
        (f"{HEAD}import no.such_module\n", "25:1", "this rule cannot be loaded: ModuleNotFoundError: "),
        (f"{HEAD}raise SystemExit(0)\n", "25:1", "this rule cannot be loaded: SystemExit: 0"),
        (f"{RULE}\0", "1:1", "this rule cannot be loaded: SyntaxError: "),
        (b"\xff", "1:1", "this rule cannot be loaded: UnicodeDecodeError: "),
        (f"{HEAD}def check(project, known):\n    yield 1 / 0\n", "26:5",
         "this rule failed while it checked: ZeroDivisionError: division by zero"),
        (f"{HEAD}def check(project, known):\n    def deep():\n        deep()\n    deep()\n", "27:9",
         "this rule failed while it checked: RecursionError: "),
        (f"{HEAD}def check(project, known):\n    import json\n    yield json.loads('[')\n", "27:5",
         "this rule failed while it checked: JSONDecodeError: "),
        (f"{HEAD}def check(project, known):\n    exit()\n", "26:5", "this rule failed while it checked: SystemExit"),
        (f"{HEAD}def check(project):\n    yield 1\n", "25:1", "this rule failed while it checked: TypeError: check() "),
        (f"{HEAD}def check(project, known):\n    pass\n", "25:1", "TypeError: it returns None"),
        (f"{HEAD}def check(project, known):\n    yield 'text'\n", "26:5", "it yields 'text', which is no Problem"),
        (f"{HEAD}def check(project, known):\n    yield Problem(ID, 'x', '{A}')\n", "26:5", "which is no Place"),
        (f"{HEAD}def check(project, known):\n    yield Problem(ID, 'x', Place(5))\n", "26:5", "which is no Place"),
        (f"{HEAD}def check(project, known):\n    yield Problem(ID, 'x', Place('{A}', []))\n", "26:5", "no Place"),
        (f"{HEAD}def check(project, known):\n    yield Problem(ID, 'x', Place('{A}', ([],)))\n", "26:5", "unhashable"),
        (f"{HEAD}def check(project, known):\n    yield Problem(ID, None, Place('{A}'))\n", "26:5", "must be texts"),
        (f"{HEAD}def check(project, known):\n    yield Problem(ID, '', Place(''), related=(1,))\n", "26:5", ": 'int'"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_a_diagnostic_at_its_file_and_the_others_still_run(
    text: str | bytes, place: str, said: str, repository: Make, mergeflow: Run
) -> None:
    made = repository({A: DAG, PATH: text})
    said_of_it = broken(mergeflow("check", cwd=made.root))
    assert said_of_it.split(": error: ")[0] == f"{PATH}:{place}"
    assert said in said_of_it
    made.write({A: DAG.replace("extract:", "a: {operator: EmptyOperator, dependencies: [a]}\n    extract:")})
    assert "[cycle]" in mergeflow("check", cwd=made.root).out
    made.write({"validators/rules/on_orders.py": RULE.replace("no-orders", "on-orders")})
    assert "[on-orders]" in mergeflow("check", cwd=made.root).out


@pytest.mark.parametrize("slug", ["cycle", "invalid-yaml", "broken-rule"])
def test_a_rule_cannot_take_the_name_of_a_built_in(slug: str, repository: Make, mergeflow: Run) -> None:
    path = f"validators/rules/{slug.replace('-', '_')}.py"
    made = repository({A: DAG, path: RULE.replace("no-orders", slug)})
    assert broken(mergeflow("check", cwd=made.root)) == f"{path}:1:1: error: `{slug}` is a rule of Mergeflow's already"


def test_a_link_that_leads_nowhere_is_a_broken_rule(repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG, "validators/rules/.keep": ""})
    (made.root / PATH).symlink_to("gone.py")
    assert "FileNotFoundError" in broken(mergeflow("check", cwd=made.root))


def test_what_a_rule_has_found_before_it_fails_is_reported(repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("check", cwd=repository({A: DAG, PATH: f"{RULE}    raise ValueError('late')\n"}).root)
    assert f"{A}:1:1: warning: another name, please [no-orders]" in ran.out
    assert "ValueError: late" in broken(ran)


def test_a_rule_is_used_like_any_other(repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG, "configs/team/b.yaml": DAG.replace("orders", "sales"), PATH: RULE})
    for arguments in ((), (A,)):
        ran = mergeflow("check", *arguments, cwd=made.root)
        assert (ran.code, ran.err) == (0, ""), "a warning stops nobody"
        assert ran.out.startswith(f"{A}:1:1: warning: another name, please [no-orders]\n")
        assert "= hint: say whose orders\n" in ran.out
    assert "no problems" in mergeflow("check", "configs/team/b.yaml", cwd=made.root).out
    assert "no problems" in mergeflow("check", "--no-house-rules", cwd=made.root).out


def test_a_rule_cannot_speak_for_another(repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG, PATH: RULE.replace("Problem(ID", "Problem('cycle'")})
    assert "[no-orders]" in mergeflow("check", cwd=made.root).out


def test_a_rule_may_be_written_with_dataclasses(repository: Make, mergeflow: Run) -> None:
    own = "from dataclasses import dataclass\n\n@dataclass\nclass Seen:\n    name: 'str'\n\n"
    made = repository({A: DAG, PATH: f"{HEAD}{own}{CHECK}"})
    assert "[no-orders]" in mergeflow("check", cwd=made.root).out


def test_what_begins_with_an_underscore_is_no_rule_and_nothing_is_left_behind(repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG, "validators/rules/__init__.py": "1/0", "validators/rules/_shared.py": "1/0", PATH: RULE})
    mergeflow("check", cwd=made.root)
    names = {path.name for path in (made.root / "validators/rules").iterdir()}
    assert names == {"__init__.py", "_shared.py", "no_orders.py"}


def test_without_the_folder_nothing_is_loaded_for_it(repository: Make) -> None:
    command = "import sys; from mergeflow.cli import run; run(['check']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=repository({A: DAG}).root, capture_output=True, text=True, check=False
    )
    assert "mergeflow.checker" in done.stderr.split()
    assert not {"mergeflow.rules.house", "mergeflow.rules.page", "mergeflow.cli.watch"} & set(done.stderr.split())


@pytest.mark.parametrize(
    ("policy", "code", "level"),
    [
        ("rules: {no-orders: error}", 1, "error"),
        ("rules: {no-orders: off}", 0, ""),
        ("overrides: [{paths: [configs/team/**], rules: {no-orders: error}}]", 1, "error"),
        ("overrides: [{paths: [configs/other/**], rules: {no-orders: error}}]", 0, "warning"),
    ],
)
def test_the_policy_gives_it_a_level(policy: str, code: int, level: str, repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG, PATH: RULE, "validators/policy.yaml": f"{policy}\n"})
    ran = mergeflow("check", cwd=made.root)
    assert ran.code == code
    assert re.findall(r"^(\S+): (\w+): .*\[(.*)\]$", ran.out, re.MULTILINE) == (
        [(f"{A}:1:1", level, "no-orders")] if level else []
    )
    assert "no-orders" not in mergeflow("check", "--no-house-rules", cwd=made.root).out, "its name stays known"


def test_a_comment_may_ignore_it_and_one_that_ignores_nothing_is_told(repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG.replace("orders:", "orders: # mergeflow: ignore[no-orders] they are"), PATH: RULE})
    assert mergeflow("check", cwd=made.root).out == "1 DAG in 1 file, no problems (1 ignored)\n"
    made.write({A: DAG.replace("orders:", "sales: # mergeflow: ignore[no-orders] they are")})
    assert "[unused-ignore]" in mergeflow("check", cwd=made.root).out


def test_a_rule_may_be_off_until_the_policy_wants_it(repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG, PATH: RULE.replace("SEVERITY =", "OPTIONAL = True\nSEVERITY =")})
    assert "no problems" in mergeflow("check", cwd=made.root).out
    assert mergeflow("rules", "no-orders", cwd=made.root).out.startswith("no-orders: off\n")
    made.write({"validators/policy.yaml": "rules: {no-orders: warning}\n"})
    assert "[no-orders]" in mergeflow("check", cwd=made.root).out


def test_what_a_rule_prints_does_not_get_into_the_report(repository: Make, mergeflow: Run) -> None:
    text = RULE.replace('ID = "no', 'print("loading")\nID = "no').replace("    for", "    print(1)\n    for")
    made = repository({A: DAG, PATH: text})
    ran = mergeflow("check", "--format", "json", cwd=made.root)
    assert [each["rule"] for each in json.loads(ran.out)["diagnostics"]] == ["no-orders"]
    assert ran.err == "loading\n1\n"


def test_rules_lists_it_and_shows_its_page(repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG, PATH: RULE})
    assert re.search(
        r"^no-orders +warning +A DAG is called orders\.$", mergeflow("rules", cwd=made.root).out, re.MULTILINE
    )
    ran = mergeflow("rules", "no-orders", cwd=made.root)
    assert ran.out.startswith("no-orders: warning\n\nA DAG is called orders.\n\nWhy: everybody's is.\n")
    made.write({"validators/rules/other_one.py": ""})
    ran = mergeflow("rules", cwd=made.root)
    assert (ran.code, ran.err) == (0, "1 of validators/rules/ cannot be loaded; `mergeflow check` says why\n")


def test_sarif_describes_it_and_is_valid(repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG, PATH: RULE, "validators/rules/b.py": "1/0"})
    ran = mergeflow("check", "--format", "sarif", cwd=made.root)
    log = json.loads(ran.out)
    schema = json.loads((ROOT / "tests/render/sarif-2.1.0.schema.json").read_text())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(log)] == []
    (run,) = log["runs"]
    described = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert described["no-orders"]["shortDescription"]["text"] == "A DAG is called orders."
    assert described["no-orders"]["defaultConfiguration"]["level"] == "warning"
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("no-orders", "warning"),
        ("broken-rule", "error"),
    ]


@pytest.mark.parametrize("form", ["json", "github"])
def test_other_formats_tell_of_it(form: str, repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG, PATH: RULE, "validators/rules/b.py": "1/0"})
    ran = mergeflow("check", "--format", form, cwd=made.root)
    assert "no-orders" in ran.out
    assert "broken-rule" in ran.out


def test_the_summary_counts_the_rules_file_too(repository: Make, mergeflow: Run) -> None:
    made = repository({A: DAG.replace("schedule", "schedul"), PATH: "1/0"})
    assert mergeflow("check", cwd=made.root).out.endswith("2 errors in 2 of 2 files\n")


def test_the_rules_of_this_repository_work(mergeflow: Run) -> None:
    assert [path.name for path in sorted((ROOT / "validators/rules").glob("*.py"))]
    ran = mergeflow("rules", "--check", cwd=ROOT)
    assert (ran.code, ran.err) == (0, ""), ran.out


def test_what_airflow_loads_runs_no_house_rule(repository: Make) -> None:
    """The loader checks with the built-in rules only: it does not even know where a house has its own."""
    package = Path(ROOT / "sdk/mergeflow")
    texts = [
        path.read_text() for folder in ("airflow", "compiler", "plan") for path in (package / folder).rglob("*.py")
    ]
    assert texts
    assert not [text for text in texts if "HOUSE_RULES" in text or "rules.house" in text]
    assert repository({})


def test_the_environment_is_left_alone(repository: Make, mergeflow: Run) -> None:
    before = dict(os.environ), list(sys.path)
    mergeflow("check", cwd=repository({A: DAG, PATH: RULE}).root)
    assert (dict(os.environ), list(sys.path)) == before
