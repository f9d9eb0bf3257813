"""The end of a task's log, as a person wants to read it."""

from mergeflow.airflow.testing.logs import LONGEST, MOST_LINES, tail

AT = "2026-11-21T20:00:51.764501Z"


def line(level: str, said: str, logger: str, more: str = "loc=x.py:1") -> str:
    return f"{AT} [{level:<9}] {said:<30} [{logger}] {more}"


def test_what_the_task_says_stays_and_what_airflow_says_of_running_it_goes() -> None:
    said = "\n".join(
        [
            line("info", "[DAG TEST] starting task_id=load", "airflow.sdk.definitions.dag"),
            line("info", "Task started", "airflow.api_fastapi.execution_api.routes.task_instances"),
            line("info", "::group::Post Execute", "task"),
            "a print after it",
            line("info", "Running command: ['bash']", "airflow.task.hooks.subprocess.SubprocessHook"),
            line("warning", "3 orders have no price", "callables.orders"),
            "a print",
            line("error", "Task failed with exception", "task"),
            "Traceback (most recent call last):",
            '  File "/x/lib/python3.11/site-packages/airflow/sdk/execution_time/task_runner.py", line 1579, in _run',
            "    result = _execute_task(context=context, ti=ti, log=log)",
            "             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
            '  File "orders.py", line 3, in load',
            "    raise",
            "ValueError: no such column",
            line("info", "Task instance state updated", "airflow.api_fastapi.x"),
        ]
    )
    assert tail(said.encode()) == [
        "a print after it",
        "Running command: ['bash']",
        "3 orders have no price",
        "a print",
        "Task failed with exception",
        "Traceback (most recent call last):",
        '  File "orders.py", line 3, in load',
        "    raise",
        "ValueError: no such column",
    ]


def test_a_gate_says_what_is_broken_and_nothing_of_its_own_code() -> None:
    said = "\n".join(
        [
            line("info", "A new sqlite connection was created", "great_expectations.execution_engine.sqlalchemy"),
            line("error", "Task failed with exception", "task"),
            "Traceback (most recent call last):",
            '  File "/x/lib/python3.11/site-packages/mergeflow/airflow/operators/expectations.py", line 88, in execute',
            "    return self._concluded(result, context)",
            "airflow.sdk.exceptions.AirflowFailException: suite `shop/orders`: 1 of 2 expectations is broken",
            "  critical: expect_column_values_to_be_between",
        ]
    )
    assert tail(said.encode()) == [
        "Task failed with exception",
        "airflow.sdk.exceptions.AirflowFailException: suite `shop/orders`: 1 of 2 expectations is broken",
        "  critical: expect_column_values_to_be_between",
    ]


def test_a_terminal_s_own_characters_reach_nobody_s_terminal() -> None:
    assert tail(b"\x1b[31mred\x1b[0m \x07bell\x1b]0;title\x07 \xff") == ["red  bell ]0;title  \ufffd"]


def test_only_the_end_is_shown() -> None:
    shown = tail(b"\n".join(b"line %d" % number for number in range(1000)) + b"\n" + b"x" * 5000)
    assert len(shown) == MOST_LINES
    assert shown[-2] == "line 999"
    assert shown[-1] == "x" * LONGEST + "…"
