"""`mergeflow new rule`, and `mergeflow rules --check`, which tries what it has written."""

import re
from collections.abc import Callable

import pytest

from mergeflow.rules.page import pages
from tests.conftest import ROOT, Repository, Run

Make = Callable[..., Repository]
MODULE, CASE, OUT = (f"validators/rules/{each}" for each in ("no_nobody.py", "cases/no-nobody/bad.yaml",
                                                             "cases/no-nobody/bad.out"))  # fmt: skip


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("No_Nobody", "try `no-nobody`"),
        ("no_nobody", "try `no-nobody`"),
        ("2nd-rule", "try `nd-rule`"),
        ("../../evil", "try `evil`"),
        ("a--b-", "try `a-b`"),
        ("", "for example `no-weekend-runs`"),
        ("規則", "for example `no-weekend-runs`"),
        ("a" * 40 + "\n", "try `" + "a" * 40 + "`"),
    ],
)
def test_a_bad_name_is_refused_with_a_remedy(name: str, hint: str, repository: Make, mergeflow: Run) -> None:
    made = repository({})
    ran = mergeflow("new", "rule", "--", name, cwd=made.root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith(f"cannot be a rule's name: small letters and digits, with hyphens between; {hint}\n")
    assert not (made.root / "validators/rules").exists()


@pytest.mark.parametrize("name", ["cycle", "wrong-type"])
def test_the_name_of_a_built_in_is_taken(name: str, repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("new", "rule", name, cwd=repository({}).root)
    assert (ran.code, ran.err) == (
        2,
        f"mergeflow: `{name}` is a rule of Mergeflow's already; `mergeflow rules {name}` shows it\n",
    )


@pytest.mark.parametrize("path", [MODULE, CASE, OUT])
def test_nothing_is_overwritten_and_nothing_half_written(path: str, repository: Make, mergeflow: Run) -> None:
    made = repository({path: "mine"})
    ran = mergeflow("new", "rule", "no-nobody", cwd=made.root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"mergeflow: {path} exists already, and is not overwritten\n"
    assert [each for each in (MODULE, CASE, OUT) if (made.root / each).exists()] == [path]
    assert (made.root / path).read_text() == "mine"


def test_outside_a_repository_it_is_wrong_use(
    tmp_path: object, mergeflow: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    assert mergeflow("new", "rule", "a-b").code == 2
    assert mergeflow("rules", "--check").code == 2
    assert mergeflow("rules", "cycle").code == 0


def test_what_is_written_works_at_once(repository: Make, mergeflow: Run) -> None:
    made = repository({})
    ran = mergeflow("new", "rule", "no-nobody", cwd=made.root)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"wrote {MODULE}\nwrote {CASE}\nwrote {OUT}\n")
    assert (made.root / OUT).read_text() == (
        "configs/team/defaults.yml:1:23: warning: DAG `orders` belongs to nobody [no-nobody]\n"
        "  |\n"
        "1 | default_args: {owner: nobody}\n"
        "  |                       ^^^^^^\n"
        "  = hint: name the team that is called when it fails\n"
        "\n"
        "1 warning in 1 of 2 files\n"
    )
    ran = mergeflow("rules", "--check", "no-nobody", cwd=made.root)
    assert (ran.code, ran.out) == (0, "2 examples and cases tried, none wrong\n")
    assert "cases" not in mergeflow("check", cwd=made.root).out, "its cases are no configs"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('== "nobody"', '== "anybody"', "no-nobody: Bad is not found by the rule\n"),
        ("owner: payments", "owner: nobody", "no-nobody: Good is not clean: configs/team/a.yaml:2:25: "),
        ("orders:\n      default_args: {owner: n", "orders:\n      default_arg: {}\n      default_args: {owner: n",
         "no-nobody: Bad is found by `unknown-key` too; an example shows one mistake\n"),
        ("extract: {operator", "extract: {operatr", "no-nobody: Bad is found by `"),
        ("for dag in project.dags", "for dag in project.dag", "no-nobody: Bad is found by `broken-rule` too"),
        ("belongs to nobody\"", "is nobody's\"", "+configs/team/defaults.yml:1:23: warning: DAG `orders` is nobody's"),
    ],
)  # fmt: skip
def test_an_example_that_is_not_as_it_says_is_told(
    old: str, new: str, said: str, repository: Make, mergeflow: Run
) -> None:
    made = repository({})
    mergeflow("new", "rule", "no-nobody", cwd=made.root)
    text = (made.root / MODULE).read_text()
    assert old in text
    made.write({MODULE: text.replace(old, new, 1)})
    ran = mergeflow("rules", "--check", "no-nobody", cwd=made.root)
    assert (ran.code, ran.err) == (1, "")
    assert said in ran.out
    assert re.search(r"\d examples and cases tried, \d wrong\n$", ran.out)


def test_update_accepts_what_a_case_prints(repository: Make, mergeflow: Run) -> None:
    made = repository({})
    mergeflow("new", "rule", "no-nobody", cwd=made.root)
    expected = (made.root / OUT).read_text()
    made.write({OUT: "", CASE.replace("bad", "more"): (made.root / CASE).read_bytes()})
    ran = mergeflow("rules", "--check", cwd=made.root)
    assert ran.code == 1
    assert ran.out.count("it prints something else than is expected; --update accepts it") == 2
    assert mergeflow("rules", "--update", cwd=made.root).code == 0
    assert (made.root / OUT).read_text() == expected
    assert (made.root / OUT.replace("bad", "more")).read_text() == expected


def test_a_rule_that_cannot_be_loaded_is_told_there_too(repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("rules", "--check", cwd=repository({"validators/rules/a.py": "1/0"}).root)
    assert ran.code == 1
    assert "validators/rules/a.py:1:1: error: this rule cannot be loaded: ZeroDivisionError" in ran.out


def test_the_examples_of_every_built_in_rule_hold(repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("rules", "--check", cwd=repository({}).root)
    assert (ran.code, ran.err) == (0, ""), ran.out
    assert ran.out == f"{sum(bool(page.bad) for page in pages())} examples and cases tried, none wrong\n"


def test_one_house_rule_does_not_spoil_the_examples_of_another(repository: Make, mergeflow: Run) -> None:
    made = repository({})
    for name in ("no-nobody", "nor-nobody"):
        assert mergeflow("new", "rule", name, cwd=made.root).code == 0
    assert mergeflow("rules", "--check", cwd=made.root).code == 0


def test_an_example_writes_nothing_outside_its_folder(repository: Make, mergeflow: Run) -> None:
    made = repository({})
    mergeflow("new", "rule", "no-nobody", cwd=made.root)
    made.write({CASE: "# configs/../../../evil.yaml\na: 1\n# configs/team/a.yaml\nb: 1\n"})
    assert mergeflow("rules", "--update", "no-nobody", cwd=made.root).code == 0
    assert not list(made.root.parent.parent.rglob("evil.yaml"))


def test_a_built_in_rule_is_written_where_mergeflow_has_its_own(repository: Make, mergeflow: Run) -> None:
    made = repository({"sdk/mergeflow/rules/__init__.py": ""})
    ran = mergeflow("new", "rule", "--built-in", "no-nobody", cwd=made.root)
    assert (ran.code, ran.err) == (0, "")
    files = ["sdk/mergeflow/rules/no_nobody.py", "tests/cases/rules/no_nobody.yaml", "tests/cases/rules/no_nobody.out"]
    assert ran.out.splitlines()[:3] == [f"wrote {path}" for path in files]
    assert "add it to the tuple in sdk/mergeflow/rules/__init__.py" in ran.out
    assert "[no-nobody]" in (made.root / files[2]).read_text()
    assert not (made.root / "validators/rules").exists()


def test_elsewhere_there_is_no_built_in_rule_to_write(repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("new", "rule", "--built-in", "no-nobody", cwd=repository({}).root)
    assert (ran.code, ran.out) == (2, "")
    assert (
        ran.err == "mergeflow: this is not Mergeflow's own repository; without --built-in it is a rule of this one's\n"
    )


def test_the_skeleton_is_documented() -> None:
    assert "mergeflow new rule" in (ROOT / "docs/house-rules.md").read_text()
