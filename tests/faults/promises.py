"""What a plan's JSON promises, held against a running Airflow. Nothing here knows what the plan should say."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from mergeflow.airflow.local.supervisor import LocalAirflow
from mergeflow.plan.words import in_words
from tests.live import PATIENCE, eventually

Json = dict[str, Any]
Side = Literal["before", "after"]


@dataclass
class Promises:
    """One plan, and the runs that Airflow has had of its DAGs on each side of the merge."""

    airflow: LocalAirflow
    plan: Json
    runs: dict[tuple[str, Side], str] = field(default_factory=dict)

    @property
    def changed(self) -> list[Json]:
        """The DAGs that are there on both sides."""
        return [dag for dag in self.plan["dags"] if dag["change"] in ("changed", "renamed")]

    def told(self, dag: Json, kind: str) -> list[Json]:
        """The consequences of one kind for one DAG."""
        return [each for each in self.plan["consequences"] if each["kind"] == kind and dag["dag_id"] in each["dag_ids"]]

    def run_before(self, dags: Iterable[Json]) -> None:
        """Have a history: of each DAG a run that unpausing makes."""
        client = self.airflow.client
        ids = {dag["dag_id"]: id_of(dag, "before") for dag in dags}
        for dag_id in ids.values():
            client.unpause(dag_id)
        for now, dag_id in ids.items():

            def ended(dag_id: str = dag_id) -> list[str]:
                return [run.run_id for run in client.runs(dag_id) if run.finished]

            eventually(self.airflow, ended, f"a run of {dag_id} before the merge")
            self.runs[now, "before"] = ended()[0]
            if now != dag_id:
                client.pause(dag_id)  # else it goes on to make up for the past

    def run_after(self, dags: Iterable[Json]) -> None:
        """Have a run of what is merged."""
        runs = [self.airflow.client.trigger(dag["dag_id"]) for dag in dags]
        for run in runs:
            self.runs[run.dag_id, "after"] = run.run_id
            self.airflow.client.wait_for_run(run.dag_id, run.run_id, timeout=PATIENCE)

    def hold(self, side: Side) -> None:
        """Everything that the plan says of one side, of the DAGs that are on both."""
        for dag in self.changed:
            rows = tasks_of(self.airflow, id_of(dag, side))
            for each in dag["fields"]:
                if each["name"] != "schedule":  # told by its words and its next runs
                    self._setting_holds(each, rows, side)
            for node in dag["nodes"]:
                self._node_holds(dag, node, rows, side)
            if dag["schedule"][side]:
                self._schedule_holds(dag, dag["schedule"][side], side)

    def history_holds(self, dag: Json) -> None:
        """What is said to be kept or lost, after the merge."""
        client, run_id = self.airflow.client, self.runs[dag["dag_id"], "before"]
        if self.told(dag, "history"):
            assert run_id in {run.run_id for run in client.runs(dag["was"])}
            assert client.runs(dag["dag_id"]) == []
            eventually(self.airflow, lambda: client.dag(dag["was"]).stale, f"{dag['was']} goes")
        if (dag["dag_id"], "after") in self.runs:
            old, new = (self._ran(dag, side) for side in ("before", "after"))
            lost = {each["text"].split()[1] for each in self.told(dag, "task-history")}
            assert lost == old.keys() - new.keys(), (lost, old.keys(), new.keys())

    def catch_up_holds(self, dag: Json) -> None:
        """As many runs as are counted, and no more when Airflow waits for a time to come."""
        client, dag_id = self.airflow.client, dag["dag_id"]
        for each in self.told(dag, "catch-up"):
            client.unpause(dag_id)

            def all_made(many: int = each["runs"]) -> bool:
                upcoming = details(self.airflow, dag_id)["next_dagrun_run_after"]
                waits = datetime.fromisoformat(upcoming) > datetime.now().astimezone() if upcoming else True
                return waits and len(client.runs(dag_id)) >= many

            eventually(self.airflow, all_made, f"{dag_id} makes up for all")
            made, now = len(client.runs(dag_id)), datetime.now().astimezone()
            following = (dag["schedule"]["after"] or {"next": []})["next"]
            since = [at for at in following if datetime.fromisoformat(at) <= now]
            assert each["runs"] <= made <= each["runs"] + len(since), f"{dag_id}: {made} runs, not {each['runs']}"

    def reach_holds(self, dag: Json) -> None:
        """Who is told to be downstream waits for a run of this DAG, and goes on when it ends."""
        client, at = self.airflow.client, datetime.now().astimezone().isoformat()
        waiting = {each["dag_id"]: each["how"].split()[1] for each in dag["reaches"] if "waits for it" in each["how"]}
        woken = {each["dag_id"]: 0 for each in dag["reaches"] if each["how"].startswith("asset ")}
        assert len(waiting) + len(woken) == len(dag["reaches"])
        runs = {dag_id: client.trigger(dag_id, logical_date=at, unpause=True).run_id for dag_id in waiting}
        for dag_id, task in waiting.items():

            def waits(dag_id: str = dag_id, task: str = task) -> bool:
                tasks = client.tasks(dag_id, runs[dag_id])
                return any(each.task_id == task and each.state in ("running", "up_for_reschedule") for each in tasks)

            eventually(self.airflow, waits, f"{task} of {dag_id} waits")
        for dag_id in woken:
            client.unpause(dag_id)
            woken[dag_id] = len(client.runs(dag_id, run_type="asset_triggered"))
        if dag["reaches"]:
            awaited = client.trigger(dag["dag_id"], logical_date=at)
            awaited = client.wait_for_run(dag["dag_id"], awaited.run_id, timeout=PATIENCE)
        for dag_id, run_id in runs.items():
            run = client.wait_for_run(dag_id, run_id, timeout=PATIENCE)
            assert run.state == "success", client.tasks(dag_id, run_id)
            assert datetime.fromisoformat(run.ended) > datetime.fromisoformat(awaited.ended)
        for dag_id, many in woken.items():

            def wakes(dag_id: str = dag_id, many: int = many) -> bool:
                return len(client.runs(dag_id, run_type="asset_triggered")) > many

            eventually(self.airflow, wakes, f"{dag_id} is started by the asset")

    def _setting_holds(self, change: Json, rows: dict[str, Json], side: Side) -> None:
        scope, _, name = change["name"].rpartition(".")
        assert scope == "default_args", change
        assert {row[name] for row in rows.values()} == {change[side]}

    def _node_holds(self, dag: Json, node: Json, rows: dict[str, Json], side: Side) -> None:
        there = {"added": side == "after", "removed": side == "before"}.get(node["change"], True)
        ran = self._ran(dag, side)
        assert (node["name"] in rows) is there
        assert (node["name"] in {task_id.rpartition(".")[2] for task_id in ran}) is there
        if not there:
            return
        row = rows[node["name"]]
        assert row["task_id"] in ran
        assert node["operator"] in ("", row["operator_name"])
        for name in node["after"]:
            assert row["task_id"] in rows[name]["downstream_task_ids"]
        for each in node["fields"]:
            if each["name"] == "task_group_name":
                assert row["task_id"] == f"{each[side]}.{node['name']}" if side in each else node["name"]
            elif side in each:
                has = row if each["name"] in row else ran[row["task_id"]]["rendered_fields"]
                found, promised = has[each["name"]], each[side]
                if isinstance(found, str):
                    promised = promised.rstrip()  # Jinja drops the last line's end
                assert found == promised, (each["name"], found, promised)

    def _ran(self, dag: Json, side: Side) -> dict[str, Json]:
        """The task instances of the run on one side, by id."""
        path = f"/api/v2/dags/{id_of(dag, side)}/dagRuns/{self.runs[dag['dag_id'], side]}/taskInstances"
        rows = self.airflow.client._http.pages(path, "task_instances", {})
        return {row["task_id"]: row for row in rows}

    def _schedule_holds(self, dag: Json, schedule: Json, side: Side) -> None:
        dag_id = id_of(dag, side)
        seen = details(self.airflow, dag_id)
        assert set(names_in(seen["asset_expression"])) == set(schedule["assets"])
        if schedule["assets"]:
            assert seen["next_dagrun_run_after"] is None
            return
        assert in_words(seen["timetable_summary"]) == schedule["words"], seen["timetable_summary"]
        # The API gives every DAG Airflow's own time zone; the DAG's shows in when it runs next.
        expected = {datetime.fromisoformat(each) for each in schedule["next"]}

        def waits_for_one() -> bool:
            following = details(self.airflow, dag_id)["next_dagrun_run_after"]
            return following is not None and datetime.fromisoformat(following) in expected

        eventually(self.airflow, waits_for_one, lambda: f"{dag_id} runs next at one of {sorted(expected)}")


def id_of(dag: Json, side: Side) -> str:
    """A DAG's id on one side of the merge."""
    return str(dag["was"] or dag["dag_id"]) if side == "before" else str(dag["dag_id"])


def details(airflow: LocalAirflow, dag_id: str) -> Json:
    """What Airflow's API says of a DAG."""
    return airflow.client._http.call("GET", f"/api/v2/dags/{dag_id}/details")


def tasks_of(airflow: LocalAirflow, dag_id: str) -> dict[str, Json]:
    """A DAG's tasks as Airflow has them, by the name that they have in their group."""
    rows = airflow.client._http.call("GET", f"/api/v2/dags/{dag_id}/tasks")["tasks"]
    return {row["task_id"].rpartition(".")[2]: row for row in rows}


def names_in(expression: Any) -> Iterator[str]:
    """The assets of an expression."""
    yield from re.findall(r"'name': '([^']*)'", repr(expression))
