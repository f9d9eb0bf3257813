"""`export_simulators`: the rows that become YAML, as one line of JSON; `mergeflow sync django` reads it."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from mergeflow.django.models import Simulator
from mergeflow.django.rows import rows_of


class Command(BaseCommand):
    """For programs: what is refused is part of the answer, and no failure."""

    help = "Print all simulators with their KPIs as one line of JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print rows, refusals, and the numbers of the refused."""
        del args, options
        found = rows_of(Simulator.objects.all())
        rows = [asdict(row) for row in found.rows]
        for row in rows:
            del row["schedule"]
        answer = {"rows": rows, "refused": found.refused, "skipped": found.skipped}
        self.stdout.write(json.dumps(answer, default=str))
