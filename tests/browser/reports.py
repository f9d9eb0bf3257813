"""Reports to look at: a week of a table, what is hostile, very much, and nothing at all."""

from datetime import UTC, datetime, timedelta
from typing import Any

Report = dict[str, Any]

START = datetime(2026, 11, 2, 22, 30, tzinfo=UTC)
RTL = "safe\u202egnp.exe\u202c\u200b \u2066x\u2069"
MARKUP = '<script>document.title="run"</script><img src=x onerror="document.title=\'run\'">&lt;"\'`{{ 7 * 7 }}'


def outcome(name: str, column: str | None = None, **more: Any) -> Report:
    """One expectation that holds, unless `more` says otherwise."""
    parameters = ({"column": column} if column else {}) | more.pop("parameters", {})
    plain = {"severity": "critical", "status": "passed", "found": "", "observed": None}
    counted: Report = {"unexpected": None, "total": None, "examples": []}
    return {"expectation": name, "column": column, "parameters": parameters, **plain, **counted, **more}


def report(outcomes: list[Report] | None, number: int = 0, **more: Any) -> Report:
    """A report of the run that is so many hours after the first."""
    at = START + timedelta(hours=number)
    broken = [each for each in outcomes or () if each["status"] != "passed" and each["severity"] == "critical"]
    result = {
        "version": 1, "suite": "transactions/customer_transactions", "data": "table `customer_transactions`",
        "success": not broken, "outcomes": outcomes,
    }  # fmt: skip
    return {
        "version": 1, "dag_id": "transactions_hourly", "task_id": "check_transactions", "map_index": -1,
        "run_id": f"scheduled__{at.isoformat()}", "try_number": 1, "logical_date": at.isoformat(),
        "started": (at + timedelta(hours=1, seconds=9)).isoformat(), "seconds": 2.61, "on_failure": "fail",
        "commit": "3f2c9e1b7d6a5048c1f2", "result": None if outcomes is None else result, "error": None, **more,
    }  # fmt: skip


def usual(out_of_range: int = 0, unknown: int = 0) -> list[Report]:
    """The outcomes of one run of system A's first table."""
    counted: Report = {"unexpected": 0, "total": 131}
    amounts = [{"value": each, "key": {"transaction_id": 90_211 + number}} for number, each in enumerate(AMOUNTS)]
    symbols = [
        {"value": each, "key": {"transaction_id": 90_240 + number}} for number, each in enumerate(("DOGE", "BTC"))
    ]
    broken: Report = {"status": "failed", "unexpected": out_of_range, "total": 131, "examples": amounts[:out_of_range]}
    strange: Report = {"status": "failed", "unexpected": unknown, "total": 131, "examples": symbols[:unknown]}
    named = ("AAPL", "TSLA", "GOOGL", "AMZN", "MSFT", "OR.PA", "BNP.PA", "AIR.PA")
    return [
        outcome("column_type", "transaction_id", parameters={"type": "integer"}),
        outcome("column_type", "amount", parameters={"type": "number"}),
        outcome("expect_column_to_exist", "transaction_id"),
        outcome("expect_column_values_to_not_be_null", "transaction_id", **counted),
        outcome("expect_column_values_to_not_be_null", "amount", **counted),
        outcome("expect_table_row_count_to_be_between", parameters={"min_value": 1}, observed=131),
        outcome("expect_column_values_to_be_unique", "transaction_id", **counted),
        outcome(
            "expect_column_values_to_be_between", "amount", parameters={"min_value": 5, "max_value": 500},
            **(broken if out_of_range else counted),
        ),
        outcome(
            "expect_column_values_to_be_in_set", "stock_symbol", parameters={"value_set": [*named]},
            severity="warning", **(strange if unknown else counted),
        ),
    ]  # fmt: skip


AMOUNTS = (-20.5, 1_204.0, 0, "12,50", None)


def week() -> list[Report]:
    """The last runs of a task: fine, with warnings, away, and then the amounts go wrong."""
    bad = {9: 1, 21: 1, 22: 2, 23: 3, 24: 5}
    strange = {4: 1, 5: 2, 20: 1, 22: 1, 24: 2}
    made = [report(usual(bad.get(number, 0), strange.get(number, 0)), number) for number in range(25)]
    made[14] = report(None, 14, error="suite `transactions/customer_transactions`: the database is away")
    return made


def hostile() -> Report:
    """Every text wants to be markup, to turn the line around, or to fill the screen."""
    long, torn = "x" * 10_000, "\ud800\x00\x1b[31m"
    shown = [
        {"value": each, "key": {MARKUP: RTL, "id": long}} for each in (MARKUP, RTL, long, torn, "", " 11", "11", None)
    ]
    broken = outcome(MARKUP, MARKUP, status="failed", unexpected=8, total=9, examples=shown, parameters={RTL: MARKUP})
    strange: list[Any] = [None, 7, {"status": "passed"}, {"status": MARKUP, "severity": RTL, "examples": "no"}]
    told = report([broken, outcome("x", RTL, status="failed", observed={MARKUP: [torn]})], error=None)
    told["result"]["outcomes"] += strange
    told["result"]["data"] = told["result"]["suite"] = MARKUP + RTL
    return {
        **told,
        "dag_id": MARKUP,
        "task_id": RTL,
        "run_id": long,
        "commit": MARKUP,
        "started": MARKUP,
        "seconds": "no",
    }


def many(number: int = 500) -> Report:
    """A suite of very many expectations, half of them broken."""
    examples = [{"value": each, "key": {"id": each}} for each in range(5)]
    broken: Report = {"status": "failed", "unexpected": 5, "total": 10_000_000, "examples": examples}
    return report(
        [
            outcome(
                "expect_column_values_to_be_between",
                f"column_{each}",
                parameters={"min_value": each},
                **(broken if each % 2 else {}),
            )
            for each in range(number)
        ]
    )
