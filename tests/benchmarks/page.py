"""`docs/benchmarks.md`, made of nothing but what was measured."""

import itertools
import math
import statistics
from collections.abc import Sequence

from tests.benchmarks import fleet
from tests.benchmarks.cells import NOT_MEASURED, form_of, mebibytes, median, rational, seconds, spread
from tests.benchmarks.chart import Chart
from tests.benchmarks.rows import (
    BLUEPRINT,
    BUILD,
    BUNDLE,
    BY_HAND,
    CHECK_FILE,
    CHECK_FLEET,
    COLD,
    CONFIG_ERRORS,
    DAG_FACTORY,
    GIT_BUNDLE,
    IDLE,
    LINT,
    MERGE,
    MERGEFLOW,
    NOTHING,
    PLAN,
    TASK_START,
    UP,
)
from tests.benchmarks.samples import Samples
from tests.benchmarks.verdict import Verdict, flat, verdicts

IMPORT_LIMIT = 30.0
"""Seconds: Airflow's `dagbag_import_timeout`, as it is shipped."""

ALL = (MERGEFLOW, DAG_FACTORY, BLUEPRINT, BY_HAND)
NAMES = {MERGEFLOW: "Mergeflow", CONFIG_ERRORS: "`config_errors.py`"}


def goals(samples: Samples) -> list[Verdict]:
    """All that must hold in a whole run."""
    return [*(verdict for _, verdict in verdicts(samples, _main(samples))), flat(samples, _sizes(samples))]


def charts(samples: Samples) -> dict[str, Chart]:
    """The pictures by file name; none where there is no line to draw."""
    build = (IMPORT_LIMIT, f"Airflow ends the import of a file after {IMPORT_LIMIT:.0f} s")
    drawn = {
        "benchmark-task-start.svg": Chart("Task start: the parse in the worker", _lines(samples, TASK_START.key)),
        "benchmark-build.svg": Chart("Building the whole fleet", _lines(samples, BUILD.key), limit=build),
    }
    return {name: chart for name, chart in drawn.items() if chart.lines}


def page(samples: Samples) -> str:
    """The whole page."""
    return "\n".join(part(samples) for part in (_head, _against_goals, _over_sizes, _live, _memory, _machine))


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    rows = (head, ["---"] * len(head), *lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in rows) + "\n"


def _head(samples: Samples) -> str:
    absent = samples.facts.get("missing", {})
    told = "".join(f"\nNot installed, and so not measured: {peer}, because `{why}`.\n" for peer, why in absent.items())
    return f"""\
# Benchmarks

`make bench` measures, and writes this page. The fleet is {_main(samples):,} DAGs of {fleet.TASKS} tasks, a file each,
in teams of {fleet.TEAM}; beyond {fleet.TEAM * fleet.TEAMS:,} DAGs the teams grow. The contenders build the same DAGs:

* **Mergeflow**: a stub per team.
* **dag-factory**: its documented single loader, over the same YAML files.
* **airflow-blueprint**: its documented loader; one template makes the tasks, another the DAG's arguments.
* **by hand**: one Python file that makes the DAGs in a loop, without any YAML: what Airflow itself takes.
{told}
Each measurement is a process of its own, and the contenders take turns within a round. Numbers are medians over the
rounds; a ratio is the median of the rounds' ratios, and under 1 Mergeflow is the quicker one. A parse is timed
without the imports before it, which a dag-processor or worker has done once.
"""


def _against_goals(samples: Samples) -> str:
    main, lines = _main(samples), []
    for row, verdict in verdicts(samples, main):
        form = form_of(row)
        own = median(samples, row.key, main, MERGEFLOW, form)
        if verdict.peer is None:
            lines.append((row.title, own, "", "", f"at most {form(verdict.goal)}", _met(verdict)))
        else:
            peer = f"{verdict.peer} {median(samples, row.key, main, verdict.peer, form)}"
            lines.append((row.title, own, peer, _ratio(verdict), rational(verdict.goal), _met(verdict)))
    even = flat(samples, _sizes(samples))
    lines.append((even.title, "", "", _ratio(even), rational(even.goal), _met(even)))
    return "## Against the goals\n\n" + table(("", "Mergeflow", "peer", "ratio", "goal", "met"), lines)


def _ratio(verdict: Verdict) -> str:
    return NOT_MEASURED if verdict.value is None else rational(verdict.value)


def _met(verdict: Verdict) -> str:
    return "yes" if verdict.met else "not measured" if verdict.value is None else "**no**"


def _over_sizes(samples: Samples) -> str:
    starts = [
        (f"{dags:,}", *_cells(samples, TASK_START.key, dags, (MERGEFLOW, DAG_FACTORY))) for dags in _sizes(samples)
    ]
    builds = [
        (
            f"{dags:,}",
            *_cells(samples, BUILD.key, dags, (*ALL, CONFIG_ERRORS)),
            median(samples, f"{BUILD.key}/again", dags, CONFIG_ERRORS),
            median(samples, CHECK_FLEET.key, dags, MERGEFLOW),
        )
        for dags in _sizes(samples)
    ]
    pictures = "".join(f"![{chart.title}]({name})\n\n" for name, chart in charts(samples).items())
    return (
        f"## Over the size of the fleet\n\n{pictures}"
        "Only Mergeflow builds one DAG when one task starts; with the others a task start is a build of all.\n"
        f"{_bundle(samples)}\n"
        + table(("DAGs: task start", "Mergeflow", DAG_FACTORY), starts)
        + "\nThe dag-processor parses `config_errors.py` beside the stubs; it checks and builds what they do. Again,\n"
        "it knows what it has found right.\n\n"
        + table(("DAGs: build", "Mergeflow", *ALL[1:], "`config_errors.py`", "again", "`mergeflow check`"), builds)
        + _cut_off(samples)
    )


