"""Coverage-guided fuzzing of everything that reads a config: `python -m tests.fuzz document --minutes 10`.

Needs atheris (`pip install atheris`), which is no dependency: this is run by hand after a change to what reads configs.
An input that raises, takes over 2 s or over 512 MiB is written to `.mergeflow/fuzz/` and ends the run with 77 or so.
What it has found once is a case of the ordinary tests ever after.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mergeflow"]):
    from mergeflow.catalog import load_catalog
    from mergeflow.checker import check
    from mergeflow.diagnostic import Report
    from mergeflow.document import Document, parse
    from mergeflow.model import SHAPES
    from mergeflow.project import load
    from mergeflow.render import as_json, github, text
    from mergeflow.rules import Known

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".mergeflow/fuzz"
PATHS = (
    "configs/team/a.yaml",
    "configs/team/defaults.yml",
    "validators/policy.yaml",
    "validators/expectations/team/a.yaml",
)
SEPARATOR = b"\n%%%%\n"
"""What stands between two files of one input."""
KNOWN = Known(load_catalog(ROOT), frozenset({"team"}))


def document(data: bytes) -> None:
    """Bytes are a document or a diagnostic; every route of a document has a place."""
    read = parse(PATHS[0], data)
    if isinstance(read, Document) and isinstance(read.data, dict):
        for key in read.data:
            read.locate((key,), "key")


def project(data: bytes) -> None:
    """Up to four files become a project whose DAGs merge."""
    loaded = load(dict(zip(PATHS, data.split(SEPARATOR), strict=False)))
    for dag in loaded.dags:
        assert isinstance(dag.config, dict)
        assert dag.tasks.keys() <= dag.names("tasks")


def whole_check(data: bytes) -> None:
    """Up to four files are checked by every rule, and the report can be printed."""
    report = check(load(dict(zip(PATHS, data.split(SEPARATOR), strict=False))), KNOWN)
    assert isinstance(report, Report)
    for render in (text.render, as_json.render, github.render):
        render(report)


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
    for number, file in enumerate(sorted((ROOT / "tests").rglob("*.y*ml"))):
        (seeds / f"{number:04}").write_bytes(file.read_bytes())
    words = sorted(
        {key for shape in SHAPES.values() for key in shape.keys} | {"default", "__type__", "&a ", "*a", "<<: "}
    )
    (STATE / "words").write_text("".join(f'"{word}"\n' for word in words))
    limits = [f"-max_total_time={int(given.minutes * 60)}", "-timeout=2", "-rss_limit_mb=512", "-max_len=20000"]
    files = [f"-dict={STATE / 'words'}", f"-artifact_prefix={STATE}/{given.target}-", str(found), str(seeds)]
    atheris.Setup([sys.argv[0], *limits, *files], TARGETS[given.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
