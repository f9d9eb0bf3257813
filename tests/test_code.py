"""What stands under `dags/` is told from its text, and what cannot be told is not guessed."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow.code import DAGS, Code, FolderTree, Looked, RevisionTree
from mergeflow.code.module import Parameters
from mergeflow.files import from_revision
from mergeflow.workspace import known_around, known_at
from tests.conftest import Repository

Make = Callable[..., Repository]
Find = Callable[..., Looked]
LOAD = "dags/callables/team/load.py"
LOOK = """\
import sys
from pathlib import Path
from mergeflow.code import Code, FolderTree
print(Code(FolderTree(Path(sys.argv[1]))).find('callables.team.load.main').verdict)
"""


@pytest.fixture(params=["folder", "revision"])
def find(request: pytest.FixtureRequest, repository: Make) -> Find:
    """Look for an import path in files given by path; from the disk, and from a commit."""

    def look(dotted: str, files: dict[str, str | bytes]) -> Looked:
        made = repository(files)
        if request.param == "folder":
            return Code(FolderTree(made.root)).find(dotted)
        commit(made.root)
        python = from_revision(made.root, "HEAD", DAGS, suffixes=(".py",))
        return Code(RevisionTree(made.root, "HEAD", DAGS, python)).find(dotted)

    return look


def commit(root: Path) -> None:
    for arguments in (["init", "-q"], ["add", "-Af"], ["commit", "-qm", "all"]):
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *author, *arguments], cwd=root, check=True)


def load(text: str) -> dict[str, str | bytes]:
    return {LOAD: text}


@pytest.mark.parametrize(
    ("dotted", "message", "near"),
    [
        ("callables.team.laod.main", "there is no module `laod` in `dags/callables/team/`", ("load",)),
        ("callables.taem.load.main", "there is no module `taem` in `dags/callables/`", ("team",)),
        ("callables.team.load.mian", "`dags/callables/team/load.py` defines no `mian`", ("Loader", "main", "SIZE")),
        (
            "callables.team.load.Loader.run",
            "an import path cannot lead inside a module, `dags/callables/team/load.py`",
            (),
        ),
        ("callables.nowhere", "`dags/callables/__init__.py` defines no `nowhere`", ()),
    ],
)
def test_what_is_missing_is_named_with_what_is_there(
    dotted: str, message: str, near: tuple[str, ...], find: Find
) -> None:
    text = "class Loader: ...\ndef main(): ...\ndef _hidden(): ...\nSIZE = 3\n"
    found = find(dotted, {"dags/callables/__init__.py": "", **load(text)})
    assert (found.verdict, found.message, found.near) == ("missing", message, near)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("def main(): ...", "function"),
        ("async def main(): ...", "function"),
        ("@wraps\ndef main(): ...", "function"),
        ("main = lambda: 3", "function"),
        ("def other(): ...\nmain = other", "function"),
        ("def main(): ...\nmain = 3", "value"),
        ("class main: ...", "class"),
        ("main = 3", "value"),
        ("main: str = f'{3}'", "value"),
        ("main = partial(print)", "unknown"),
        ("main, other = print, print", "unknown"),
        ("main = other", "unknown"),
        ("main = main2\nmain2 = main", "unknown"),
        ("import os.path as main", "unknown"),
        ("from os import system as main", "unknown"),
        ("from os import *", "unknown"),
        ("def __getattr__(name): ...", "unknown"),
        ("globals()['main'] = print", "unknown"),
        ("import sys\nsys.modules[__name__] = 3", "unknown"),
        ("try:\n    import main\nexcept ImportError:\n    main = None", "unknown"),
        ("if True:\n    def main(): ...", "unknown"),
        ("def setup():\n    global main\n    main = 3", "unknown"),
        ("for main in []: ...", "unknown"),
        ("with open('x') as main: ...", "unknown"),
        ("match 3:\n    case main: ...", "unknown"),
        ("print(main := 3)", "unknown"),
        ("main: int", "missing"),
        ("def other():\n    def main(): ...", "missing"),
        ("class Other:\n    main = 3", "missing"),
        ("main()", "missing"),
    ],
)
def test_what_a_name_of_a_module_is(text: str, verdict: str, find: Find) -> None:
    assert find("callables.team.load.main", load(text)).verdict == verdict


@pytest.mark.parametrize(
    "statement",
    [
        "from callables.team.store import main",
        "from callables.team.store import keep as main",
        "from .store import main",
        "from ..team.store import main",
        "from . import main",
    ],
)
def test_an_import_is_followed(statement: str, find: Find) -> None:
    files = {"dags/callables/team/store.py": "def main(rows): ...\nkeep = main\n"}
    files["dags/callables/team/__init__.py"] = "from callables.team.store import main\n"
    found = find("callables.team.load.main", load(statement) | files)
    assert found.parameters is not None
    assert found.parameters.positional == ("rows",)


def test_an_import_of_what_is_not_there_is_missing(find: Find) -> None:
    found = find("callables.team.load.main", load("from callables.team.store import main"))
    assert (found.verdict, found.message) == ("missing", "there is no module `store` in `dags/callables/team/`")


def test_imports_in_a_circle_end(find: Find) -> None:
    files = {"dags/callables/team/store.py": "from callables.team.load import main"}
    assert find("callables.team.load.main", load("from callables.team.store import main") | files).verdict == "unknown"


@pytest.mark.parametrize(
    ("dotted", "files"),
    [
        ("os.system", {}),
        ("airflow.x.main", {"dags/airflow/__init__.py": ""}),
        ("email.nowhere.main", {"dags/email/__init__.py": ""}),
        ("pandas.main", load("")),
        ("callables.team.load.main", {"dags/callables/README.md": ""}),
        ("team.load.main", {}),
        ("callables.team.fast.main", {"dags/callables/team/fast.cpython-311-x86_64-linux-gnu.so": b"\0"}),
        ("callables.team.load.main", {"dags/callables/__init__.py": "__path__.append('elsewhere')"}),
        ("callables.team.load", load("")),
        ("callables.team.load", load("") | {"dags/callables/team/__init__.py": ""}),
        ("callables.team.load.__doc__", load("")),
        ("callables..load.main", load("")),
        ("callables.team.load.ma in", load("")),
        ("", load("")),
    ],
)
def test_what_cannot_be_told_is_unknown(dotted: str, files: dict[str, str | bytes], find: Find) -> None:
    assert find(dotted, files) == Looked("unknown")


def test_nothing_is_told_of_what_lies_outside_the_repository(repository: Make) -> None:
    made = repository({"dags/callables/load.py": b""})
    (made.root.parent / "secret").mkdir()
    (made.root.parent / "secret/load.sh").touch()
    (made.root / "dags/out").symlink_to("../../secret")
    tree = FolderTree(made.root)
    code = Code(tree)
    for folder in ("dags/out", "dags/../../secret", "dags/callables/../../../secret"):
        assert tree.names(folder) is None
    assert code.has_file("out/load.sh") is None
    assert code.has_file("../../secret/load.sh") is False
    operator = "airflow.providers.standard.operators.bash.BashOperator"
    made.write(
        {"configs/team/a.yaml": f"a: {{tasks: {{b: {{operator: {operator}, bash_command: ../../secret/lod.sh}}}}}}\n"}
    )
    (diagnostic,) = made.check().diagnostics
    assert "load" not in diagnostic.hint


def test_below_a_link_nothing_is_missing(repository: Make) -> None:
    made = repository({"shared/load.py": "def main(): ...", "dags/callables/__init__.py": ""})
    (made.root / "dags/callables/team").symlink_to("../../shared")
    assert known_around(made.root).code.find("callables.team.load.main").verdict == "function"  # type: ignore[union-attr]
    commit(made.root)
    assert known_at(made.root, "HEAD").code.find("callables.team.load.main").verdict == "unknown"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "line"), [("x = 1\ndef main(:\n", 2), ("\0", 1), ("def main():\nreturn\n", 2), (b"x = '\xff'\n", 1)]
)
def test_what_is_no_python_is_broken_at_a_line(text: str | bytes, line: int, find: Find) -> None:
    found = find("callables.team.load.main", {LOAD: text})
    assert (found.verdict, found.line, found.name) == ("broken", line, LOAD)
    assert f"`{LOAD}` is not Python 3." in found.message


@pytest.mark.parametrize(
    "text",
    ["-" * 200_000 + "1", "[" * 150, "x" * 2_000_000, "a = " + "(" * 90 + ")" * 90, "x." * 50_000 + "y"],
    ids=["minus", "open", "long", "nested", "dotted"],
)
def test_a_module_that_is_too_much_costs_nothing_but_an_answer(text: str, repository: Make) -> None:
    made = repository(load(text))
    ran = subprocess.run(
        [sys.executable, "-c", LOOK, made.root], capture_output=True, text=True, timeout=20, check=True
    )
    assert ran.stdout.strip() in ("unknown", "broken", "missing")
    assert not ran.stderr


def test_a_warning_of_the_parser_stays_with_it(find: Find, recwarn: pytest.WarningsRecorder) -> None:
    assert find("callables.team.load.main", load("def main(): '\\d'; 1 is 1")).verdict == "function"
    assert not recwarn.list


def test_the_parameters_of_a_function(find: Find) -> None:
    found = find("callables.team.load.main", load("def main(a, /, b, c=1, *, d, e=2, **more): ..."))
    assert found.parameters == Parameters(
        ("a", "b", "c"), frozenset("a"), ("d", "e"), frozenset("abd"), more_positions=False, more_names=True
    )
    assert found.parameters.names == ("b", "c", "d", "e")


def test_a_decorated_function_takes_who_knows_what(find: Find) -> None:
    assert find("callables.team.load.main", load("@wraps\ndef main(a): ...")).parameters is None


def test_a_file_is_found_by_its_absolute_path(repository: Make) -> None:
    made = repository(load("def main(): ..."))
    code = Code(FolderTree(made.root))
    assert code.find_in(f"{made.root}/{LOAD}", "main").verdict == "function"
    assert code.find_in(f"{made.root}/{LOAD}", "mian").message == f"`{LOAD}` defines no `mian`"
    assert code.find_in(f"{made.root}/dags/laod.py", "main").message == "there is no file `dags/laod.py`"
    for elsewhere in ("/opt/airflow/dags/load.py", f"{made.root}/dags/../../x.py", LOAD, f"{made.root}/configs/x.py"):
        assert code.find_in(elsewhere, "main") == Looked("unknown")


def test_a_file_is_there_or_not(repository: Make) -> None:
    made = repository({"dags/scripts/team/load.sh": ""})
    code = Code(FolderTree(made.root))
    assert code.has_file("scripts/team/load.sh")
    assert code.has_file("/scripts//./team/load.sh")
    assert code.has_file("scripts/team/laod.sh") is False
    assert code.has_file("scripts/load.sh/x") is False
    assert code.has_file("scripts/../scripts/team/load.sh") is False


def test_the_text_of_a_file_is_read_from_the_disk_and_from_a_commit(repository: Make) -> None:
    made = repository({"dags/scripts/load.sh": "echo é", "dags/scripts/other.sh": b"\xff"})
    commit(made.root)
    for code in (known_around(made.root).code, known_at(made.root, "HEAD").code):
        assert code is not None
        assert code.text("/scripts/./load.sh") == ("dags/scripts/load.sh", "echo é")
        assert code.text("scripts/laod.sh") is None
        assert code.text("scripts/other.sh") is None