def _bundle(samples: Samples) -> str:
    own, airflows = (samples.of(row, _main(samples), MERGEFLOW) for row in (BUNDLE.key, f"{BUNDLE.key}/{GIT_BUNDLE}"))
    if not own or not airflows:
        return ""
    return (
        f"Before the parse, a worker prepares the bundle of the run's commit: {seconds(own[0])} with Mergeflow's,\n"
        f"{seconds(airflows[0])} with Airflow's.\n"
    )


def _cut_off(samples: Samples) -> str:
    """Where Airflow's limit would end dag-factory's loader: on the line between the two sizes around it."""
    points = _lines(samples, BUILD.key).get(DAG_FACTORY, [])
    limit = f"{IMPORT_LIMIT:.0f} s (`dagbag_import_timeout`)"
    for (small, quick), (large, slow) in itertools.pairwise(points):
        if quick <= IMPORT_LIMIT < slow:
            share = math.log(IMPORT_LIMIT / quick) / math.log(slow / quick)
            dags = round(small * (large / small) ** share, -2)
            return (
                f"\nAirflow ends the import of a file after {limit}, and then has none of its DAGs.\n"
                f"On this machine dag-factory's loader gets there at about {dags:,.0f} DAGs.\n"
            )
    return ""


def _live(samples: Samples) -> str:
    main, large = _main(samples), max(_sizes(samples))
    columns = [(MERGEFLOW, main), (DAG_FACTORY, main), (NOTHING, main)]
    if large > main:
        columns.append((MERGEFLOW, large))
    head = ["", *(who if who == NOTHING else f"{NAMES.get(who, who)}, {dags:,} DAGs" for who, dags in columns)]
    lines = [
        [row.title, *(spread(samples, row.key, dags, who, form_of(row)) for who, dags in columns)]
        for row in (MERGE, IDLE, COLD, UP)
    ]
    errors = [fact for name, fact in samples.facts.items() if name.startswith(f"import errors: {MERGEFLOW}")]
    limits = "\nNo import of Mergeflow's ran into Airflow's time limits, which are as shipped.\n" if errors else ""
    return f"""\
## In a running Airflow

Mergeflow as `mergeflow up` ships it: SQLite, all components on this machine. dag-factory in the same Airflow with
Airflow's own Git bundle, its defaults for parsing again, and the same interval of looking for commits. A merge changes
a DAG or adds one, and is live when Airflow's database has it. CPU is that of the dag-processor and all its children,
in % of a core, once it has settled; "{NOTHING}" is Airflow's own loop over an empty folder, and nothing can take less.

{table(head, lines)}
Medians; in brackets the lowest and the highest.
{limits if not any(errors) else ""}"""


def _memory(samples: Samples) -> str:
    main, large = _main(samples), max(_sizes(samples))
    asked = (
        (f"build of {main:,} DAGs", BUILD.key, main, (*ALL, CONFIG_ERRORS)),
        (f"build of {large:,} DAGs", BUILD.key, large, (*ALL, CONFIG_ERRORS)),
        ("task start", TASK_START.key, main, (MERGEFLOW, DAG_FACTORY)),
        ("check of one file", CHECK_FILE.key, main, (MERGEFLOW, LINT)),
        (f"check of {main:,} DAGs", CHECK_FLEET.key, main, (MERGEFLOW, LINT)),
        (f"plan in {main:,} DAGs", PLAN.key, main, (MERGEFLOW,)),
    )
    lines = [
        (
            title,
            ", ".join(
                f"{NAMES.get(who, who)} {median(samples, f'{row}/peak', dags, who, mebibytes)}"
                for who in whom
                if samples.of(f"{row}/peak", dags, who)
            ),
        )
        for title, row, dags, whom in asked
    ]
    imports = ", ".join(f"{NAMES.get(who, who)} {median(samples, f'{BUILD.key}/imports', main, who)}" for who in ALL)
    return (
        "## Memory\n\nWhat a process had at its peak; with a parse, Airflow's imports are most of it.\n\n"
        + table(("", "MiB"), lines)
        + f"\nThe imports before a parse, Airflow's among them: {imports}.\n"
    )


def _machine(samples: Samples) -> str:
    facts = samples.facts
    versions = ", ".join(f"{name} {number}" for name, number in facts.get("versions", {}).items())
    return f"""\
## Where and when

{facts.get("machine", "")}.
{versions}.
{facts.get("date", "")}; {facts.get("rounds", 0)} rounds at {_main(samples):,} DAGs, fewer of what takes long at others.
"""


def _cells(samples: Samples, row: str, dags: int, contenders: Sequence[str]) -> list[str]:
    return [median(samples, row, dags, who) for who in contenders]


def _lines(samples: Samples, row: str) -> dict[str, list[tuple[float, float]]]:
    """The medians over the sizes, by contender; a line needs two of them."""
    found = {
        who: [(float(dags), statistics.median(own)) for dags in _sizes(samples) if (own := samples.of(row, dags, who))]
        for who in ALL
    }
    return {NAMES.get(who, who): line for who, line in found.items() if len(line) > 1}


def _main(samples: Samples) -> int:
    return int(samples.facts["fleet"])


def _sizes(samples: Samples) -> list[int]:
    return list(samples.facts["sizes"])
