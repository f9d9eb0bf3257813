"""Where the endpoints are; a site includes these below any prefix."""

from django.urls import path

from mergeflow.django.api import Calculation, Results

urlpatterns = [
    path("kpi/", Calculation.as_view(), name="kpi"),
    path("results/", Results.as_view(), name="results"),
]
