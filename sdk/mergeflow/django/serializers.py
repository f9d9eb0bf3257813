"""What the REST endpoints take and give."""

from typing import Any

from rest_framework import serializers

from mergeflow.arithmetic import FormulaError, Number, bounded
from mergeflow.django.models import RUN_ID, Result


class NumberField(serializers.Field):
    """A number as a formula takes it; a text that looks like one is none. A whole one is given without `.0`."""

    def to_internal_value(self, data: Any) -> Number:
        """The number; raises ValidationError."""
        if isinstance(data, bool):
            raise serializers.ValidationError("this is no number")
        try:
            return bounded(data, "this")
        except FormulaError as error:
            raise serializers.ValidationError(str(error)) from None

    def to_representation(self, value: Number) -> Number:
        """The number as JSON."""
        return int(value) if value == int(value) else value


class CalculationSerializer(serializers.Serializer):
    """What `POST /kpi/` takes."""

    value = NumberField()
    kpi_id = serializers.IntegerField()


class ResultSerializer(serializers.ModelSerializer):
    """A result; its simulator is a number, looked up by whoever stores it."""

    simulator = serializers.IntegerField(source="simulator_id")
    run_id = serializers.CharField(max_length=RUN_ID)
    value = NumberField()
    result = NumberField()

    class Meta:
        model = Result
        fields = ("id", "simulator", "run_id", "value", "result", "time")
        read_only_fields = ("id", "time")
        validators = ()  # a second result of a run is no mistake: it is a retry
