"""`add_examples`: two KPIs and two simulators, for a site that has none."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from mergeflow.django.models import KPI, Simulator


class Command(BaseCommand):
    """A fixture would replace what has the same numbers, so it is loaded only where there is nothing."""

    help = "Add the KPIs Add 2 and Add 6, and a simulator for each, to a site without any; any other is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the examples, or say why not; both are fine, for a container starts more than once."""
        del args, options
        if KPI.objects.exists() or Simulator.objects.exists():
            self.stdout.write("This site has KPIs already: nothing is added.")
            return
        call_command("loaddata", "mergeflow_examples", verbosity=0)
        for simulator in Simulator.objects.select_related("kpi"):
            self.stdout.write(f"Added {simulator}: {simulator.kpi}, {simulator.interval}.")
