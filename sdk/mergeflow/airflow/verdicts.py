"""How the building of each DAG went, so that `config_errors.py` need not build a fleet once more.

A stub builds its DAGs at every parse, and notes of each the error or that there was none. A verdict belongs to a key,
a digest of the DAG's config and its surroundings: where anything is different, nothing is known. `config_errors.py`
builds what no stub has built yet, and notes only what went well, since an error of its own may have been a passing one.
The error of a stub stands until that stub is parsed again, as the DAG is missing until then.
"""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from mergeflow.airflow import cache
from mergeflow.airflow.surroundings import Surroundings, digest
from mergeflow.compiler import CompiledDag

FINE = ""
"""The verdict on a DAG that can be built."""

_LONGEST = 5_000
"""Characters of an error; one that has more is not noted."""


class Verdicts:
    """The verdicts on a repository's DAGs; `names` are the variables of the environment that its configs may name."""

    def __init__(self, root: Path, names: Collection[str]) -> None:
        self._root = root
        self.around = Surroundings(root, names)

    def key(self, compiled: CompiledDag) -> str:
        """What the verdict on a DAG belongs to."""
        what = repr((compiled.dag_id, compiled.path, compiled.source, compiled.config))
        around = self.around.of_team(team_of(compiled))
        return digest(around, what.encode("utf-8", "surrogatepass")).hex()

    def of(self, notes: Iterable[str]) -> dict[str, str]:
        """The verdicts that these notes hold, by key; a later one counts more."""
        found: dict[str, str] = {}
        for note in notes:
            entry = cache.load(self._name(note))
            pairs = entry.items() if isinstance(entry, dict) else ()
            found.update((key, error) for key, error in pairs if isinstance(error, str))
        return found

    def note(self, note: str, verdicts: Mapping[str, str]) -> None:
        """Replace what a note holds."""
        cache.store(self._name(note), {key: error for key, error in verdicts.items() if len(error) <= _LONGEST})

    def _name(self, note: str) -> str:
        return f"verdicts of {self._root}: {note}"


def team_of(compiled: CompiledDag) -> str:
    """The folder of `configs/` that a DAG is in."""
    return compiled.path.split("/")[1]
