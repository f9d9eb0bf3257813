"""What a template asks for, and why a text is none; Jinja is only imported where a template is not plain."""

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeflow.rules.templates import read_plain, read_template

PLAIN = [
    "{{ ds }}",
    "a{{ds}}b {{- ts -}} c",
    "{{ params.symbols | tojson }}",
    "{{ params['a'][0].b }}",
    "{{ ti.xcom_pull(task_ids='a', key=\"b\") }}",
    "{{ macros.ds_add(ds, -1) | replace('-', '') }}",
    "{{ data_interval_end.strftime('%Y').lower() }}",
    "{{ true }} } }}",
    "{{ (dag_run.logical_date or dag_run.run_after).isoformat() }}",
    "{{ a.b ~ '-' ~ (c + 1) }}{{ d == e.f and g }}",
    "{{ ti.xcom_pull('a')['b'].c }}",
    "{{ ((a)) }}",
    "{{ (a or b).c(d) }}{{ (a.b or c).d or e }}",
    "{{ x | default('a') }}",
]
OTHERS = [
    "{{ a if b else c }}",
    "{{ not a }}",
    "{% for x in y %}{{ x }}{{ z.w }}{% endfor %}",
    "{# a comment #}",
    "{{ a * 2 }}",
    "{{ 1.5 }}",
    "{{ [a] }}",
    "{% do rows.append(1) %}",
]


def names(text: str) -> set[str]:
    found = read_template(text)
    assert not found.wrong
    return set(found.names)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_read_as_plain_jinja_reads_alike(text: str) -> None:
    assert read_plain(text) == read_template(text)


@pytest.mark.parametrize("text", OTHERS)
def test_jinja_reads_what_is_not_plain(text: str) -> None:
    assert read_plain(text) is None
    assert not read_template(text).wrong


@pytest.mark.parametrize(
    ("text", "line", "reason", "hint"),
    [
        ("{{ ds }", 1, "`}` cannot stand there", "close it with two braces, `}}`"),
        ("{{ ds", 1, "what is opened is never closed: `}}` is missing", "close it; "),
        ("{{ {ds }}", 1, "`}` stands where `:` is expected", ""),
        ("{{{ ds }}}", 1, "`}` stands where `:` is expected", ""),
        ("{{ }}", 1, "an expression is missing before `}}`", ""),
        ("{{ not }}", 1, "`}}` cannot stand there", ""),
        ("{{ ds | dss }}", 1, "there is no filter `dss`", "did you mean `ds`?"),
        ("{{ ds is nones }}", 1, "there is no test `nones`", "did you mean `none`?"),
        ("a\n{% if x %}\nb", 2, "`{% if %}` is never closed", "write `{% endif %}` after it"),
        ("{% if x %}{% endfor %}", 1, "`{% endfor %}` stands where `{% if %}` is still open", "end that first"),
        ("{% endfor %}", 1, "`{% endfor %}` ends nothing", "remove it"),
        ("{% else %}", 1, "`{% else %}` belongs to nothing", ""),
        ("{% frobnicate %}", 1, "there is no tag `frobnicate`", "`{% raw %}…"),
        ("${#list[@]}", 1, "the comment that `{#` begins is never closed", "`{% raw %}…"),
        ("{{ .State }}", 1, "`.` cannot stand there", "`{% raw %}…"),
        ("{{ 'a }}", 1, "a quote is never closed", "close it"),
        ("{{ a? }}", 1, "`?` cannot stand there", "`{% raw %}…"),
        ("{% raw %}x", 1, "`{% raw %}` is never closed", "write `{% endraw %}` after it"),
        ("{%", 1, "the name of a tag is missing after `{%`", ""),
    ],
)
def test_why_a_text_is_no_template(text: str, line: int, reason: str, hint: str) -> None:
    assert read_plain(text) is None
    found = read_template(text)
    assert (found.line, found.wrong) == (line, reason)
    assert found.hint.startswith(hint)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("{{ a.b(c, d=e.f)[0] | replace(g, 'h') }}", {"a", "c", "e", "g"}),
        ("{% set a = b %}{{ a }}", {"b"}),
        ("{% for a, b in c %}{{ a }}{{ b }}{{ loop.index }}{% endfor %}", {"c"}),
        ("{% macro a(b) %}{{ b }}{% endmacro %}{{ a(c) }}", {"c"}),
        ("{% set a = namespace(b=1) %}{% set a.b = c %}{{ a.b }}", {"namespace", "c"}),
        ("{% if a %}{{ b }}{% elif c %}{{ d }}{% else %}{{ e }}{% endif %}", {"a"}),
        ("{{ a if b else c }}", {"b"}),
        ("{{ a or b }}{{ c and d }}", {"a", "c"}),
        ("{{ a | default(b) }}", set()),
        ("{% if a is defined %}{{ a }}{% endif %}", set()),
        ("{% include 'a.sql' %}{{ b }}", set()),
        ("{{ true }}{{ none }}{{ False }}", set()),
    ],
)
def test_what_a_template_asks_for(text: str, asked: set[str]) -> None:
    assert names(text) == asked


def test_what_a_template_wants_of_a_variable() -> None:
    for text in ("{{ dag_run.conf }}", "{{ dag_run.conf + 'a' }}"):
        assert read_template(text).members == {("dag_run", "conf")}


@pytest.mark.parametrize(
    "text", ["{{ 'x' | center(10 ** 12) }}", "{{ 10 ** 10 ** 10 }}", "{{ " + "(" * 900 + ")" * 900 + " }}"]
)
def test_nothing_is_worked_out(text: str) -> None:
    begun = time.process_time()
    assert read_template(text) is not None
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "text", ["{{ a }}" * 140_000, "{{ f(" + "a," * 400_000, "{{ a" + ".b" * 500_000, "{{ a" + " " * 900_000]
)
def test_reading_plain_ones_takes_time_in_proportion_to_the_text(text: str) -> None:
    begun = time.process_time()
    read_plain(text)
    assert time.process_time() - begun < 2


def test_plain_templates_import_no_jinja() -> None:
    code = f"import sys; from mergeflow.rules.templates import read_plain; print(*map(read_plain, {PLAIN[:-1]!r}))"
    code += "; assert 'jinja2' not in sys.modules"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "None" not in ran.stdout


PIECES = st.sampled_from([
    "ds", "a.b", "params['k']", "f(1, k='v')", "(a or b)", "3", "'t'", " or ", " and ", " + ", "~", "==", "|", " lower",
    "()", ".c", "[0]", "(", ")", "'", "{", "}", "-", " ", "in", "not ", "if", "01", "=", ",",
])  # fmt: skip


@given(
    st.lists(PIECES, min_size=1, max_size=7).map("".join),
    st.sampled_from(["{{ %s }}", "{{-%s-}}", "x{{%s}}y", "{{{ %s }}"]),
)
def test_nothing_is_read_as_plain_that_jinja_reads_otherwise(inside: str, form: str) -> None:
    plain, parsed = read_plain(form % inside), read_template(form % inside)
    if plain is not None:
        assert (plain.names, parsed.wrong) == (parsed.names, "")
        assert plain.members <= parsed.members
