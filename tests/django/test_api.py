"""The endpoints: what they give, and that what is wrong is said, and never a crash."""

import base64
from typing import Any

import pytest
from django.db import OperationalError
from django.test import override_settings
from hypothesis import HealthCheck, given
from hypothesis import settings as few
from hypothesis import strategies as st
from rest_framework.test import APIClient

from mergeflow.django.models import KPI, Result, Simulator
from tests.django.conftest import call


@pytest.fixture(autouse=True)
def examples(rows: None) -> None:
    del rows
    call("add_examples")


def test_a_kpi_is_calculated(api: Any) -> None:
    response = api.post("/kpi/", {"value": 40, "kpi_id": 1})
    assert (response.status_code, response.json()) == (200, {"result": 42})
    assert response.content == b'{"result":42}'
    assert api.post("/kpi/", {"value": -0.5, "kpi_id": 2}).json() == {"result": 5.5}
    assert not Result.objects.exists()


@pytest.mark.parametrize("unknown", [3, 0, -1, 10**30])
def test_an_unknown_kpi_is_404(api: Any, unknown: int) -> None:
    response = api.post("/kpi/", {"value": 40, "kpi_id": unknown})
    assert (response.status_code, response.json()) == (404, {"detail": f"there is no KPI {unknown}"})


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({}, {"value": ["This field is required."], "kpi_id": ["This field is required."]}),
        ({"value": "forty", "kpi_id": 1}, {"value": ["this is no number"]}),
        ({"value": "40", "kpi_id": 1}, {"value": ["this is no number"]}),
        ({"value": True, "kpi_id": 1}, {"value": ["this is no number"]}),
        ({"value": None, "kpi_id": 1}, {"value": ["This field may not be null."]}),
        ({"value": [40], "kpi_id": 1}, {"value": ["this is no number"]}),
        ({"value": 10**400, "kpi_id": 1}, {"value": ["this is too large: 1 with 15 zeros is the most"]}),
        ({"value": 40, "kpi_id": "one"}, {"kpi_id": ["A valid integer is required."]}),
        ({"value": 40, "kpi_id": {"id": 1}}, {"kpi_id": ["A valid integer is required."]}),
        ([40, 1], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
def test_a_bad_value_is_400_with_what_is_wrong(api: Any, data: object, wrong: object) -> None:
    response = api.post("/kpi/", data)
    assert (response.status_code, response.json()) == (400, wrong)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("", "application/json", 400),
        ("{", "application/json", 400),
        ('{"value": NaN, "kpi_id": 1}', "application/json", 400),
        ('{"value": 1e999, "kpi_id": 1}', "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ("\udcff", "application/json", 400),
        ("value=40&kpi_id=1", "application/x-www-form-urlencoded", 415),
    ],
)
def test_what_is_no_json_is_refused(api: Any, body: str, kind: str, status: int) -> None:
    response = api.post("/kpi/", body.encode(errors="surrogateescape"), content_type=kind)
    assert response.status_code == status
    assert response.json()


def test_a_formula_that_gives_no_number_is_400_and_says_why(api: Any) -> None:
    kpi = KPI.objects.create(name="odd", formula="1 / (value - 50)")
    response = api.post("/kpi/", {"value": 50, "kpi_id": kpi.pk})
    why = {"detail": f"KPI {kpi.pk}: the formula divides by zero when `value` is 50"}
    assert (response.status_code, response.json()) == (400, why)


def test_a_formula_that_came_past_every_check_is_400_and_is_not_executed(api: Any) -> None:
    KPI.objects.filter(pk=1).update(formula="__import__('os').abort()")
    response = api.post("/kpi/", {"value": 50, "kpi_id": 1})
    assert response.status_code == 400
    assert "does not know `__import__`" in response.json()["detail"]


@few(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {
            "value": st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.none() | st.text(),
            "kpi_id": st.integers() | st.sampled_from([1, 2]) | st.booleans() | st.text() | st.lists(st.integers()),
        }
    )
)
def test_whatever_is_sent_is_answered(api: Any, data: dict[str, object]) -> None:
    assert api.post("/kpi/", data).status_code in (200, 400, 404)


def store(api: Any, **changed: object) -> Any:
    return api.post("/results/", {"simulator": 1, "run_id": "run 1", "value": 40, "result": 42} | changed)


