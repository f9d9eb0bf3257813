"""The HTTP provider's two classes: it is not installed here, and dag-factory treats them in a way of its own.

They call what dag-factory made for them, so that the comparison of DAGs compares what these functions return.
"""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import BaseOperator
from airflow.sdk.bases.sensor import BaseSensorOperator
from dagfactory import dagbuilder


class HttpOperator(BaseOperator):
    """Keeps the request's parts, the body as the text that would be sent."""

    template_fields = ("endpoint", "headers", "data")

    def __init__(
        self, *, http_conn_id: str, endpoint: str, method: str, headers: dict[str, str], data: Any, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.http_conn_id, self.endpoint, self.method, self.headers = http_conn_id, endpoint, method, headers
        self.data = data()


class HttpSensor(BaseSensorOperator):
    """Keeps what its check says of two responses."""

    template_fields = ("endpoint", "checked")

    def __init__(self, *, http_conn_id: str, endpoint: str, response_check: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.http_conn_id, self.endpoint = http_conn_id, endpoint
        responses = (SimpleNamespace(ok=True, text="ok"), SimpleNamespace(ok=False, text="down"))
        self.checked = [response_check(each) for each in responses]


def install(patch: pytest.MonkeyPatch) -> None:
    """Put the classes where configs name them and where dag-factory looks for them."""
    for kind, cls in (("operators", HttpOperator), ("sensors", HttpSensor)):
        module = ModuleType(f"airflow.providers.http.{kind}.http")
        setattr(module, cls.__name__, cls)
        for name in ("airflow.providers.http", f"airflow.providers.http.{kind}"):
            patch.setitem(sys.modules, name, ModuleType(name))
        patch.setitem(sys.modules, module.__name__, module)
    patch.setattr(dagbuilder, "HTTP_OPERATOR_CLASS", HttpOperator)
    patch.setattr(dagbuilder, "HTTP_SENSOR_CLASS", HttpSensor)
