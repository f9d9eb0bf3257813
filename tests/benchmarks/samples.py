"""What was measured, raw: a file that grows with every measurement, so that a crash loses nothing."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Key(NamedTuple):
    """What a list of values is: of which row (`build/peak` is a side value of `build`), fleet and contender."""

    row: str
    dags: int
    contender: str


@dataclass
class Samples:
    """Values in the order of the rounds, and facts about the run: machine, versions, what failed."""

    path: Path
    values: dict[Key, list[float]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, key: Key, value: float) -> None:
        """Add the next round's value, and save."""
        self.values.setdefault(key, []).append(value)
        self.save()

    def of(self, row: str, dags: int, contender: str) -> list[float]:
        """The values of all rounds so far."""
        return self.values.get(Key(row, dags, contender), [])

    def drop(self, dags: int, contender: str, rows: Iterable[str]) -> None:
        """Forget what was measured in part."""
        for row in rows:
            self.values.pop(Key(row, dags, contender), None)

    def note(self, name: str, fact: Any) -> None:
        """Keep a fact, and save."""
        self.facts[name] = fact
        self.save()

    def save(self) -> None:
        """Write all of it; a crash leaves the file of before."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        values = [{**key._asdict(), "values": values} for key, values in self.values.items()]
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps({"facts": self.facts, "values": values}, indent=1) + "\n")
        part.replace(self.path)


def load(path: Path) -> Samples:
    """Read what `save` has written."""
    found = json.loads(path.read_text())
    values = {Key(each["row"], each["dags"], each["contender"]): each["values"] for each in found["values"]}
    return Samples(path, values, found["facts"])


def newest(folder: Path, kind: str) -> Path | None:
    """The file of the last run of a kind; their names end in the time at which they began."""
    return max(folder.glob(f"{kind}-*.json"), default=None)
