"""Admin's pages: what they list, link, refuse and delete."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from mergeflow.django.models import KPI, Result, Simulator
from tests.django.conftest import call


@pytest.fixture
def admin(rows: None) -> Client:
    """A superuser's browser, on the two examples with three results."""
    del rows
    call("add_examples")
    for number, simulator in enumerate((1, 2, 1)):
        Result.objects.create(simulator_id=simulator, run_id=f"run {number}", value=number, result=number + 2)
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    return client


def text(page: str) -> str:
    """What a person reads of a page's list."""
    table = page[page.index('id="result_list"') :] if 'id="result_list"' in page else page
    return " ".join(re.sub(r"<[^>]+>", " ", table).split())


def test_lists_link_to_what_belongs_together(admin: Client) -> None:
    kpis = admin.get("/admin/mergeflow/kpi/").content.decode()
    assert "/admin/mergeflow/simulator/?kpi__id__exact=1" in kpis
    simulators = admin.get("/admin/mergeflow/simulator/?kpi__id__exact=1").content.decode()
    assert "simulator 1 every 2 seconds Jan. 1, 2024 Add 2 results" in text(simulators)
    assert "simulator 2" not in text(simulators)
    assert 'href="/admin/mergeflow/kpi/1/change/"' in simulators
    assert "/admin/mergeflow/result/?simulator__id__exact=1" in simulators


def test_results_of_a_simulator_are_listed_newest_first(admin: Client) -> None:
    page = admin.get("/admin/mergeflow/result/?simulator__id__exact=1").content.decode()
    assert re.findall(r"run \d", text(page)) == ["run 2", "run 0"]
    assert 'href="/admin/mergeflow/simulator/1/change/"' in page


def test_results_can_be_read_and_nothing_else(admin: Client) -> None:
    pk = Result.objects.all()[0].pk
    page = admin.get(f"/admin/mergeflow/result/{pk}/change/")
    assert page.status_code == 200
    assert "_save" not in page.content.decode()
    assert admin.get("/admin/mergeflow/result/add/").status_code == 403
    for action in ("change", "delete"):
        assert admin.post(f"/admin/mergeflow/result/{pk}/{action}/", {"post": "yes"}).status_code == 403
    assert Result.objects.count() == 3


def test_a_formula_and_an_interval_are_refused_beside_their_fields(admin: Client) -> None:
    page = admin.post("/admin/mergeflow/kpi/add/", {"name": "Bad", "formula": "exec(value)"}).content.decode()
    assert "a formula does not know `exec`" in page
    wrong = {"start_date": "2024-01-01", "interval": "hourly", "kpi": 1}
    page = admin.post("/admin/mergeflow/simulator/1/change/", wrong).content.decode()
    assert "simulator 1: `hourly` is no interval: write `30s`" in page
    assert KPI.objects.count() == 2
    assert Simulator.objects.get(pk=1).interval == "every 2 seconds"


def test_a_name_is_shown_as_it_was_typed_and_nothing_of_it_runs(admin: Client) -> None:
    KPI.objects.filter(pk=1).update(name="<script>alert(1)</script>")
    for path in ("kpi/", "simulator/", "result/", "simulator/1/delete/"):
        page = admin.get(f"/admin/mergeflow/{path}").content.decode()
        assert "<script>alert" not in page


def test_a_simulator_takes_its_results_with_it_and_says_how_many(admin: Client) -> None:
    page = admin.get("/admin/mergeflow/simulator/1/delete/").content.decode()
    assert "2 results" in text(page)
    assert admin.post("/admin/mergeflow/simulator/1/delete/", {"post": "yes"}).status_code == 302
    assert [each.simulator_id for each in Result.objects.all()] == [2]
    chosen = {"action": "delete_selected", "_selected_action": [2]}
    page = admin.post("/admin/mergeflow/simulator/", chosen).content.decode()
    assert "1 results" in text(page)
    admin.post("/admin/mergeflow/simulator/", chosen | {"post": "yes"})
    assert not Simulator.objects.exists()
    assert not Result.objects.exists()


def test_a_kpi_in_use_is_not_deleted(admin: Client) -> None:
    page = admin.post("/admin/mergeflow/kpi/1/delete/", {"post": "yes"}).content.decode()
    assert "simulator 1" in page
    assert KPI.objects.count() == 2


def test_who_may_only_look_can_change_nothing(admin: Client) -> None:
    from django.contrib.auth.models import Permission

    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    admin.force_login(looker)
    assert admin.get("/admin/mergeflow/simulator/1/change/").status_code == 200
    assert admin.post("/admin/mergeflow/simulator/1/delete/", {"post": "yes"}).status_code == 403
    assert Simulator.objects.count() == 2
