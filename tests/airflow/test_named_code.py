"""Python that `missing-callable` and `invalid-python` report is Python that dag-factory cannot import, and no other."""

import sys
from collections.abc import Callable, Iterator

import pytest

from mergeflow.airflow.dagfactory import BuildError, build
from mergeflow.compiler import compile_project
from mergeflow.project import load
from tests.conftest import Repository

PYTHON = "airflow.providers.standard.operators.python.PythonOperator"
EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
BY_FILE = "{0}_name: {1}, {0}_file: {2}"
FILES = {
    "dags/named_code/__init__.py": "from named_code.load import main as exported\n",
    "dags/named_code/load.py": "SIZE = 3\ndef main(): ...\nclass Loader:\n    def __call__(self): ...\n    run = 3\n",
    "dags/named_code/deep/load.py": "from ..load import main\nfrom named_code import load\nalias = main\n",
    "dags/named_code/broken.py": "def main()\n",
    "dags/named_code/lazy.py": "def __getattr__(name):\n    return print\n",
    "dags/named_code/maybe.py": "try:\n    from nowhere import main\nexcept ImportError:\n    def main(): ...\n",
    "dags/alone.py": "def main(): ...\n",
}


@pytest.fixture
def make(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Repository]]:
    """A repository with one task; its `dags/` is where Airflow has it, on the import path."""

    def with_task(task: str) -> Repository:
        made = repository(FILES)
        made.write(
            {
                "configs/team/a.yaml": f"orders:\n  schedule: null\n  tasks:\n    load: {task}\n".replace(
                    "ROOT", str(made.root)
                )
            }
        )
        monkeypatch.syspath_prepend(str(made.root / "dags"))
        return made

    before = set(sys.modules)
    yield with_task
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("named_code", "alone", "load", "broken"):
            del sys.modules[name]


@pytest.mark.parametrize(
    ("task", "there"),
    [
        (f"{{operator: {PYTHON}, python_callable: named_code.load.main}}", True),
        (f"{{operator: {PYTHON}, python_callable: named_code.load.Loader}}", True),
        (f"{{operator: {PYTHON}, python_callable: named_code.exported}}", True),
        (f"{{operator: {PYTHON}, python_callable: named_code.deep.load.alias}}", True),
        (f"{{operator: {PYTHON}, python_callable: named_code.lazy.anything}}", True),
        (f"{{operator: {PYTHON}, python_callable: named_code.maybe.main}}", True),
        (f"{{operator: {PYTHON}, python_callable: alone.main}}", True),
        (f"{{operator: {PYTHON}, python_callable: named_code.load.mian}}", False),
        (f"{{operator: {PYTHON}, python_callable: named_code.load.SIZE}}", False),
        (f"{{operator: {PYTHON}, python_callable: named_code.load.Loader.run}}", False),
        (f"{{operator: {PYTHON}, python_callable: named_code.laod.main}}", False),
        (f"{{operator: {PYTHON}, python_callable: named_code.broken.main}}", False),
        (f"{{operator: {PYTHON}, python_callable: alone.mian}}", False),
        (f"{{operator: {PYTHON}, python_callable: main}}", False),
        ("{decorator: airflow.sdk.task, python_callable: named_code.load.main}", True),
        ("{decorator: airflow.sdk.task, python_callable: named_code.load.mian}", False),
        (f"{{operator: {PYTHON}, {BY_FILE.format('python_callable', 'main', 'ROOT/dags/named_code/load.py')}}}", True),
        (f"{{operator: {PYTHON}, {BY_FILE.format('python_callable', 'mian', 'ROOT/dags/named_code/load.py')}}}", False),
        (f"{{operator: {PYTHON}, {BY_FILE.format('python_callable', 'main', 'ROOT/dags/named_code/laod.py')}}}", False),
        (f"{{operator: {PYTHON}, {BY_FILE.format('python_callable', 'main', 'dags/named_code/load.py')}}}", False),
        (f"{{operator: {EMPTY}, on_failure_callback: named_code.load.main}}", True),
        (f"{{operator: {EMPTY}, on_failure_callback: named_code.load.mian}}", False),
        (f"{{operator: {EMPTY}, on_failure_callback: {{callback: named_code.laod.main}}}}", False),
        (f"{{operator: {EMPTY}, {BY_FILE.format('on_retry_callback', 'mian', 'ROOT/dags/alone.py')}}}", False),
        ("{operator: named_code.load.Operator}", False),
    ],
)  # fmt: skip
def test_what_is_reported_cannot_be_built(task: str, there: bool, make: Callable[[str], Repository]) -> None:  # noqa: FBT001
    made = make(task)
    found = {each.rule for each in made.check().diagnostics} & {"missing-callable", "invalid-python"}
    assert not found if there else found
    (compiled,) = compile_project(load({"configs/team/a.yaml": (made.root / "configs/team/a.yaml").read_bytes()}))
    if there:
        assert build(compiled).task_dict.keys() == {"load"}
    else:
        with pytest.raises(BuildError):
            build(compiled)
