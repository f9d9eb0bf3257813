"""The task type `http`."""

from typing import Any, ClassVar

from pydantic import Field

from mergeflow.tasks.fields import Positive, choice
from mergeflow.tasks.task_type import TaskType


class Http(TaskType):
    """Send a request to a service.

    The connection, of the type `http`, names host, port and scheme, and holds the login; nothing of it stands in YAML.
    A status that is not expected fails the task, and the log says what the service answered. The answer is the task's
    XCom: decoded where the service calls it JSON, else its text. With `retries`, a service must be able to get the
    same request twice; `{{ run_id }}` in it tells the service that it is the same.

    *Example*:

        orders:
          schedule: "@daily"
          tasks:
            report:
              type: http
              conn_id: shop_api
              method: POST
              path: /reports
              json: {day: "{{ ds }}", run: "{{ run_id }}"}
              headers: {Accept: application/json}
              status: [201, 409]
    """

    templates: ClassVar = ("path", "query", "json", "headers")

    conn_id: str = Field(description="The Airflow connection of the service, of the type `http`.")
    path: str = Field("", description="What is asked for, behind the connection's host: `/reports/daily`.")
    method: str = choice("GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", description="The request's method.")
    query: dict[str, Any] = Field({}, description="What stands behind the `?`, by name.")
    body: dict[str, Any] | list[Any] | None = Field(None, alias="json", description="The request's body, as JSON.")
    headers: dict[str, str] = Field({}, description="Further headers.")
    status: list[int] = Field([], description="The statuses that are right; any from 200 to 299 where there is none.")
    timeout: Positive = Field(60, description="Seconds that the service has for its answer.")

    def compile(self) -> dict[str, Any]:
        """A task of Mergeflow's JsonHttpOperator, which is Airflow's HttpOperator with JSON and expected statuses."""
        return {
            "operator": "mergeflow.airflow.operators.http.JsonHttpOperator",
            "http_conn_id": self.conn_id,
            "endpoint": self.path,
            "method": self.method,
            "query": self.query,
            "json": self.body,
            "headers": self.headers,
            "status": self.status,
            "timeout": self.timeout,
        }
