"""What a template asks for, and why a text is none; Jinja is only imported where the pattern cannot tell."""

import subprocess
import sys
import time

import pytest

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
    "{{ x | default('a') }}",
]
OTHERS = [
    "{{ (a or b).c() }}",
    "{% for x in y %}{{ x }}{{ z.w }}{% endfor %}",
    "{# a comment #}",
    "{{ a + 1 }}",
    "{{ 1.5 }}",
    "{{ ti.xcom_pull('a')['b'] }}",
    "{% do rows.append(1) %}",
]


def names(text: str) -> set[str]:
    found = read_template(text)
    assert not found.wrong
    return set(found.names)


@pytest.mark.parametrize("text", PLAIN)
def test_what_the_pattern_reads_jinja_reads_alike(text: str) -> None:
    assert read_plain(text) == read_template(text)


@pytest.mark.parametrize("text", OTHERS)
def test_jinja_reads_what_the_pattern_does_not(text: str) -> None:
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
    begun = time.monotonic()
    assert read_template(text) is not None
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "text", ["{{ a }}" * 140_000, "{{ f(" + "a," * 400_000, "{{ a" + ".b" * 500_000, "{{ a" + " " * 900_000]
)
def test_the_pattern_takes_time_in_proportion_to_the_text(text: str) -> None:
    begun = time.monotonic()
    read_plain(text)
    assert time.monotonic() - begun < 2


def test_plain_templates_import_no_jinja() -> None:
    code = f"import sys; from mergeflow.rules.templates import read_plain; print(*map(read_plain, {PLAIN[:-1]!r}))"
    code += "; assert 'jinja2' not in sys.modules"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "None" not in ran.stdout
