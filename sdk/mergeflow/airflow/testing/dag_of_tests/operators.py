"""The tasks of a DAG of tests: one that chooses, one for each test, and one that reports."""

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.providers.standard.operators.branch import BaseBranchOperator
from airflow.sdk import BaseOperator, Context, TriggerRule
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from airflow.sdk.log import redact  # type: ignore[attr-defined] # where Airflow's own log has it from

from mergeflow.airflow.testing.dag_of_tests.collecting import Asked, collect
from mergeflow.airflow.testing.dag_of_tests.outcome import Outcome, Results, Status
from mergeflow.airflow.testing.dag_of_tests.report import lines, write_junit
from mergeflow.airflow.testing.dag_of_tests.suite import DAG_REPORT, SuiteError

REPORT = "report"
"""The XCom of each test's task; `outcome` and `longrepr` hold the same as pytest-airflow had it."""

CHOICES = {"-m": ("marks", "markers"), "-k": ("keywords",)}
"""Pytest's options, and the parameters of a run that stand for them."""

_LONGEST = 20_000
"""Characters of a message that XCom keeps; the log has all of it."""


class ChooseTests(BaseBranchOperator):
    """Let a run have those tests only that its `marks` and `keywords` choose, as pytest's `-m` and `-k` do.

    Of several marks one is enough, and so of several keywords; where both are given, both count. A choice of nothing
    fails.
    """

    ui_color = "#e8eef7"
    template_fields = ()

    def __init__(self, *, asked: Asked, tests: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asked = asked
        self.tests = tests

    def choose_branch(self, context: Context) -> list[str]:
        """Return the task ids of the tests that are chosen. Raises AirflowFailException where there are none."""
        options = choice({**context["params"], **(context["dag_run"].conf or {})})
        if not options:
            return list(self.tests)
        try:
            found = {test.node for test in collect(self.asked, options).tests}
        except SuiteError as error:
            raise AirflowFailException(str(error)) from None
        if chosen := [task_id for task_id, node in self.tests.items() if node in found]:
            return chosen
        said = " and ".join(f"{each[:2]} {each[2:]!r}" for each in options)
        raise AirflowFailException(f"no test is chosen by {said}")


class RunTest(BaseOperator):
    """Run one test. What pytest skips is skipped; what was expected to fail, and did, is a success."""

    ui_color = "#eef7ea"
    template_fields = ()

    def __init__(self, *, asked: Asked, node: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asked = asked
        self.node = node

    def execute(self, context: Context) -> None:
        """Raises AirflowException with pytest's report of a test that failed, AirflowSkipException of one skipped."""
        from mergeflow.airflow.testing.dag_of_tests.running import run_test

        outcome = run_test(self.asked, self.node, context)
        message = str(redact(outcome.message))
        kept = Outcome(outcome.node, outcome.status, message[:_LONGEST], outcome.seconds)
        for key, value in {REPORT: kept.as_json(), "outcome": kept.status.value, "longrepr": kept.message}.items():
            context["ti"].xcom_push(key, value)
        if outcome.status.is_bad:
            raise AirflowException(f"{self.node} {_VERBS[outcome.status]}:\n{message}")
        if outcome.status is Status.SKIPPED:
            raise AirflowSkipException(message or "skipped")
        self.log.info("%s: %s", self.node, outcome.status.value)


_VERBS = {Status.FAILED: "failed", Status.ERROR: "could not be run"}


class ReportTests(BaseOperator):
    """Report on all tests, in the log and as XCom, and fail when one of them did; so the run fails, too.

    :param junit: a file for JUnit's XML as well; `{dag_id}` and `{run_id}` in it are replaced.
    :param custom: whether the suite may have a `dag_report` fixture, which is then asked for.
    """

    ui_color = "#f7efe3"
    template_fields = ()

    def __init__(
        self, *, asked: Asked, tests: Mapping[str, str], source: str, junit: str | None, custom: bool, **kwargs: Any
    ) -> None:
        super().__init__(trigger_rule=TriggerRule.ALL_DONE, **kwargs)
        self.asked = asked
        self.tests = tests
        self.source = source
        self.junit = junit
        self.custom = custom

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the summary. Raises AirflowFailException where a test was bad, or none was run."""
        results = self._results(context)
        summary = results.summary()
        context["ti"].xcom_push("return_value", summary)
        self.log.info("%s", "\n".join(lines(results)))
        if self.junit:
            try:
                self.log.info("wrote %s", write_junit(results, self.junit))
            except OSError as error:  # a report is missing, and no test has failed for it
                self.log.warning("%s cannot be written: %s", self.junit, error.strerror)
        reported = self._custom(context, summary) if self.custom else None
        if results.trouble:
            raise AirflowFailException(f"the tests were not run: {results.trouble}")
        if results.bad:
            raise AirflowFailException(f"{results.sentence}: {', '.join(each.node for each in results.bad)}")
        if reported and reported.status.is_bad:
            raise AirflowException(f"`dag_report` failed:\n{redact(reported.message)}")
        return summary

    def _results(self, context: Context) -> Results:
        run, ti = context["dag_run"], context["ti"]
        asked = [self.source, *self.tests]
        states = ti.get_task_states(dag_id=run.dag_id, task_ids=asked, run_ids=[run.run_id]).get(run.run_id, {})
        outcomes, left_out = [], []
        for task_id, node in self.tests.items():
            found, state = ti.xcom_pull(task_ids=task_id, key=REPORT, map_indexes=-1), str(states.get(task_id))
            if found is None and state == "skipped":
                left_out.append(node)
            else:
                outcomes.append(_outcome(node, found, state))
        began = str(states.get(self.source))
        trouble = "" if began == "success" else f"`{self.source}` is {began}"
        return Results(run.dag_id, run.run_id, outcomes, left_out, trouble or ("" if outcomes else "none was chosen"))

    def _custom(self, context: Context, summary: Mapping[str, Any]) -> Outcome:
        from mergeflow.airflow.testing.dag_of_tests.running import run_with_fixtures
        from mergeflow.airflow.testing.dag_of_tests.substitute import has

        given = {**context, REPORT: summary}
        return run_with_fixtures(self.asked, lambda request, _: has(request, DAG_REPORT), given)


def choice(given: Mapping[str, Any]) -> list[str]:
    """The options for pytest that a run's parameters stand for. Raises AirflowFailException for what is no text."""
    options = []
    for option, names in CHOICES.items():
        values = [each for name in names for each in _texts(name, given.get(name))]
        if values:
            expression = " or ".join(f"({each})" for each in values) if len(values) > 1 else values[0]
            options.append(f"{option}{expression}")  # in one word, so that no value is an option itself
    return options


def _texts(name: str, value: Any) -> Sequence[str]:
    values = [value] if isinstance(value, str) else value or []
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise AirflowFailException(f"`{name}` must be a list of texts, as pytest has them; found {value!r}")
    return [each for each in values if each.strip()]


def _outcome(node: str, found: Any, state: str) -> Outcome:
    """What a test's task has told; one that ended without a word did not pass."""
    try:
        return Outcome.of(found)
    except (KeyError, TypeError, ValueError):
        return Outcome(node, Status.ERROR, f"its task is {state}, and has told nothing; its log may say why")
