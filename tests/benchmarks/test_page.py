"""The page and its pictures, from made-up samples."""

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks import page
from tests.benchmarks.chart import Chart, svg
from tests.benchmarks.rows import BLUEPRINT, BUILD, BUNDLE, DAG_FACTORY, GIT_BUNDLE, LINT, MERGEFLOW, ROWS, SIZES
from tests.benchmarks.samples import Key, Samples, load, newest

CONTENDERS = (MERGEFLOW, DAG_FACTORY, LINT, BLUEPRINT, "by hand", "config_errors.py", "no DAG at all")


def _xml(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 (our own)


def whole(tmp_path: Path, seconds: float = 0.001) -> Samples:
    """As if everything was measured; dag-factory takes 1,000 times as long as the others."""
    values = {
        Key(row.key, dags, who): [(seconds + dags / 1e9) * (1000 if who in {DAG_FACTORY, LINT} else 1)] * 3
        for row in ROWS
        for dags in SIZES
        for who in CONTENDERS
    }
    values |= {Key(BUILD.key, dags, DAG_FACTORY): [dags / 250] for dags in SIZES}
    values[Key(f"{BUNDLE.key}/{GIT_BUNDLE}", 1000, MERGEFLOW)] = [0.17]
    facts = {"fleet": 1000, "sizes": list(SIZES), "missing": {}, "failed": {}, "machine": "a machine", "rounds": 3}
    return Samples(tmp_path / "raw.json", values, facts)


def test_a_goal_that_is_met_says_yes_and_a_miss_is_bold(tmp_path: Path) -> None:
    found = whole(tmp_path)
    assert all(verdict.met for verdict in page.goals(found))
    assert "**no**" not in page.page(found)
    found.values[Key("check-file", 1000, MERGEFLOW)] = [0.4, 0.4, 0.4]
    assert {verdict.title for verdict in page.goals(found) if not verdict.met} == {
        "check one changed file, whole process"
    }
    assert re.search(r"\| check one changed file.*400 ms.*at most 300 ms \| \*\*no\*\* \|", page.page(found))


def test_what_was_not_measured_says_so(tmp_path: Path) -> None:
    found = whole(tmp_path)
    del found.values[Key("plan", 1000, MERGEFLOW)]
    assert re.search(r"\| plan of one.*\| - .*\| not measured \|", page.page(found))


def test_a_peer_that_is_not_installed_is_named(tmp_path: Path) -> None:
    found = whole(tmp_path)
    found.facts["missing"] = {BLUEPRINT: "ModuleNotFoundError: No module named 'blueprint'"}
    text = page.page(found)
    assert "Not installed, and so not measured: airflow-blueprint, because `ModuleNotFoundError: No module" in text


def test_the_two_bundles_stand_side_by_side(tmp_path: Path) -> None:
    found = whole(tmp_path)
    assert "with Mergeflow's,\n170 ms with Airflow's" in page.page(found)
    del found.values[Key(BUNDLE.key, 1000, MERGEFLOW)]
    assert "with Airflow's" not in page.page(found)


def test_where_the_import_limit_ends_dag_factory(tmp_path: Path) -> None:
    found = whole(tmp_path)
    assert "gets there at about 7,500 DAGs" in page.page(found)
    found.values |= {Key(BUILD.key, dags, DAG_FACTORY): [1.0] for dags in SIZES}
    assert "gets there" not in page.page(found)


def test_every_line_of_a_table_has_the_columns_of_its_head(tmp_path: Path) -> None:
    columns: int | None = None
    for line in page.page(whole(tmp_path)).splitlines():
        if not line.startswith("|"):
            columns = None
            continue
        columns = columns or line.count("|")
        assert line.count("|") == columns, line


def test_pictures_are_xml_with_a_line_and_a_label_for_each_contender(tmp_path: Path) -> None:
    for chart in page.charts(whole(tmp_path)).values():
        root = _xml(svg(chart))
        assert len(root.findall("{*}polyline")) == len(chart.lines)
        text = "".join(root.itertext())
        assert all(name in text for name in chart.lines)


def test_a_picture_escapes_what_it_is_given() -> None:
    root = _xml(svg(Chart("<&>", {"a & b": [(10, 1.0), (100, 2.0)]}, limit=(1.5, "< 2"))))
    assert "<&>" in "".join(root.itertext())


def test_labels_do_not_stand_on_each_other() -> None:
    lines = {name: [(10.0, 1.0), (100.0, 2.0)] for name in ("one", "two", "three")}
    labels = [each for each in _xml(svg(Chart("x", lines))).findall("{*}text") if "label" in each.attrib["class"]]
    heights = sorted(float(each.attrib["y"]) for each in labels)
    assert all(below - above >= 15 for above, below in itertools.pairwise(heights))


def test_more_time_is_higher_and_more_dags_are_further_right() -> None:
    picture = _xml(svg(Chart("x", {"one": [(10, 0.1), (100, 3.0), (1000, 20.0)]})))
    (line,) = picture.findall("{*}polyline")
    points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
    assert points == sorted(points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)


def test_light_and_dark_differ(tmp_path: Path) -> None:
    text = svg(page.charts(whole(tmp_path))["benchmark-build.svg"])
    light, _, dark = text.partition("prefers-color-scheme: dark")
    assert set(re.findall(r"\.stroke-0 \{ stroke: (#\w+)", light)).isdisjoint(
        re.findall(r"\.stroke-0 \{ stroke: (#\w+)", dark)
    )


def test_raw_results_come_back_as_they_were(tmp_path: Path) -> None:
    found = whole(tmp_path)
    found.note("date", "2026-11-21")
    again = load(found.path)
    assert (again.values, again.facts) == (found.values, found.facts)
    assert page.page(again) == page.page(found)


def test_the_newest_results_are_those_of_the_same_kind_that_began_last(tmp_path: Path) -> None:
    assert newest(tmp_path, "full") is None
    for name in ("full-20261121T100000Z", "full-20261122T090000Z", "quick-20261123T090000Z"):
        Samples(tmp_path / f"{name}.json").save()
    assert newest(tmp_path, "full") == tmp_path / "full-20261122T090000Z.json"


@pytest.mark.parametrize("suffix", ["", ".part"])
def test_saving_leaves_one_file(tmp_path: Path, suffix: str) -> None:
    found = whole(tmp_path)
    found.add(Key("plan", 1000, MERGEFLOW), 1.0)
    assert found.path.with_suffix(f".json{suffix}").exists() == (not suffix)
