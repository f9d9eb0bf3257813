"""How the demo shows its steps: a number, a name, what came out, and the seconds that it took."""

import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class Failed(Exception):
    """A step did not do what the demo promises; `log` is the end of what was printed about it."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


@dataclass
class Step:
    """One line of the demo, filled in while it runs."""

    outcome: str = ""
    details: list[str] = field(default_factory=list)

    def show(self, text: str) -> None:
        """Print this below the step's line, indented."""
        self.details.append(textwrap.indent(text.strip("\n"), " " * 8))


@dataclass
class Steps:
    """Counts and prints the steps."""

    number: int = 0

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Announce a step, run it, and print its outcome beside its name."""
        self.number += 1
        print(f"{self.number:2}  {name:<15} ", end="", flush=True)
        begun = time.monotonic()
        step = Step()
        try:
            yield step
        except BaseException:
            print("FAILED", flush=True)
            raise
        print(f"{step.outcome:<78} {time.monotonic() - begun:5.1f} s", flush=True)
        for detail in step.details:
            print(detail, flush=True)
