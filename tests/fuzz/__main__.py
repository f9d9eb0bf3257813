"""Coverage-guided fuzzing of everything that reads a config: `python -m tests.fuzz document --minutes 10`.

Needs atheris (`pip install atheris`), which is no dependency: this is run by hand after a change to what reads configs.
An input that raises, takes over 2 s or over 512 MiB is written to `.mergeflow/fuzz/` and ends the run with 77 or so.
What it has found once is a case of the ordinary tests ever after.
"""

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]

with atheris.instrument_imports(include=["mergeflow"]):
    from mergeflow.catalog import load_catalog
    from mergeflow.checker import check
    from mergeflow.code import DAGS, Code
    from mergeflow.diagnostic import Report
    from mergeflow.document import Document, parse
    from mergeflow.files import TEMPLATES
    from mergeflow.mentions import Mentions
    from mergeflow.model import SHAPES
    from mergeflow.paths import suite_of
    from mergeflow.project import load
    from mergeflow.render import as_json, github, sarif, text
    from mergeflow.rules import Known
    from mergeflow.rules.page import pages

    for package in ("", "code.", "model.", "render.", "rules.", "tasks."):  # also what is imported only when needed
        for module in sorted((ROOT / "sdk/mergeflow" / package.rstrip(".")).glob("[a-z]*.py")):
            import_module(f"mergeflow.{package}{module.stem}")

STATE = ROOT / ".mergeflow/fuzz"
PATH = "configs/team/a.yaml"
_HEAD = re.compile(rb"^# ((?:configs|dags|validators)/[\w/.-]{1,60})\n", re.MULTILINE)
"""What begins another file, as in the cases of the tests, which are the seeds."""
CATALOG = load_catalog(ROOT)
CODE = {
    "dags/callables/team/load.py": b"def main(source, *, limit=3): ...\nVALUE = 1\n",
    "dags/scripts/team/load.sh": b"echo {{ ds }}\n",
    "dags/scripts/team/load.sql": b"select {{ nothing }} from {% if %}\n",
}
EXPRESSIONS = {"${{ item.id }}", "${{ params.a }}", "${{ vars.a }}", "{{ ds }}", "{% if a %}", "mergeflow: ignore["}
PAGES = pages()[:3]  # all of them take longer to write than what is found


class MemoryTree:
    """The files below `dags/` of one input."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.root = ROOT
        self._files = files

    def names(self, folder: str) -> frozenset[str]:
        """What a folder holds."""
        inside = (path[len(folder) + 1 :] for path in self._files if path.startswith(f"{folder}/"))
        return frozenset(name.partition("/")[0] for name in inside)

    def read(self, path: str) -> bytes:
        """The content of a file that is there."""
        return self._files[path]


def files_of(data: bytes) -> dict[str, bytes]:
    """The files of an input, by path."""
    before, *rest = _HEAD.split(data)
    named = zip((path.decode() for path in rest[::2]), rest[1::2], strict=True)
    return {PATH: before, **{path: content for path, content in named if ".." not in path}}


def document(data: bytes) -> None:
    """Bytes are a document or a diagnostic; every route of a document has a place."""
    read = parse(PATH, data)
    if isinstance(read, Document) and isinstance(read.data, dict):
        for key in read.data:
            read.locate((key,), "key")


def project(data: bytes) -> None:
    """Files become a project whose DAGs merge."""
    loaded = load(files_of(data))
    for dag in loaded.dags:
        assert isinstance(dag.config, dict)
        assert dag.tasks.keys() <= dag.names("tasks")


def whole_check(data: bytes) -> None:
    """Files are checked by every rule, in every environment, and the report can be printed in every form."""
    files = files_of(data)
    code = CODE | {path: content for path, content in files.items() if path.startswith(f"{DAGS}/")}
    suites = frozenset(name for path in files if (name := suite_of(path)))
    known = Known(CATALOG, frozenset({"team"}), suites, mentions=Mentions(lambda: code), code=Code(MemoryTree(code)))
    report = check(load({path: each for path, each in files.items() if path not in code}), known)
    assert isinstance(report, Report)
    text.render(report, everything=True)
    text.render(report)
    as_json.render(report)
    github.render(report)
    sarif.render(report, PAGES)


TARGETS: dict[str, Callable[[bytes], None]] = {"document": document, "project": project, "check": whole_check}


def main() -> None:
    """Seed with the tests' own configs, and fuzz."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("target", choices=TARGETS)
    options.add_argument("--minutes", type=float, default=10)
    given = options.parse_args()
    seeds, found = STATE / "seeds", STATE / given.target
    for folder in (seeds, found):
        folder.mkdir(parents=True, exist_ok=True)
    seeding = (*(ROOT / "tests").rglob("*.y*ml"), *(ROOT / TEMPLATES).rglob("*.y*ml"))
    for number, file in enumerate(sorted(seeding)):
        (seeds / f"{number:04}").write_bytes(file.read_bytes())
    words = sorted(
        {key for shape in SHAPES.values() for key in shape.keys}
        | {"default", "__type__", "&a ", "*a", "<<: "}
        | EXPRESSIONS
    )
    (STATE / "words").write_text("".join(f'"{word}"\n' for word in words))
    limits = [f"-max_total_time={int(given.minutes * 60)}", "-timeout=2", "-rss_limit_mb=512", "-max_len=20000"]
    files = [f"-dict={STATE / 'words'}", f"-artifact_prefix={STATE}/{given.target}-", str(found), str(seeds)]
    atheris.Setup([sys.argv[0], *limits, *files], TARGETS[given.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
