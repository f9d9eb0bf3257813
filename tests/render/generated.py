"""The files that are written from a table: `python -m tests.render.generated` writes them, `--check` compares.

Not a command of Mergeflow: only this repository has these files.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from mergeflow.render import hooks, rules, shapes, task_types
from mergeflow.rules.page import pages

ROOT = Path(__file__).resolve().parents[2]
GENERATED: Mapping[str, Callable[[], str]] = {
    ".pre-commit-hooks.yaml": hooks.render,
    "docs/hooks.md": hooks.markdown,
    "docs/rules.md": lambda: rules.markdown(pages()),
    "docs/task-types.md": task_types.markdown,
    "sdk/mergeflow/model/table.py": shapes.render,
    "sdk/mergeflow/tasks/table.py": task_types.table,
}


def stale(root: Path) -> list[str]:
    """Those of the files that are not what their table says."""
    return [path for path, text in GENERATED.items() if _read(root / path) != f"{text()}\n"]


def write(root: Path) -> None:
    """Write all of them anew."""
    for path, text in GENERATED.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"{text()}\n", encoding="utf-8")


def main(arguments: list[str], root: Path = ROOT) -> str | None:
    """What `sys.exit` takes: nothing, or a line that says what is wrong."""
    if arguments not in ([], ["--check"]):
        return "usage: python -m tests.render.generated [--check]"
    if not arguments:
        write(root)
    paths = stale(root)
    return f"not up to date: {', '.join(paths)}; `python -m tests.render.generated` writes them" if paths else None


def _read(file: Path) -> str:
    return file.read_bytes().decode() if file.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
