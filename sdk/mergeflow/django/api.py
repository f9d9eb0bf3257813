"""The REST endpoints: `/kpi/` calculates, `/results/` stores and lists."""

import logging
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError
from django.db.models import QuerySet
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ParseError, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mergeflow.arithmetic import FormulaError
from mergeflow.django.access import ConnectionToken, MayWrite
from mergeflow.django.models import KPI, Result, Simulator
from mergeflow.django.serializers import CalculationSerializer, ResultSerializer
from mergeflow.formulas import Formula

_log = logging.getLogger(__name__)


class DatabaseDown(APIException):
    """The database does not answer: worth a retry, so no 500."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "the database does not answer: try again later"
    default_code = "unavailable"


class BoundedJSON(JSONParser):
    """JSON that is nested deeper than Python recurses is wrong, not a crash."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """The data; raises ParseError."""
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deeply") from None


class Endpoint(APIView):
    """The same in any site, whatever REST_FRAMEWORK says in its settings: JSON only, and a token to write."""

    authentication_classes = (ConnectionToken,)
    permission_classes = (MayWrite,)
    parser_classes = (BoundedJSON,)
    renderer_classes = (JSONRenderer,)
    throttle_classes = ()
    versioning_class = None
    needs = ""

    def handle_exception(self, exc: Exception) -> Response:
        """A response for whatever went wrong; without a database, 503."""
        if isinstance(exc, OperationalError | InterfaceError):
            _log.error("the database does not answer: %s", exc)
            exc = DatabaseDown()
        return super().handle_exception(exc)


class Calculation(Endpoint):
    """`POST /kpi/ {"value": 40, "kpi_id": 1}` gives `{"result": 42}`, and stores nothing."""

    def post(self, request: Request) -> Response:
        """The result, 404 for an unknown KPI, or 400 with what is wrong with the value."""
        asked = CalculationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        kpi = KPI.objects.filter(pk=asked.validated_data["kpi_id"]).first()
        if kpi is None:
            raise NotFound(f"there is no KPI {asked.validated_data['kpi_id']}")
        try:
            return Response({"result": Formula(kpi.formula).of(asked.validated_data["value"])})
        except FormulaError as error:
            raise ValidationError({"detail": f"KPI {kpi.pk}: {error}"}) from None


class Pages(PageNumberPagination):
    """100 results at a time, or as many as asked for, up to 1,000."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000


class Results(Endpoint, ListAPIView):
    """`GET /results/?simulator=1` lists, newest first; `POST /results/` stores the result of a run, once."""

    needs = "mergeflow.add_result"
    serializer_class = ResultSerializer
    pagination_class = Pages
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Result]:
        """All results, or those of one simulator."""
        wanted = self.request.query_params.get("simulator")
        if wanted is None:
            return Result.objects.all()
        if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
            raise ValidationError({"simulator": ["this is not the number of a simulator"]})
        return Result.objects.filter(simulator=int(wanted))

    def post(self, request: Request) -> Response:
        """The stored row: 201 when it is new, 200 when the run has stored one before, whatever it was."""
        given = ResultSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        simulator = data.pop("simulator_id")
        unknown = NotFound(f"there is no simulator {simulator}")
        if not Simulator.objects.filter(pk=simulator).exists():
            raise unknown
        try:
            row, created = Result.objects.get_or_create(
                simulator_id=simulator, run_id=data.pop("run_id"), defaults=data
            )
        except IntegrityError:  # the simulator has been deleted just now
            raise unknown from None
        return Response(ResultSerializer(row).data, status.HTTP_201_CREATED if created else status.HTTP_200_OK)
