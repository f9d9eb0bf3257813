"""`pytest configs/`: what a check and the worker say of each DAG, as items that pytest can choose, and no traceback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mergeflow.tested import Kind, Status, Tested
from mergeflow.testing.verdicts import Bad, Key, Verdicts
from tests.conftest import CATALOG
from tests.testing.test_plugin import run_pytest, write

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
GOOD = f"""
    orders:
      schedule: null
      tasks:
        look: {{operator: {EMPTY}}}
      tests:
        first_run: {{}}
        check:
          connections: {{db: sqlite}}
          expect: {{data: [{{conn_id: db, query: "SELECT 1", rows: 2}}]}}
    refunds:
      schedule: null
      tasks:
        look: {{operator: {EMPTY}}}
    """


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a good file and a broken one, and YAML that is nobody's."""
    stub = 'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "shop")\n'
    write(
        tmp_path,
        {
            "pytest.ini": "[pytest]\naddopts = --strict-config --strict-markers\nfilterwarnings = error\n",
            "configs/shop/good.yaml": GOOD,
            "configs/shop/broken.yaml": GOOD.split("      tests:", maxsplit=1)[0]
            .replace("orders", "returns")
            .replace("schedule", "shedule"),
            "configs/shop/torn.yaml": "late: [\n",
            "dags/shop.py": stub,
            "validators/catalog.json": CATALOG.read_text(),
            "others/x.yaml": "x: [",
            "test_own.py": "def test_own(): pass\n",
        },
    )
    return tmp_path


def collected(root: Path, *arguments: str) -> list[str]:
    listed = run_pytest(root, "--collect-only", "-q", *arguments).stdout
    return [line for line in listed.splitlines() if "::" in line]


def test_every_dag_has_its_items(root: Path) -> None:
    assert collected(root, "configs") == [
        "configs/shop/broken.yaml::check",
        "configs/shop/broken.yaml::returns::check",
        "configs/shop/broken.yaml::returns::integrity",
        "configs/shop/good.yaml::check",
        "configs/shop/good.yaml::orders::check",
        "configs/shop/good.yaml::orders::integrity",
        "configs/shop/good.yaml::orders::first_run",
        "configs/shop/good.yaml::orders::tests.check",
        "configs/shop/good.yaml::refunds::check",
        "configs/shop/good.yaml::refunds::integrity",
        "configs/shop/torn.yaml::check",
    ]


@pytest.mark.parametrize(
    ("arguments", "items"),
    [
        ([], ["test_own.py::test_own"]),
        (["."], ["test_own.py::test_own"]),
        (["others"], []),
        (["configs/shop/torn.yaml"], ["configs/shop/torn.yaml::check"]),
        (
            ["configs/shop/good.yaml::refunds"],
            ["configs/shop/good.yaml::refunds::check", "configs/shop/good.yaml::refunds::integrity"],
        ),
        (["configs", "-k", "refunds and check"], ["configs/shop/good.yaml::refunds::check"]),
        (["configs/shop/torn.yaml", "test_own.py"], ["configs/shop/torn.yaml::check", "test_own.py::test_own"]),
    ],
)
def test_only_what_is_asked_for_is_collected(arguments: list[str], items: list[str], root: Path) -> None:
    assert collected(root, *arguments) == items


def test_a_failed_check_is_what_check_prints(root: Path) -> None:
    done = run_pytest(root, "configs", "-k", "check and not tests", "-p", "no:xdist", "-p", "no:randomly")
    assert done.returncode == 1
    assert "configs/shop/broken.yaml:2:3: error: unknown key `shedule` in DAG `returns`" in done.stdout
    assert "hint: did you mean `schedule`?" in done.stdout
    assert "configs/shop/torn.yaml:" in done.stdout
    assert "Traceback" not in done.stdout
    assert "verdicts.py" not in done.stdout
    assert "2 failed, 4 passed" in done.stdout


def test_what_a_dag_is_made_from_is_not_lost(root: Path) -> None:
    made = """
        "${{ item.name }}":
          for_each: {file: shops.csv}
          schedule: null
          tasks:
            look: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
        """
    write(root, {"configs/shop/made.yaml": made, "configs/shop/shops.csv": "name\nberlin\nberlin\n"})
    done = run_pytest(root, "configs/shop/made.yaml", "-k", "check")
    assert done.returncode == 1, done.stdout
    assert "configs/shop/shops.csv:3:" in done.stdout, done.stdout


@pytest.mark.parametrize("together", [True, False])
def test_each_test_is_asked_for_once(together: bool, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    """Where pytest-xdist deals the items out, a process knows only of the one that it shall run."""
    keys: list[Key] = [(Kind.INTEGRITY, "orders"), (Kind.PIPELINE, "orders::first_run"), (Kind.INTEGRITY, "refunds")]
    started: list[set[Key]] = []

    def start(_: Verdicts, wanted: set[Key]) -> Iterator[Tested]:
        started.append(wanted)
        yield Tested(Kind.INTEGRITY, "dags/shop.py", "dags/shop.py", Status.PASSED)
        yield from (Tested(kind, "x.yaml", name, Status.PASSED) for kind, name in keys if (kind, name) in wanted)

    monkeypatch.setattr(Verdicts, "_start", start)
    verdicts = Verdicts(root, [root / "configs"], lambda: set(keys) if together else set())
    assert [verdicts.run(key) for key in (*keys, keys[0])] == ["", "", "", ""]
    assert started == ([set(keys)] if together else [{key} for key in keys])


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ([], "the worker has not said what came of it"),
        ([Tested(Kind.INTEGRITY, "a.yaml", "orders", Status.ERROR, "it is gone", 3)], "a.yaml:3: it is gone"),
        (
            [
                Tested(Kind.INTEGRITY, "dags/shop.py", "dags/shop.py", Status.FAILED, "no module `shop`"),
                Tested(Kind.INTEGRITY, "a.yaml", "orders", Status.SKIPPED, "its stub cannot be imported"),
            ],
            "no module `shop`",
        ),
    ],
)
def test_what_has_no_good_answer_fails(
    told: list[Tested], message: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key: Key = (Kind.INTEGRITY, "orders")
    monkeypatch.setattr(Verdicts, "_start", lambda *_: iter(told))
    with pytest.raises(Bad, match=message):
        Verdicts(root, [root / "configs"], lambda: {key}).run(key)
