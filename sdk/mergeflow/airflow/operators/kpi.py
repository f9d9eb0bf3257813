"""One run of a simulator: a number is drawn, the simulators' site calculates its KPI, and keeps the result."""

import random
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException

LOWEST, HIGHEST = 1, 100
TIMEOUT = 10
"""Seconds for an answer; a site that takes longer is as good as down, and there is a retry."""
LONGEST = 300
"""Characters of an answer that are shown when it says what is wrong."""


class KpiOperator(BaseOperator):
    """Draw a whole number from 1 to 100, have a KPI of it calculated by the simulators' site, and store the result.

    The site keeps one result for each simulator and run. A retry draws the same number again, and when the try before
    has stored its result, that one stays and is returned. A site that is down fails the task, which is retried; what
    the site refuses, such as an unknown KPI, is not: it would refuse it again.

    :param kpi: the KPI's number at the site.
    :param simulator: the simulator's number there.
    :param http_conn_id: the Airflow connection of the site, of type `http`, with the token as its password.
    """

    ui_color = "#e8eaf6"

    def __init__(self, *, kpi: int, simulator: int, http_conn_id: str = "kpi_site", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kpi = kpi
        self.simulator = simulator
        self.http_conn_id = http_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the stored row. Raises AirflowException when the site is down, AirflowFailException if it refuses."""
        run_id = str(context["run_id"])
        value = draw(self.simulator, run_id)
        result = self._post("kpi/", {"value": value, "kpi_id": self.kpi})["result"]
        drawn = {"simulator": self.simulator, "run_id": run_id, "value": value, "result": result}
        row = self._post("results/", drawn)
        self.log.info("simulator %s: KPI %s of %s is %s", self.simulator, self.kpi, row["value"], row["result"])
        return row

    def _post(self, endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
        from airflow.providers.http.hooks.http import HttpHook
        from requests import RequestException

        options = {"timeout": TIMEOUT, "check_response": False, "allow_redirects": False}
        try:
            hook = HttpHook(http_conn_id=self.http_conn_id)
            response = hook.run(f"/{endpoint}", json=body, extra_options=options)
        except AirflowNotFoundException:
            raise AirflowFailException(f"there is no connection `{self.http_conn_id}`") from None
        except RequestException as error:
            why = f"the site of connection `{self.http_conn_id}` does not answer: {type(error).__name__}"
            raise AirflowException(why) from None
        answer = _json(response)
        if response.ok and isinstance(answer, dict) and "result" in answer:
            return answer
        said = f"POST /{endpoint}: {response.status_code}: {_detail(answer) or response.reason}"
        # Down, overloaded or restarting: tomorrow it may answer. All else it has understood and refused.
        refused = response.status_code < 500 and response.status_code not in (408, 429)
        raise (AirflowFailException if refused else AirflowException)(said)


def draw(simulator: int, run_id: str) -> int:
    """The number that a run draws: any from 1 to 100, and the same again whenever the run is tried again."""
    return random.Random(f"{simulator} {run_id}").randint(LOWEST, HIGHEST)  # noqa: S311 - nothing is kept secret by it


def _json(response: Any) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _detail(answer: Any) -> str:
    """What the site says is wrong, in one line."""
    said = answer.get("detail", answer) if isinstance(answer, dict) else answer
    return " ".join(str(said).split())[:LONGEST] if said else ""
