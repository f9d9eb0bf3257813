"""The pages of reports, served by Airflow's API server to who may read the logs of the DAG's tasks.

Imported with the first request: FastAPI is nothing that a worker or a dag-processor should have to import.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from fastapi import Depends, FastAPI, HTTPException, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException as AnyHTTPException

from mergeflow.airflow.reports import LOCATION, PREFIX, base_url, location, path_of
from mergeflow.render import quality_page
from mergeflow.render.quality_page import Site
from mergeflow.render.quality_trend import MOST
from mergeflow.render.quality_view import View

if TYPE_CHECKING:
    from mergeflow.quality.reports import Try

MOST_TASKS = 300
"""On an index."""

log = logging.getLogger(__name__)

# What a report shows of the data stands in the task's log too, so the same right is asked for.
_MAY_READ = Depends(requires_access_dag("GET", DagAccessEntity.TASK_LOGS))


def application() -> FastAPI:
    """What the plugin mounts at `PREFIX`."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.get("/")(index)
    app.get("/{dag_id}", dependencies=[_MAY_READ])(index_of_dag)
    app.get("/{dag_id}/{task_id}/{map_index}/{try_number}/{run_id:path}", dependencies=[_MAY_READ])(report)
    app.add_exception_handler(AnyHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    return app


def index(user: GetUserDep) -> Response:
    """The last report of each task of the DAGs that the user may read."""
    readable = get_auth_manager().get_authorized_dag_ids(user=user)
    return _page(lambda: _index(readable))


def index_of_dag(dag_id: str) -> Response:
    """The same of one DAG."""
    return _page(lambda: _index({dag_id}, dag_id))


def report(
    dag_id: str,
    task_id: str,
    map_index: Annotated[int, Path(ge=-1, lt=10**9)],
    try_number: Annotated[int, Path(ge=0, lt=10**9)],
    run_id: str,
) -> Response:
    """The report of one try."""
    from mergeflow.quality.reports import Try

    return _page(lambda: _report(Try(dag_id, task_id, run_id, map_index, try_number)))


def _index(dag_ids: set[str], dag_id: str = "") -> str:
    from mergeflow.quality import reports

    found = reports.latest(location(), MOST_TASKS, dag_ids)
    return quality_page.index(found, _site(), dag_id, more=len(found) == MOST_TASKS)


def _report(key: "Try") -> str:
    from mergeflow.quality import reports

    where = location()
    found = reports.read(where, key)
    if found is None:
        raise HTTPException(404)
    runs = reports.runs(where, key.dag_id, key.task_id, MOST, key.map_index)
    return quality_page.page(found, runs, reports.tries(where, key), _site())


def _page(make: Callable[[], str]) -> Response:
    """A page, or one that says that the reports' place is out of reach; why is for the server's log."""
    try:
        return _response(make())
    except HTTPException:
        raise
    except Exception:  # an object store raises what it likes
        log.exception("the reports cannot be read")
        raise HTTPException(503) from None


def _site() -> Site:
    from mergeflow.quality.reports import Try

    base = urlsplit(base_url()).path.rstrip("/")

    def task(view: View) -> str:
        names = [quote(each, safe="") for each in (view.dag_id, view.run_id, view.task_id)]
        mapped = f"/mapped/{view.map_index}" if view.map_index >= 0 else ""
        return "{}/dags/{}/runs/{}/tasks/{}{}?try_number={}".format(base, *names, mapped, view.try_number)

    return Site(
        home=f"{base}{PREFIX}/",
        dag=lambda view: f"{base}{PREFIX}/{quote(view.dag_id, safe='')}",
        report=lambda view: (
            base + path_of(Try(view.dag_id, view.task_id, view.run_id, view.map_index, view.try_number))
        ),
        task=task,
    )


def _refused(request: Request, problem: Exception) -> Response:
    """A page for what is refused; who reads in a browser and is not logged in is sent to where one logs in."""
    status = problem.status_code if isinstance(problem, AnyHTTPException) else 404
    if status == 401 and "text/html" in request.headers.get("accept", ""):
        base, path = urlsplit(base_url()).path.rstrip("/"), request.url.path
        here = base + path[path.find(PREFIX) :]
        return RedirectResponse(f"{base}/api/v2/auth/login?next={quote(here, safe='')}", 303)
    title, *paragraphs = _SAID.get(status, ("This is not possible", ""))
    home = None if status in {401, 403} else _site().home
    return _response(quality_page.message(title, paragraphs, home), status)


_SAID = {
    401: ("You are not logged in", "Log in to Airflow, and come back."),
    403: ("You may not read this", "A report is for those who may read the logs of its DAG's tasks."),
    404: (
        "There is no such report",
        "The try has not ended, or came to nothing before it looked at data, or its report was too old to be kept.",
        f"If there are none at all: workers write where {LOCATION} says, and Airflow's API server has to see the same.",
    ),
    503: (
        "The reports are out of reach",
        "Where they are kept cannot be read now; Airflow's API server has logged why.",
    ),
}


def _response(page: str, status: int = 200) -> Response:
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": f"{quality_page.policy()}; frame-ancestors 'self'",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(page.encode("utf-8", "replace"), status, headers)
