"""What a worker reads to start one task: the files of its DAG, and not one more, whatever stands beside them."""

import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from mergeflow.airflow import load_dags
from mergeflow.project import load
from mergeflow.templates import bind
from mergeflow.workspace import select
from tests import casefile
from tests.airflow.test_loader import GOOD, MADE, STUB, TEMPLATE, Write

CASES = sorted((Path(__file__).parents[1] / "cases").glob("*/*.yaml"))
CORPUS = Path(__file__).parents[1] / "corpus"
BY_THE_CLOCK = {"relative", "now"}
"""DAGs of a case whose dates are others at each parse."""
WANTED = "_AIRFLOW_PARSING_CONTEXT_DAG_ID"

Start = Callable[[str], dict[str, DAG]]

_opened: list[str] | None = None


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _opened is not None:
        _opened.append(os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes) else str(arguments[0]))


sys.addaudithook(_note)  # for as long as the process lives: it notes nothing unless asked


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MERGEFLOW_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(path: str, text: str) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip())
        return file

    write_file("dags/payments.py", STUB.format(team="payments"))
    write_file("configs/payments/good.yaml", GOOD.format(dag_id="good"))
    return write_file


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start a task of a DAG of payments."""

    def start_task(dag_id: str, stub: str = "payments") -> dict[str, DAG]:
        monkeypatch.setenv(WANTED, dag_id)
        try:
            return stub_of(tmp_path, stub)
        finally:
            monkeypatch.delenv(WANTED)

    return start_task


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[], list[str]]:
    """The files of the repository that were opened since the last call."""
    global _opened  # noqa: PLW0603 - an audit hook cannot be taken away
    _opened = []

    def read() -> list[str]:
        found = sorted({path.removeprefix(f"{tmp_path}/") for path in _opened or () if path.startswith(f"{tmp_path}/")})
        (_opened or []).clear()
        return [path for path in found if not path.startswith("cache/")]

    return read


def stub_of(root: Path, stub: str) -> dict[str, DAG]:
    namespace: dict[str, Any] = {"__file__": str(root / f"dags/{stub}.py")}
    load_dags(namespace, stub)
    return {value.dag_id: value for value in namespace.values() if isinstance(value, DAG)}


def stored(dag: DAG) -> Any:
    """A DAG as Airflow keeps it, without its docs: a task shows nobody any, and none are made for it."""
    data = DagSerialization.to_dict(dag)
    data["dag"].pop("doc_md", None)
    return data


def in_the_way(tmp_path: Path, kept: list[str]) -> Iterator[Path]:
    """Put a pipe, which would be refused, in the place of every config that is not kept."""
    for file in sorted((tmp_path / "configs").rglob("*.*")):
        if file.relative_to(tmp_path).as_posix() not in kept:
            file.unlink()
            os.mkfifo(file)
            yield file


EVERYTHING = {
    "configs/defaults.yml": "catchup: false",
    "configs/payments/defaults.yml": "default_args: {owner: payments}",
    "configs/payments/deep/defaults.yml": "tags: [deep]",
    "configs/payments/deep/er/below.yaml": GOOD.format(dag_id="below"),
    "configs/payments/deep/defaults.yaml": "tags: [hidden]",
    "configs/payments/sideways/defaults.yml": "tags: [other]",
    "configs/payments/sideways/other.yaml": GOOD.format(dag_id="other"),
    "configs/payments/several.yaml": GOOD.format(dag_id="first") + GOOD.format(dag_id="second"),
    "configs/payments/fx.yaml": MADE.replace("[eur, usd]", "{file: pairs.csv}").replace("item }}", "item.id }}"),
    "configs/payments/pairs.csv": "id\neur\nusd\n",
    "configs/payments/rows.yaml": "- gbp\n- chf\n",
    "configs/payments/gx.yaml": MADE.replace("[eur, usd]", "{file: rows.yaml}").replace("fx_", "gx_"),
    "configs/risk/var.yaml": GOOD.format(dag_id="var"),
    "configs/templates/nightly.yaml": TEMPLATE,
    "configs/templates/hourly.yaml": TEMPLATE,
    "configs/environments/dev.yaml": "vars: {pool: small}",
    "configs/environments/prod.yaml": "vars: {pool: large}",
    "validators/policy.yaml": "rules: {}",
}


@pytest.fixture
def everything(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, text in EVERYTHING.items():
        write(path, text)
    monkeypatch.setenv("MERGEFLOW_ENV", "dev")


ALWAYS = ["configs/defaults.yml", "configs/payments/defaults.yml", "validators/policy.yaml"]


@pytest.mark.parametrize(
    ("dag_id", "files"),
    [
        ("good", ["configs/payments/good.yaml"]),
        ("second", ["configs/payments/several.yaml"]),
        ("fx_usd", ["configs/payments/fx.yaml", "configs/payments/pairs.csv", "configs/templates/nightly.yaml"]),
        ("gx_chf", ["configs/payments/gx.yaml", "configs/payments/rows.yaml", "configs/templates/nightly.yaml"]),
        (
            "below",
            [
                "configs/payments/deep/defaults.yaml",
                "configs/payments/deep/defaults.yml",
                "configs/payments/deep/er/below.yaml",
            ],
        ),
    ],
)
@pytest.mark.usefixtures("everything")
def test_exactly_the_files_of_its_dag_are_opened(
    dag_id: str, files: list[str], tmp_path: Path, start: Start, opened: Callable[[], list[str]]
) -> None:
    expected = sorted([*ALWAYS, *files, "configs/environments/dev.yaml"])
    whole = stub_of(tmp_path, "payments")[dag_id]
    assert len(opened()) > len(expected)
    assert list(in_the_way(tmp_path, expected))
    assert stored(start(dag_id)[dag_id]) == stored(whole)
    assert opened() == expected


def test_a_dag_whose_file_is_called_after_it_is_found_without_any_cache(
    write: Write, start: Start, opened: Callable[[], list[str]]
) -> None:
    for number in range(20):
        write(f"configs/payments/dag_{number}.yaml", GOOD.format(dag_id=f"dag_{number}"))
    write("configs/payments/deep/below.yml", GOOD.format(dag_id="below"))
    opened()
    assert set(start("dag_7")) == {"dag_7"}
    assert opened() == ["configs/payments/dag_7.yaml"]
    assert set(start("below")) == {"below"}
    assert opened() == ["configs/payments/deep/below.yml"]


def test_what_one_worker_had_to_look_for_the_next_one_knows(
    write: Write, start: Start, opened: Callable[[], list[str]]
) -> None:
    write("configs/payments/several.yaml", GOOD.format(dag_id="first") + GOOD.format(dag_id="second"))
    opened()
    assert set(start("second")) == {"second"}
    assert opened() == ["configs/payments/good.yaml", "configs/payments/several.yaml"]
    assert set(start("second")) == {"second"}
    assert opened() == ["configs/payments/several.yaml"]


def test_many_dags_are_told_in_several_parts(
    write: Write, tmp_path: Path, start: Start, opened: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mergeflow.airflow.whereabouts._A_PART", 3)
    write("configs/payments/several.yaml", "".join(GOOD.format(dag_id=f"many_{number}") for number in range(10)))
    stub_of(tmp_path, "payments")
    opened()
    assert all(set(start(f"many_{number}")) == {f"many_{number}"} for number in range(10))
    assert opened() == ["configs/payments/several.yaml"]


@pytest.mark.parametrize("then", ["moved", "gone", "a link", "no YAML"])
def test_what_was_told_is_only_a_hint(then: str, write: Write, tmp_path: Path, start: Start) -> None:
    before = write("configs/payments/several.yaml", GOOD.format(dag_id="first") + GOOD.format(dag_id="second"))
    assert len(stub_of(tmp_path, "payments")) == 3
    write("configs/payments/elsewhere.yaml", GOOD.format(dag_id="second"))
    before.unlink()
    if then == "moved":
        before.write_text(GOOD.format(dag_id="first"))
    elif then == "a link":
        before.symlink_to("nowhere.yaml")
    elif then == "no YAML":
        before.write_text("second: [")
    assert set(start("second")) == {"second"}


@pytest.mark.parametrize(
    "told", ["/etc/passwd", "configs/../secret/x.yaml", 5, ["x"], "secret/x.yaml", "configs/x.sql"]
)
def test_a_hint_leads_nowhere_else(told: object, write: Write, start: Start) -> None:
    from mergeflow.airflow import cache

    cache.store("dags of payments, 0 of 1", {"x": told})
    write("secret/x.yaml", GOOD.format(dag_id="x"))
    write("configs/x.sql", GOOD.format(dag_id="x"))
    assert start("x") == {}
    assert set(start("good")) == {"good"}


def test_a_file_called_after_a_dag_that_is_elsewhere_does_not_mislead(write: Write, start: Start) -> None:
    write("configs/payments/second.yaml", GOOD.format(dag_id="third"))
    write("configs/payments/third.yaml", GOOD.format(dag_id="second"))
    assert set(start("second")) == {"second"}


def test_of_two_definitions_the_one_that_is_live_is_built(write: Write, tmp_path: Path, start: Start) -> None:
    write("configs/payments/a.yaml", GOOD.format(dag_id="good").replace("@daily", "@hourly"))
    whole = stub_of(tmp_path, "payments")["good"]
    assert whole.schedule == start("good")["good"].schedule == "@hourly"


@pytest.mark.parametrize(
    "path",
    [
        "configs/payments/x.yaml",
        "configs/payments/fx/x.yaml",
        "configs/payments/fy/several.yaml",
        "configs/risk/a.yaml",
    ],
)
@pytest.mark.parametrize("stub", ["payments", "payments/fx", "risk"])
def test_a_dag_is_found_that_was_in_another_stub_when_its_run_began(
    path: str, stub: str, write: Write, tmp_path: Path, start: Start
) -> None:
    write(f"dags/{stub}.py", STUB.format(team=stub))
    write("dags/payments/fx.py", STUB.format(team="payments/fx"))
    write(path, GOOD.format(dag_id="x") + GOOD.format(dag_id="y"))
    assert set(start("x", stub)) == {"x"}
    assert start("nowhere", stub) == {}
    assert "x" in {dag_id for name in ("payments", "payments/fx", "risk") for dag_id in stub_of(tmp_path, name)}


def test_a_cache_that_cannot_be_written_costs_nothing(
    write: Write, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERGEFLOW_CACHE", str(write("a_file", "")))
    write("configs/payments/several.yaml", GOOD.format(dag_id="first") + GOOD.format(dag_id="second"))
    assert len(stub_of(tmp_path, "payments")) == 3
    assert set(start("second")) == {"second"}


@pytest.mark.parametrize(
    ("template", "items"),
    [("../payments/nightly", "pairs.csv"), ("link/nightly", "pairs.csv"), ("nightly", "../../../pairs.csv")],
)
def test_what_a_dag_is_made_from_lies_where_a_check_finds_it(
    template: str, items: str, write: Write, tmp_path: Path, start: Start
) -> None:
    config = MADE.replace("nightly", template).replace("[eur, usd]", f"{{file: {items}}}")
    write("configs/payments/fx_eur.yaml", config.replace("item }}", "item.id }}").replace('"${{ vars.pool }}"', "x"))
    write("configs/templates/nightly.yaml", TEMPLATE)
    write("configs/payments/nightly.yaml", TEMPLATE)
    write("configs/elsewhere/nightly.yaml", TEMPLATE)
    (tmp_path / "configs/templates/link").symlink_to("../elsewhere")
    write("configs/payments/pairs.csv", "id\neur\n")
    write("../pairs.csv", "id\neur\n")
    assert select(tmp_path, ()).project.unmade
    assert start("fx_eur") == {}
    assert set(stub_of(tmp_path, "payments")) == {"good"}


@pytest.mark.parametrize("key", ["fx_${{ item.id }}", "fx_${{ params.pair }}", "${{ params.start }}${{ item.id }}"])
@pytest.mark.parametrize("items", ["pairs.csv", "[{id: a0}, {id: a1}]"])
def test_of_all_that_a_template_makes_one_is_made(
    key: str, items: str, write: Write, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr("mergeflow.dag.Layers.merged", _counting(made))
    listed = f"{{file: {items}}}" if items.endswith(".csv") else items
    config = 'KEY:\n  template: nightly\n  for_each: ITEMS\n  with: {pair: "${{ item.id }}", pool: x, start: fx_}\n'
    write("configs/payments/fx.yaml", config.replace("KEY", key).replace("ITEMS", listed))
    write("configs/payments/pairs.csv", "id\n" + "".join(f"a{number}\n" for number in range(100)))
    declared = "params: {pair: {type: string}, pool: {type: string}, start: {type: string}}"
    write("configs/templates/nightly.yaml", declared + TEMPLATE[TEMPLATE.index("\ndag:") :])
    assert set(start("fx_a1")) == {"fx_a1"}
    assert made == ["fx_a1"]


def test_parameters_are_read_only_for_the_wanted_item(
    write: Write, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound: list[object] = []
    monkeypatch.setattr("mergeflow.templates.bind", lambda *given: bound.append(given[1]) or bind(*given))
    write("configs/payments/fx.yaml", MADE.replace('"${{ vars.pool }}"', "x"))
    write("configs/templates/nightly.yaml", TEMPLATE)
    assert set(start("fx_usd")) == {"fx_usd"}
    assert bound == [{"pair": "usd", "pool": "x"}]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_a_dag_alone_is_the_dag_among_all(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = casefile.split(case.read_bytes().decode())
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, newline="")
    project = load({path: text.encode() for path, text in files.items()})
    for environment in ("", *project.environments):
        monkeypatch.setenv("MERGEFLOW_ENV", environment)
        for team in sorted({path.split("/")[1] for path in files if path.startswith("configs/")}):
            _hold_each_against_all(tmp_path, team, monkeypatch)


def _hold_each_against_all(root: Path, team: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {dag_id: dag for dag_id, dag in stub_of(root, team).items() if dag_id not in BY_THE_CLOCK}
    for dag_id, dag in whole.items():
        monkeypatch.setenv(WANTED, dag_id)
        alone = stub_of(root, team)
        monkeypatch.delenv(WANTED)
        assert set(alone) == {dag_id}
        assert stored(alone[dag_id]) == stored(dag)


def _counting(made: list[object]) -> Callable[[Any], dict[str, Any]]:
    from mergeflow.dag import Layers

    merged = Layers.merged

    def count(layers: Layers) -> dict[str, Any]:
        made.append(layers.made.dag_id if layers.made else "")
        return merged(layers)

    return count
