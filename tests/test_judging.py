"""Each state that a DAG can be in, told from values."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mergeflow.judging import bundle_of, judge
from mergeflow.status import (
    Expected,
    ExpectedDag,
    ImportFailure,
    LiveDag,
    Observed,
    State,
    Status,
    last_line,
)

WANTED, OLD = "4c1d02e" + "0" * 33, "91ab3c0" + "0" * 33
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PATHS = ("configs/shop/orders.yaml", "configs/shop/defaults.yml", "configs/templates/hourly.yaml")
ORDERS = ExpectedDag("orders", PATHS, stub="shop.py")


def live(dag_id: str = "orders", **given: Any) -> LiveDag:
    return LiveDag(**{"dag_id": dag_id, "file": "shop.py", "commit": WANTED, "bundle": "b", "parsed": NOON} | given)


def told(
    dags: list[LiveDag],
    failures: tuple[ImportFailure, ...] = (),
    *,
    expected: tuple[ExpectedDag, ...] = (ORDERS,),
    differing: Mapping[str, str] | None = None,
    bundle: str | None = None,
) -> Status:
    by_id = {each.dag_id: each for each in expected}
    observed = Observed("http://a", "3.3.2", tuple(dags), failures)
    differs = differing or {}
    wanted = Expected("main", WANTED, NOON, by_id)
    return judge(wanted, observed, lambda dag: differs.get(dag.dag_id, ""), bundle)


def state(*arguments: Any, **given: Any) -> tuple[State, str]:
    (dag,) = told(*arguments, **given).dags
    return dag.state, dag.detail


def test_a_dag_of_another_config_is_out_of_sync() -> None:
    found = told([live(commit=OLD)], differing={"orders": "task fetch differs"})
    assert [(each.state, each.detail) for each in found.dags] == [
        (State.OUT_OF_SYNC, "runs 91ab3c0: task fetch differs")
    ]
    assert not found.in_sync
    assert not found.is_hopeless


def test_a_dag_of_a_test_suite_is_no_orphan() -> None:
    smoke = LiveDag("smoke", "smoke_tests.py", WANTED, "b", NOON)
    expected = Expected("main", WANTED, NOON, {"orders": ORDERS}, tests=frozenset({"smoke_tests.py"}))
    found = judge(expected, Observed("http://a", "3.3.2", (live(), smoke)), lambda _: "")
    assert [each.dag_id for each in found.dags] == ["orders"]
    assert [each.state for each in told([live(), smoke]).dags] == [State.SYNCED, State.ORPHAN]


def test_another_commit_with_the_same_config_is_synced() -> None:
    found = told([live(commit=OLD)])
    assert [each.state for each in found.dags] == [State.SYNCED]
    assert found.in_sync
    assert found.dags[0].commit == OLD


def test_a_dag_of_the_commit_is_not_compared() -> None:
    assert state([live()], differing={"orders": "cannot be"}) == (State.SYNCED, "")


def test_a_paused_dag_is_in_sync_and_listed() -> None:
    found = told([live(paused=True)])
    assert (found.dags[0].state, found.in_sync) == (State.PAUSED, True)


def test_a_paused_dag_of_another_config_is_out_of_sync() -> None:
    assert state([live(commit=OLD, paused=True)], differing={"orders": "x"})[0] is State.OUT_OF_SYNC


def test_a_dag_that_airflow_does_not_have_is_missing() -> None:
    assert state([]) == (State.MISSING, "Airflow does not have it")


def test_a_dag_that_airflow_has_given_up_is_stale() -> None:
    assert state([live(stale=True)]) == (State.STALE, "Airflow had it at 4c1d02e, and starts no runs of it")


def test_a_dag_that_git_does_not_have_is_an_orphan() -> None:
    found = told([live(), live("old", commit=OLD)])
    assert [(each.dag_id, each.state, each.detail) for each in found.dags] == [
        ("old", State.ORPHAN, "not in Git; from shop.py at 91ab3c0"),
        ("orders", State.SYNCED, ""),
    ]
    assert not found.in_sync


def test_the_history_of_a_removed_dag_is_no_orphan() -> None:
    assert told([live(), live("old", stale=True)]).in_sync


def test_the_dags_of_other_bundles_are_nobody_s_business() -> None:
    others = [live("a", bundle="theirs"), live("b", bundle="theirs"), live("c", bundle=None)]
    assert told([live(), *others], (ImportFailure("x.py", "boom", bundle="theirs"),)).in_sync


def test_a_dag_from_another_bundle_is_out_of_sync() -> None:
    assert state([live(bundle="theirs")], bundle="b") == (
        State.OUT_OF_SYNC,
        "Airflow has it from the bundle theirs",
    )


def test_the_bundle_is_that_of_most_expected_dags() -> None:
    dags = [live("a", bundle="x"), live("b", bundle="y"), live("c", bundle="y"), live("d", bundle="z", stale=True)]
    assert bundle_of({"a", "b", "c"}, dags) == "y"
    assert bundle_of({"a", "b"}, dags) == "x"
    assert bundle_of({"d"}, dags) == "z"
    assert bundle_of({"e"}, dags) is None


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("dags", [[], [live(stale=True)], [live(commit=OLD)]])
def test_an_import_error_that_names_its_files_explains_a_dag(path: str, dags: list[LiveDag]) -> None:
    text = f"\n{path}:7:5: error: unknown key `retires` [unknown-key]\n  |\n7 |   retires: 3\n"
    found = told(dags, (ImportFailure("config_errors.py", text, NOON, "b"),), differing={"orders": "x"})
    assert [(each.state, each.detail) for each in found.dags] == [
        (State.ERROR, f"{path}:7:5: unknown key `retires` [unknown-key] (since 12:00:00 UTC)")
    ]
    assert found.failures == ()
    assert not found.is_hopeless


def test_an_error_of_another_dag_of_the_file_is_not_held_against_one_that_is_right() -> None:
    other = ExpectedDag("refunds", PATHS, stub="shop.py")
    failure = ImportFailure("config_errors.py", f"{PATHS[0]}:9:1: error: no [x]", bundle="b")
    found = told([live()], (failure,), expected=(ORDERS, other))
    assert {each.dag_id: each.state for each in found.dags} == {"orders": State.SYNCED, "refunds": State.ERROR}


@pytest.mark.parametrize("dags", [[], [live(stale=True)], [live(unloadable=True)]])
def test_a_stub_that_cannot_be_loaded_explains_its_dags(dags: list[LiveDag]) -> None:
    text = 'Traceback (most recent call last):\n  File "shop.py", line 1\nValueError: by hand\n'
    found = told(dags, (ImportFailure("shop.py", text, None, "b"),))
    assert found.dags[0].detail == "shop.py cannot be loaded: ValueError: by hand"
    assert (found.dags[0].state, found.failures) == (State.ERROR, ())


def test_a_dag_whose_stub_airflow_marks_is_an_error_without_its_text() -> None:
    """Who may not read all DAGs of a file is not told why it cannot be loaded."""
    assert state([live(unloadable=True)]) == (State.ERROR, "Airflow cannot load shop.py")


def test_an_import_error_of_no_dag_is_not_in_sync() -> None:
    failure = ImportFailure("config_errors.py", "configs/shop/new.yaml:1:1: error: no YAML [x]", bundle="b")
    found = told([live()], (failure,))
    assert (found.failures, found.in_sync, found.is_hopeless) == ((failure,), False, False)


def test_a_dag_that_the_commit_refuses_is_not_worth_waiting_for() -> None:
    refused = ExpectedDag("orders", PATHS, refused="configs/shop/orders.yaml:7:5: unknown key")
    for dags in ([], [live()], [live(stale=True)]):
        found = told(dags, expected=(refused,))
        assert [(each.state, each.detail) for each in found.dags] == [(State.ERROR, refused.refused)]
        assert found.is_hopeless
    other = ExpectedDag("other", PATHS)
    assert not told([], expected=(refused, other)).is_hopeless


def test_without_commits_a_dag_must_have_been_parsed_since() -> None:
    late = live(commit=None, parsed=NOON - timedelta(seconds=1))
    for dag in (late, live(commit=None, parsed=None)):
        assert state([dag]) == (State.OUT_OF_SYNC, "not parsed since 4c1d02e (main) was made")
    by_files = judge(Expected("working tree", "", NOON, {"orders": ORDERS}), Observed("u", "3", (late,)), lambda _: "x")
    assert by_files.dags[0].detail == "not parsed since the last change here"
    found = told([live(commit=None)])
    assert (found.in_sync, found.unversioned) == (True, 1)
    assert told([live()]).unversioned == 0


def test_nothing_expected_and_nothing_there_is_in_sync() -> None:
    found = told([], expected=())
    assert (found.in_sync, found.is_hopeless, found.newest) == (True, False, None)


def test_the_commit_that_airflow_runs_is_that_of_the_last_parse() -> None:
    dags = [live(), live("b", commit=OLD, parsed=NOON + timedelta(seconds=1)), live("c", bundle="theirs", parsed=None)]
    newest = told(dags).newest
    assert newest is not None
    assert newest.commit == OLD


def test_the_last_line_of_a_traceback_says_what_went_wrong() -> None:
    assert last_line("Traceback:\n  x\nValueError: no\n\n") == "ValueError: no"
    assert last_line(" \n") == "no reason is given"
