"""Shards: a folder of a large team has a stub of its own, and no DAG is lost by it, or loaded twice."""

import os
import subprocess
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from mergeflow.airflow import load_dags
from mergeflow.airflow.bundle.stand_ins import add_stand_ins
from mergeflow.airflow.local import follow
from mergeflow.airflow.local.repository import choose
from mergeflow.airflow.notifiers.origin import origin
from mergeflow.airflow.operators.script import ScriptOperator
from mergeflow.airflow.stubs import stubs_below, stubs_to_touch
from mergeflow.render.stubs import stub
from tests.airflow.test_loader import GOOD, MADE, TEMPLATE, Write

WHO = ("-c", "user.name=t", "-c", "user.email=t@example.org")
STUBS = {"payments.py", "payments/fx.py", "payments/fx/eur.py", "risk.py", "config_errors.py"}
FILES = {
    "configs/payments/root.yaml": "root",
    "configs/payments/cards/card.yaml": "card",
    "configs/payments/fx/spot.yaml": "spot",
    "configs/payments/fx/eur/one.yaml": "one",
    "configs/payments/fx/eur/deep/two.yaml": "two",
    "configs/payments/fxx/near.yaml": "near",
    "configs/risk/fx/var.yaml": "var",
}
"""Each with the DAG in it."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGEFLOW_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(path: str, text: str) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip())
        return file

    for path, dag_id in FILES.items():
        write_file(path, GOOD.format(dag_id=dag_id))
    for name in STUBS:
        write_file(f"dags/{name}", stub(name.removesuffix(".py")))
    return write_file


def loaded(root: Path, name: str) -> dict[str, DAG]:
    namespace: dict[str, Any] = {"__file__": str(root / f"dags/{name}.py")}
    load_dags(namespace, name)
    return {value.dag_id: value for value in namespace.values() if isinstance(value, DAG)}


def bag_of(root: Path) -> DagBag:
    return DagBag(str(root / "dags"), bundle_path=root / "dags", bundle_name="test")


@pytest.mark.parametrize("without", [(), ("payments/fx/eur.py",), ("payments/fx.py",), ("payments/fx.py", "risk.py")])
@pytest.mark.usefixtures("write")
def test_each_dag_is_loaded_by_one_stub(without: tuple[str, ...], tmp_path: Path) -> None:
    for name in without:
        (tmp_path / "dags" / name).unlink()
    there = stubs_below(tmp_path / "dags") - {"config_errors.py"}
    assert there == STUBS - {"config_errors.py", *without}
    found = [dag_id for name in there for dag_id in loaded(tmp_path, name.removesuffix(".py"))]
    lost = {"var"} if "risk.py" in without else set()
    assert sorted(found) == sorted(set(FILES.values()) - lost)


@pytest.mark.usefixtures("write")
def test_airflow_finds_them_all_each_in_its_own_file(tmp_path: Path) -> None:
    bag = bag_of(tmp_path)
    assert bag.import_errors == {}
    where = {dag_id: Path(dag.fileloc).relative_to(tmp_path / "dags").as_posix() for dag_id, dag in bag.dags.items()}
    assert where == {
        "root": "payments.py",
        "card": "payments.py",
        "near": "payments.py",
        "spot": "payments/fx.py",
        "one": "payments/fx/eur.py",
        "two": "payments/fx/eur.py",
        "var": "risk.py",
    }


@pytest.mark.parametrize(
    "content",
    [
        "",
        "from airflow.sdk import dag\n",
        stub("payments/cards"),
        "# load_dags comes later\n",
        "from mergeflow.airflow import load_dags\n\nload_dags(globals(), NAME)\n",
    ],
)
def test_a_file_that_does_not_load_its_folder_takes_no_dag_from_the_stub_above(
    content: str, write: Write, tmp_path: Path
) -> None:
    write("dags/payments/fx.py", content)
    assert set(loaded(tmp_path, "payments")) == {"root", "card", "near", "spot"}


def test_defaults_above_a_shard_count(write: Write, tmp_path: Path) -> None:
    write("configs/defaults.yml", "tags: [all]")
    write("configs/payments/defaults.yml", "tags: [payments]")
    write("configs/payments/fx/defaults.yml", "default_args: {owner: fx}")
    write("configs/payments/cards/defaults.yml", "tags: [cards]")
    dag = loaded(tmp_path, "payments/fx/eur")["two"]
    assert {"all", "payments"} <= dag.tags
    assert "cards" not in dag.tags
    assert dag.task_dict["run"].owner == "fx"


def test_a_config_above_a_shard_may_be_made_for_items_below_it(write: Write, tmp_path: Path) -> None:
    made = MADE.replace("[eur, usd]", "{file: fx/pairs.csv}").replace("item }}", "item.id }}")
    write("configs/payments/made.yaml", made.replace('"${{ vars.pool }}"', "x"))
    write("configs/payments/fx/pairs.csv", "id\neur\n")
    write("configs/templates/nightly.yaml", TEMPLATE)
    assert "fx_eur" in loaded(tmp_path, "payments")
    assert stubs_to_touch(["configs/payments/fx/pairs.csv"], STUBS) == {
        "payments.py",
        "payments/fx.py",
        "config_errors.py",
    }


@pytest.mark.parametrize("dag_id", ["one", "two", "spot", "root", "card"])
@pytest.mark.usefixtures("write")
def test_a_task_starts_from_the_stub_that_its_dag_is_in(
    dag_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = Path(bag_of(tmp_path).dags[dag_id].fileloc).relative_to(tmp_path / "dags").with_suffix("").as_posix()
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", dag_id)
    assert set(loaded(tmp_path, name)) == {dag_id}


def test_a_shard_finds_scripts_where_its_team_does(write: Write, tmp_path: Path) -> None:
    bash = "airflow.providers.standard.operators.bash.BashOperator, bash_command: scripts/payments/say.sh"
    write("dags/scripts/payments/say.sh", "echo hello")
    write("configs/payments/fx/said.yaml", GOOD.format(dag_id="said").replace(EMPTY, bash))
    write("configs/payments/said_too.yaml", GOOD.format(dag_id="said_too").replace(EMPTY, bash))
    dags = bag_of(tmp_path).dags
    assert dags["said"].task_dict["run"].bash_command == "echo hello"
    assert dags["said_too"].task_dict["run"].bash_command == "echo hello"
    assert dags["said_too"].template_searchpath is None


EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ("configs/payments/root.yaml", {"payments.py"}),
        ("configs/payments/cards/card.yaml", {"payments.py"}),
        ("configs/payments/fxx/near.yaml", {"payments.py"}),
        ("configs/payments/fx/spot.yaml", {"payments/fx.py"}),
        ("configs/payments/fx/eur/deep/two.yaml", {"payments/fx/eur.py"}),
        ("configs/payments/defaults.yml", {"payments.py", "payments/fx.py", "payments/fx/eur.py"}),
        ("configs/payments/fx/defaults.yaml", {"payments/fx.py", "payments/fx/eur.py"}),
        ("configs/payments/fx/eur/defaults.yml", {"payments/fx/eur.py"}),
        ("configs/payments/cards/defaults.yml", {"payments.py"}),
        ("configs/defaults.yml", STUBS),
        ("configs/templates/a.yaml", STUBS),
        ("dags/callables/payments/load.py", {"payments.py", "payments/fx.py", "payments/fx/eur.py"}),
        ("dags/scripts/payments/fx/load.sh", {"payments.py", "payments/fx.py", "payments/fx/eur.py"}),
        ("dags/payments/fx.py", {"payments.py", "payments/fx.py"}),
        ("dags/payments/fx/eur.py", {"payments/fx.py", "payments/fx/eur.py"}),
        ("dags/payments/gone.py", STUBS),
        ("dags/payments.py", {"payments.py"}),
    ],
)
def test_a_change_touches_the_stubs_that_read_it(changed: str, touched: set[str]) -> None:
    assert stubs_to_touch([changed], STUBS) == {*touched, "config_errors.py"}


def test_a_team_may_have_nothing_but_shards() -> None:
    stubs = {"payments/fx.py", "risk.py", "config_errors.py"}
    assert stubs_to_touch(["configs/payments/fx/a.yaml"], stubs) == {"payments/fx.py", "config_errors.py"}


@pytest.mark.parametrize("prefix", ["", "data/"])
def test_up_waits_for_the_shards_of_a_commit(prefix: str, write: Write, tmp_path: Path) -> None:
    write("dags/payments/lib.py", "def load(): ...\n")
    write("dags/callables/payments/again.py", "load_dags(1)\n")
    repository = tmp_path / "repository"
    (repository / prefix).mkdir(parents=True)
    for folder in ("dags", "configs"):
        (tmp_path / folder).rename(repository / prefix / folder)
    for command in (["init", "-qb", "main"], ["add", "-A"], [*WHO, "commit", "-qm", "all"]):
        subprocess.run(["git", "-C", str(repository), *command], check=True)
    source = choose(repository / prefix, None, "main")
    airflow: Any = SimpleNamespace(settings=SimpleNamespace(source=source, bundles=tmp_path))
    assert source.prefix == prefix
    assert follow._stubs(airflow, source.tip()) == STUBS
    files = SimpleNamespace(
        settings=SimpleNamespace(source=choose(repository / prefix, None, "main", working_tree=True))
    )
    assert follow._stubs(files, None) == STUBS  # type: ignore[arg-type]


def test_without_shards_there_is_nothing_more_to_wait_for(write: Write, tmp_path: Path) -> None:
    write("dags/payments/fx.py", "")
    (tmp_path / "dags/payments/fx/eur.py").unlink()
    for command in (["init", "-qb", "main"], ["add", "-A"], [*WHO, "commit", "-qm", "all"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    source = choose(tmp_path, None, "main")
    airflow: Any = SimpleNamespace(settings=SimpleNamespace(source=source, bundles=tmp_path))
    assert follow._stubs(airflow, source.tip()) == {"payments.py", "risk.py", "config_errors.py"}


def test_callables_and_modules_beside_shards_are_no_stubs(write: Write, tmp_path: Path) -> None:
    write("dags/callables/payments.py", stub("callables/payments"))
    write("dags/payments/lib.py", "def load(): ...\n")
    assert stubs_below(tmp_path / "dags") == STUBS
    assert stubs_below(tmp_path / "nowhere") == set()


def test_in_a_version_each_folder_has_a_stub_for_runs_whose_dags_have_moved(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("dags/payments/cards.py", "def main(): ...\n")
    write("configs/scripts/a/b.yaml", GOOD.format(dag_id="b"))
    write("dags/scripts.py", stub("scripts"))
    write("configs/nobody/a/c.yaml", GOOD.format(dag_id="c"))
    write("configs/payments/a file.yaml", "")
    before = {path: path.read_text() for path in tmp_path.glob("dags/**/*.py")}
    add_stand_ins(tmp_path)
    after = {path: path.read_text() for path in tmp_path.glob("dags/**/*.py")}
    added = {path.relative_to(tmp_path / "dags").as_posix(): after[path] for path in after.keys() - before.keys()}
    assert added == {f"{name}.py": stub(name) for name in ("payments/fx/eur/deep", "payments/fxx", "risk/fx")}
    assert before.items() <= after.items()
    for name in ("payments/fx/eur/deep", "payments/fx/eur", "payments/fx", "payments"):
        monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "two")
        assert set(loaded(tmp_path, name)) == {"two"}


def test_a_folder_that_can_have_no_stub_leaves_a_version_whole(write: Write, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    for team in ("file", "link", "linked"):
        write(f"dags/{team}.py", stub(team))
    write("configs/file/a/b.yaml", GOOD.format(dag_id="b"))
    write("dags/file", "no folder")
    write("configs/link/a/c.yaml", GOOD.format(dag_id="c"))
    (tmp_path / "dags/link").symlink_to(elsewhere)
    (tmp_path / "configs/linked").symlink_to(elsewhere)
    (tmp_path / "configs/payments" / ("x" * 255)).mkdir()
    (tmp_path / os.fsdecode(b"configs/payments/caf\xe9")).mkdir()
    write("configs/risk/late/d.yaml", GOOD.format(dag_id="d"))
    add_stand_ins(tmp_path)
    assert (tmp_path / "dags/risk/late.py").read_text() == stub("risk/late")
    assert [path.name for path in elsewhere.iterdir()] == ["deep"]
    assert not (tmp_path / "dags/linked").exists()


def test_what_is_wrong_in_a_shard_is_shown_once_and_costs_no_other_dag(write: Write, tmp_path: Path) -> None:
    write("configs/payments/fx/odd.yaml", GOOD.format(dag_id="odd").replace("EmptyOperator", "NoSuchOperator"))
    write("configs/payments/fx/wrong.yaml", GOOD.format(dag_id="wrong").replace("start_date", "strat_date"))
    for _ in range(2):  # with nothing noted yet, and with what the shard has noted
        bag = bag_of(tmp_path)
        assert set(bag.dags) == set(FILES.values())
        assert list(bag.import_errors) == ["config_errors.py"]
        shown = bag.import_errors["config_errors.py"]
        assert shown.count("Airflow cannot build `odd`") == shown.count("unknown key `strat_date`") == 1


def test_a_task_of_a_shard_finds_its_script_and_an_alert_its_line(write: Write, tmp_path: Path) -> None:
    script = write("dags/scripts/payments/load.sh", "echo loaded")
    write("configs/payments/fx/load.yaml", "load:\n  tasks:\n    run: {type: script, path: payments/load.sh}\n")
    dag = loaded(tmp_path, "payments/fx")["load"]
    operator = dag.task_dict["run"]
    assert isinstance(operator, ScriptOperator)
    assert operator._script() == script
    line = origin(dag.fileloc, "configs/payments/fx/load.yaml", "load", "run")
    assert line == "configs/payments/fx/load.yaml:3"
