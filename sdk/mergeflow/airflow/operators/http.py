"""Airflow's HttpOperator with what its parameters cannot say: JSON with templates, and the statuses that are right."""

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.providers.http.operators import http
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException

_SHOWN = 500
"""Characters of an unexpected answer that a message shows."""


class JsonHttpOperator(http.HttpOperator):
    """Send a request, and return the answer: decoded where it is JSON, else as text.

    :param query: what stands behind the `?`, by name.
    :param json: the body.
    :param status: the statuses that are right; any from 200 to 299 when there is none.
    :param timeout: seconds that the service has for its answer.
    """

    template_fields = (*http.HttpOperator.template_fields, "query", "json")
    template_fields_renderers = {"headers": "json", "query": "json", "json": "json"}  # noqa: RUF012 - Airflow's way

    def __init__(
        self,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        status: Sequence[int] = (),
        timeout: float = 60,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.query = dict(query or {})
        self.json = json
        self.status = list(status)
        self.timeout = timeout

    def execute(self, context: Context) -> Any:
        """Return the answer. Raises AirflowException for an unexpected status."""
        del context
        more = {} if self.json is None else {"json": self.json}
        # Only of a GET the hook takes data for the query.
        data = self.query if self.method == "GET" else None
        more |= {} if self.method == "GET" else {"params": self.query}
        options = {"timeout": self.timeout, "check_response": False}
        response = self.hook.run(self.endpoint, data, self.headers, options, **more)
        if not (response.status_code in self.status if self.status else 200 <= response.status_code < 300):
            said = f"{self.method} {self.endpoint}: {response.status_code} {response.reason}"
            raise AirflowException(f"{said}: {response.text[:_SHOWN]}")
        self.log.info("%s %s: %s", self.method, self.endpoint, response.status_code)
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.json() if is_json and response.content else response.text
