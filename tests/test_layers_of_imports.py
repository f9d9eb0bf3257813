"""Who may import whom inside the package; a name on a lower line never imports one on a higher."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sdk" / "mergeflow"

ORDER = (
    ("source", "arithmetic", "github", "patterns", "schedules"),
    ("diagnostic", "formulas", "intervals"),
    ("nodes", "globs"),
    ("constructor",),
    ("plain_yaml",),
    ("document", "files", "model", "policy"),
    ("expressions", "formats", "tables", "paths"),
    ("parameters", "items", "shards", "wanted"),
    ("layers", "suites", "ignores", "alerts"),
    ("templates", "environments", "dag"),
    ("project", "mentions", "samples", "pipeline_tests"),
    ("assets", "pipeline_problems"),
    ("relations",),
    ("nearby",),
    ("catalog", "tasks", "code"),
    ("rules", "compiler"),
    ("levels", "policy_problems", "shapes"),
    ("pardons", "masks"),
    ("checker", "workspace", "plan", "status", "tested"),
    ("changes", "judging", "planning", "sync"),
    ("render",),
    ("examples",),
    ("quality", "airflow", "django"),
    ("testing",),
    ("cli",),
)
"""Every module and subpackage, the lowest first; those on one line do not know each other."""

LAZY = {
    "airflow": ("cli", "testing"),
    "quality": ("cli", "airflow", "testing"),
    "django": ("cli",),
    "testing": ("cli",),
}
"""Heavy: only these reach them, inside functions."""
ONLY_IN = {
    "airflow": ("airflow",),
    "dagfactory": ("airflow/builder", "airflow/dagfactory", "airflow/plugin", "airflow/values"),
    "sqlalchemy": ("airflow", "quality"),
    "great_expectations": ("quality",),
    "pandas": ("quality",),
    "django": ("django",),
    "rest_framework": ("django",),
}
"""Which parts, or modules, alone may import a library."""

LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}


def imports(tree: ast.AST, *, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """Every module that a file imports, and whether it does so only inside a function, or for its types."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((each.name, inside) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{each.name}", inside) for each in node.names)
        late = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        late |= isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        yield from imports(node, inside=inside or late)


def forbidden(package: Path) -> list[str]:
    """Every import of a package that goes against the table."""
    found: list[str] = []
    for file in sorted(package.rglob("*.py")):
        here = file.relative_to(package)
        own = here.parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        if own not in LEVEL:
            found.append(f"{own} is not in the table")
            continue
        for name, inside in imports(ast.parse(file.read_text())):
            root, _, rest = name.partition(".")
            part = rest.split(".")[0]
            if root == "mergeflow" and part in LEVEL and part != own and not _may(own, part, inside=inside):
                found.append(f"{here.as_posix()} imports {name}")
            if not {own, here.with_suffix("").as_posix()} & {*ONLY_IN.get(root, (own,))}:
                found.append(f"{here.as_posix()} imports {name}")
    return found


def _may(own: str, part: str, *, inside: bool) -> bool:
    if part in LAZY:
        return own in LAZY[part] and inside
    return LEVEL[part] < LEVEL[own]


def test_no_module_imports_one_above_it() -> None:
    assert forbidden(PACKAGE) == []


def test_the_table_names_no_module_twice() -> None:
    assert len(LEVEL) == sum(map(len, ORDER))


@pytest.mark.parametrize(
    ("path", "text", "wrong"),
    [
        ("source.py", "from mergeflow.diagnostic import Problem", True),
        ("airflow/operators/expectations.py", "from mergeflow.quality import validate", True),
        ("rules/late.py", "def check():\n    from mergeflow.checker import check", True),
        ("checker.py", "import mergeflow.render.text", True),
        ("document.py", "from mergeflow import files", True),
        ("checker.py", "import dagfactory", True),
        ("airflow/loader.py", "def f():\n    from dagfactory.dagbuilder import DagBuilder", True),
        ("airflow/builder.py", "from dagfactory.dagbuilder import DagBuilder", False),
        ("workspace.py", "if True:\n    from airflow.sdk import DAG", True),
        ("cli/up.py", "from mergeflow.airflow import loader", True),
        ("render/text.py", "def f():\n    from mergeflow.airflow import loader", True),
        ("rules/types.py", "if TYPE_CHECKING:\n    from mergeflow.checker import check", True),
        ("utils.py", "", True),
        ("cli/up.py", "if TYPE_CHECKING:\n    from mergeflow.airflow import loader", False),
        ("airflow/operators/expectations.py", "def f():\n    from mergeflow.quality import validate", False),
        ("cli/up.py", "def up():\n    from mergeflow.airflow import loader", False),
        ("airflow/loader.py", "from airflow.sdk import DAG\nfrom mergeflow.render import text", False),
        (
            "rules/new.py",
            "import re\nfrom mergeflow.rules.known import Known\nfrom mergeflow.project import Dag",
            False,
        ),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, path: str, text: str, wrong: bool) -> None:  # noqa: FBT001
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    assert bool(forbidden(tmp_path)) is wrong
