"""What the site keeps; a formula or an interval that means nothing is refused by admin and by `save()` alike."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from mergeflow import formulas, intervals

RUN_ID = 250
"""The longest run id that Airflow gives."""

one_line = RegexValidator(r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z", "a name is one line, without control characters")


def is_formula(text: str) -> None:
    """A field's validator: says why a text is no formula."""
    if fault := formulas.fault_in(text):
        raise ValidationError(fault, code="formula")


def is_interval(text: str) -> None:
    """A field's validator: says why a text is no interval."""
    try:
        intervals.schedule_of(text)
    except intervals.IntervalError as error:
        raise ValidationError(str(error), code="interval") from None


class Checked(models.Model):
    """What is validated however it is saved: by admin's form, by a script, in the shell."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Validate, then save; raises ValidationError and saves nothing when a field is wrong."""
        self.full_clean()
        super().save(*args, **kwargs)


class KPI(Checked):
    """A number that is calculated from a value."""

    name = models.CharField(max_length=50, validators=[one_line])
    formula = models.CharField(
        max_length=formulas.LONGEST,
        validators=[is_formula],
        help_text=f"Arithmetic on the number {formulas.NAME}, such as {formulas.NAME} + 2.",
    )

    class Meta:
        verbose_name = "KPI"
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.name)


class Simulator(Checked):
    """What draws a value again and again, and has its KPI calculated; a DAG of the same number runs it."""

    start_date = models.DateField(default=timezone.localdate)
    interval = models.CharField(
        max_length=intervals.LONGEST,
        validators=[is_interval],
        help_text="30s, 5m, 2h, every 2 seconds, @daily, or a cron; in a cron of six fields the seconds come first.",
    )
    kpi_id: int
    kpi = models.ForeignKey(KPI, on_delete=models.PROTECT, related_name="simulators", verbose_name="KPI")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"simulator {self.pk}" if self.pk else "new simulator"

    def clean_fields(self, exclude: Any = None) -> None:
        """Validate each field; what is wrong with the interval names the simulator."""
        try:
            super().clean_fields(exclude=exclude)
        except ValidationError as error:
            raise ValidationError(self._named(error)) from None

    def _named(self, error: ValidationError) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = dict(error.error_dict)
        for each in found.get("interval", ()):
            if each.code == "interval":
                each.message = f"{self}: {each.message}"
        return found


class Result(models.Model):
    """What one run of a simulator has drawn and got; a retry finds it and adds none."""

    simulator_id: int
    simulator = models.ForeignKey(Simulator, on_delete=models.CASCADE, related_name="results")
    run_id = models.CharField(max_length=RUN_ID)
    value = models.FloatField()
    result = models.FloatField()
    time = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-time", "-id")
        constraints = (models.UniqueConstraint(fields=("simulator", "run_id"), name="one_result_per_run"),)
        indexes = (
            models.Index(fields=("simulator", "-time", "-id"), name="results_of_simulator"),
            models.Index(fields=("-time", "-id"), name="results_newest_first"),
        )

    def __str__(self) -> str:
        return f"{self.run_id} of simulator {self.simulator_id}"
