"""The app as Django knows it; its label is in the names of tables and of admin's pages."""

from django.apps import AppConfig


class Simulators(AppConfig):
    """KPIs, their simulators, and what these have calculated."""

    name = "mergeflow.django"
    label = "mergeflow"
    verbose_name = "KPI simulators"
    default_auto_field = "django.db.models.BigAutoField"
