"""What a DAG says of alerts, after all defaults, in one form; and what a plan says of a change."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mergeflow.compiler import compile_project
from mergeflow.plan import diff
from mergeflow.project import Project, load
from mergeflow.render.plan import render as plan_text
from mergeflow.render.show import render as show_text
from tests.conftest import ROOT, Repository

A = "configs/team/a.yaml"
TOP, TEAM = "configs/defaults.yml", "configs/team/defaults.yml"
TASKS = "tasks: {load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}}"


def loaded(files: Mapping[str, str], environment: str = "") -> Project:
    return load({path: text.encode() for path, text in files.items()}).within(environment)


def alerts(files: Mapping[str, str], environment: str = "") -> Any:
    """The alerts of the DAG `orders`, as they are built."""
    (dag,) = compile_project(loaded(files, environment))
    return dag.config.get("alerts")


def orders(said: str) -> str:
    return f"orders:\n  {said}\n  {TASKS}\n"


MAIL = "[{email: a@example.org}]"


def test_without_alerts_a_config_is_left_alone() -> None:
    assert alerts({A: orders("catchup: false")}) is None
    assert alerts({A: orders("alerts: {}")}) is None
    assert alerts({A: orders("alerts: {on_failure: []}")}) is None


@pytest.mark.parametrize(
    "same",
    [
        "[{email: [a@example.org]}]",
        "[{email: [a@example.org, a@example.org], connection: smtp_default}]",
        "[{email: ' a@example.org ', subject: ''}]",
    ],
)
def test_what_means_the_same_is_the_same(same: str) -> None:
    assert alerts({A: orders(f"alerts: {{on_failure: {same}}}")}) == {"on_failure": [{"email": "a@example.org"}]}


def test_every_kind_keeps_what_it_says_in_the_order_that_is_written() -> None:
    said = "[{log: }, {webhook: {connection: chat, path: ''}}, {email: [b@x.org, a@x.org], subject: S, connection: c}]"
    assert alerts({A: orders(f"alerts: {{on_success: {said}, on_failure: [{{log: {{}}}}]}}")}) == {
        "on_failure": [{"log": {}}],
        "on_success": [
            {"log": {}},
            {"webhook": {"connection": "chat"}},
            {"email": ["b@x.org", "a@x.org"], "subject": "S", "connection": "c"},
        ],
    }


def to(address: str) -> list[dict[str, str]]:
    return [{"email": address}]


def test_each_moment_is_taken_from_the_nearest_that_says_something_of_it() -> None:
    files = {
        TOP: "alerts: {on_failure: [{email: top@x.org}], on_retry: [{email: top@x.org}], on_success: [{log: }]}",
        TEAM: "alerts: {on_failure: [{email: team@x.org}], on_success: []}",
        A: f"default: {{alerts: {{on_retry: [{{email: file@x.org}}]}}}}\n{orders('catchup: false')}",
    }
    assert alerts(files) == {"on_failure": to("team@x.org"), "on_retry": to("file@x.org")}
    own = files | {A: files[A].replace("catchup: false", "alerts: {on_retry: [{email: own@x.org}]}")}
    assert alerts(own) == {"on_failure": to("team@x.org"), "on_retry": to("own@x.org")}
    off = files | {A: files[A].replace("catchup: false", "alerts: {on_failure: []}")}
    assert alerts(off) == {"on_retry": to("file@x.org")}


def test_a_template_and_an_environment_say_it_too() -> None:
    files = {
        "configs/templates/t.yaml": "params: {who: {type: string}}\ndag:\n  alerts: {on_failure: "
        f'[{{email: "${{{{ params.who }}}}"}}]}}\n  {TASKS}\n',
        "configs/environments/dev.yaml": "patches: [{dags: '*', set: {alerts: {on_failure: []}}}]",
        A: "orders: {template: t, with: {who: a@x.org}, alerts: {on_retry: [{log: }]}}",
    }
    assert alerts(files) == {"on_failure": to("a@x.org"), "on_retry": [{"log": {}}]}
    assert alerts(files, "dev") == {"on_retry": [{"log": {}}]}


def test_a_plan_says_a_change_in_one_line() -> None:
    base, head = (loaded({TOP: f"alerts: {{on_failure: {said}}}", A: orders("catchup: false")}) for said in (
        MAIL, "[{email: b@example.org}, {log: }]"
    ))  # fmt: skip
    lines = plan_text(diff(compile_project(base), compile_project(head)), "base", "head").splitlines()
    said = "    ~ alerts.on_failure: [{email: a@example.org}] → [{email: b@example.org}, {log: {}}]"
    assert [line for line in lines if "alerts" in line] == [said]


def test_show_says_who_has_set_an_alert_and_what_that_overrides() -> None:
    project = loaded(
        {TOP: f"alerts: {{on_failure: {MAIL}}}", A: orders("alerts: {on_failure: [], on_retry: [{log: }]}")}
    )
    lines = [line.split() for line in show_text(project, project.dags[0]).splitlines() if "on_" in line]
    assert lines[0][:3] == ["on_failure", "[]", f"{A}:2:24"]
    assert " ".join(lines[0][3:]) == f"(overrides [{{email: a@example.org}}], {TOP}:1:22)"
    assert lines[1][0] == "on_retry"


def test_what_the_docs_show_is_right(repository: Callable[..., Repository]) -> None:
    example = (ROOT / "docs/alerts.md").read_text().split("```yaml\n")[1].split("```")[0]
    made = repository({A: example, "dags/scripts/team/load.sh": "true\n"})
    assert made.check().diagnostics == ()
