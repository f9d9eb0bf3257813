"""What people see at /admin: KPIs and simulators to keep, results to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mergeflow.django.models import KPI, Result, Simulator


@admin.register(KPI)
class KPIAdmin(admin.ModelAdmin):
    """KPIs, each with the way to its simulators."""

    list_display = ("id", "name", "formula", "simulators")
    list_display_links = ("id", "name")
    search_fields = ("name", "formula")

    @admin.display(description="simulators")
    def simulators(self, kpi: KPI) -> SafeString:
        """A link to the simulators that use it."""
        return _list_of("simulator", f"kpi__id__exact={kpi.pk}", "simulators")


@admin.register(Simulator)
class SimulatorAdmin(admin.ModelAdmin):
    """Simulators, each with the way to its KPI and to its results."""

    list_display = ("__str__", "interval", "start_date", "kpi_link", "results")
    list_filter = ("kpi",)
    list_select_related = ("kpi",)
    autocomplete_fields = ("kpi",)
    search_fields = ("=id", "interval", "kpi__name")

    @admin.display(description="KPI", ordering="kpi")
    def kpi_link(self, simulator: Simulator) -> SafeString:
        """A link to its KPI."""
        return _page_of("kpi", simulator.kpi_id, simulator.kpi)

    @admin.display(description="results")
    def results(self, simulator: Simulator) -> SafeString:
        """A link to what it has calculated."""
        return _list_of("result", f"simulator__id__exact={simulator.pk}", "results")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with a simulator: its results, counted, not listed; nobody may delete one by itself, though."""
        chosen = [each.pk for each in objs]
        results = Result.objects.filter(simulator__in=chosen).count()
        counts = {"simulators": len(chosen), "results": results}
        shown = [*map(str, objs), f"{results} results"]
        missing = set() if self.has_delete_permission(request) else {"simulator"}
        return shown, counts, missing, []


@admin.register(Result)
class ResultAdmin(admin.ModelAdmin):
    """Results, newest first; runs write them, and nobody changes them."""

    list_display = ("run_id", "simulator_link", "value", "result", "time")
    list_filter = ("simulator",)
    list_select_related = ("simulator",)
    search_fields = ("run_id",)
    show_full_result_count = False
    fields = ("simulator_link", "run_id", "value", "result", "time")
    readonly_fields = fields

    @admin.display(description="simulator", ordering="simulator")
    def simulator_link(self, result: Result) -> SafeString:
        """A link to the simulator."""
        return _page_of("simulator", result.simulator_id, result.simulator)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: a run adds it."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Result | None = None) -> bool:
        """Nobody: it is what was calculated."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Result | None = None) -> bool:
        """Nobody: it goes with its simulator."""
        del request, obj
        return False


def _page_of(model: str, pk: int, text: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(f"admin:mergeflow_{model}_change", args=[pk]), text)


def _list_of(model: str, query: str, text: str) -> SafeString:
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:mergeflow_{model}_changelist"), query, text)