def test_a_result_is_stored_once_however_often_it_is_sent(api: Any) -> None:
    new, again = store(api), store(api, value=7, result=9)
    assert (new.status_code, again.status_code) == (201, 200)
    assert new.json() == again.json()
    row = Result.objects.get()
    assert (row.simulator_id, row.run_id, row.value, row.result) == (1, "run 1", 40, 42)
    assert new.json() == {
        "id": row.pk,
        "simulator": 1,
        "run_id": "run 1",
        "value": 40,
        "result": 42,
        "time": row.time.isoformat().replace("+00:00", "Z"),
    }
    assert store(api, simulator=2).status_code == 201


@pytest.mark.parametrize(
    ("changed", "status", "wrong"),
    [
        ({"simulator": 9}, 404, {"detail": "there is no simulator 9"}),
        ({"simulator": 10**30}, 404, {"detail": f"there is no simulator {10**30}"}),
        ({"simulator": "x"}, 400, {"simulator": ["A valid integer is required."]}),
        ({"run_id": ""}, 400, {"run_id": ["This field may not be blank."]}),
        ({"run_id": "\x00"}, 400, {"run_id": ["Null characters are not allowed."]}),
        ({"run_id": "x" * 251}, 400, {"run_id": ["Ensure this field has no more than 250 characters."]}),
        ({"value": "x"}, 400, {"value": ["this is no number"]}),
        ({"result": None}, 400, {"result": ["This field may not be null."]}),
    ],
)
def test_a_wrong_result_is_refused(api: Any, changed: dict[str, object], status: int, wrong: object) -> None:
    response = store(api, **changed)
    assert (response.status_code, response.json()) == (status, wrong)
    assert not Result.objects.exists()


def test_results_are_listed_by_simulator_newest_first_and_in_pages(api: Any) -> None:
    for number in range(5):
        store(api, run_id=f"run {number}", value=number, result=number + 2)
    store(api, simulator=2)
    client = APIClient()  # reading needs no token
    assert client.get("/results/").json()["count"] == 6
    assert client.get("/results/?simulator=7").json()["results"] == []
    first = client.get("/results/?simulator=1&page_size=2").json()
    assert [row["run_id"] for row in first["results"]] == ["run 4", "run 3"]
    assert first["count"] == 5
    last = client.get("/results/?simulator=1&page_size=2&page=3").json()
    assert [row["value"] for row in last["results"]] == [0]
    assert last["next"] is None
    assert client.get("/results/?page=99").status_code == 404


@pytest.mark.parametrize("bad", ["x", "", "-1", "1.5", "\u0661", "9" * 40, "1 or 1=1"])
def test_a_filter_that_is_no_number_is_400(bad: str) -> None:
    response = APIClient().get("/results/", {"simulator": bad})
    assert (response.status_code, list(response.json())) == (400, ["simulator"])


def basic(login: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


def test_the_password_of_a_connection_is_a_token(token: str) -> None:
    client = APIClient(HTTP_AUTHORIZATION=basic("whoever", token))
    assert store(client).status_code == 201


@pytest.mark.parametrize(
    "header",
    [None, "", "Token", "Token wrong", "Token \xff", "Basic", "Basic ???", "Basic /w==", basic("airflow", "wrong"),
     basic("airflow", ""), basic("airflow", "\x00"), "Bearer wrong"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/kpi/", "/results/"])
def test_without_a_token_nothing_is_written(path: str, header: str | None) -> None:
    client = APIClient(**({} if header is None else {"HTTP_AUTHORIZATION": header}))
    response = client.post(path, {"value": 40, "kpi_id": 1})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"


def test_a_token_of_somebody_else_calculates_and_stores_nothing() -> None:
    from django.contrib.auth.models import User
    from rest_framework.authtoken.models import Token

    reader = User.objects.create_user("reader")
    client = APIClient(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=reader).key}")
    assert client.post("/kpi/", {"value": 40, "kpi_id": 1}).status_code == 200
    assert store(client).status_code == 403
    User.objects.update(is_active=False)
    assert client.post("/kpi/", {"value": 40, "kpi_id": 1}).status_code == 401


def test_a_site_that_is_being_developed_is_open() -> None:
    with override_settings(DEBUG=True):
        assert store(APIClient()).status_code == 201


def test_a_database_that_does_not_answer_is_503(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object, **__: object) -> None:
        raise OperationalError("could not connect to 10.0.0.1")

    monkeypatch.setattr(Simulator.objects, "filter", down)
    response = store(api)
    assert response.status_code == 503
    assert "10.0.0.1" not in response.content.decode()


def test_a_simulator_deleted_in_between_is_404(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import IntegrityError

    def gone(*_: object, **__: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(Result.objects, "get_or_create", gone)
    assert store(api).status_code == 404
