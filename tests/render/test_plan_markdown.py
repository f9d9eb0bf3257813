"""A plan as a comment: nothing that a config says is anything but text, and it always fits."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mergeflow.github import EMPTY, MARKER
from mergeflow.plan import (
    ABSENT,
    Consequence,
    DagChange,
    FieldChange,
    Graph,
    Kind,
    Level,
    NodeChange,
    Plan,
    Reach,
)
from mergeflow.render import plan_mermaid
from mergeflow.render.plan_markdown import render

PIECES = (
    *("`", "```", "````mermaid", "~~~", "\n", "\n\n", "\r", "|", "<", ">", "</details>", "<script>", "<!--", "-->"),
    *("[a](https://x.example)", "![a](https://x.example/y.png)", "https://x.example", "www.x.example", "@everyone"),
    *(
        "#1",
        "**",
        "__",
        "*",
        "_",
        "\\",
        "&lt;",
        "&#60;",
        '"',
        "'",
        "]",
        "}",
        ")",
        ";",
        "%%{init: {}}%%",
        "end",
        "-->|x|",
    ),
    *(
        ":smile:",
        "$x$",
        "- [ ] x",
        "1. ",
        "# ",
        "> ",
        "    ",
        "\t",
        "\u202e",
        "\x1b[2J",
        "\udc80",
        "é",
        "注",
        "a",
        "b1",
        "",
    ),
)
NAMES = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
VALUES = st.one_of(NAMES, st.just(ABSENT), st.lists(NAMES, max_size=3), st.dictionaries(NAMES, NAMES, max_size=2))
FIELDS = st.builds(FieldChange, NAMES, VALUES, VALUES, NAMES)
NODES = st.builds(
    NodeChange, st.sampled_from(Kind), st.just("task"), NAMES, st.tuples(FIELDS), NAMES, NAMES, st.tuples(NAMES)
)
STATES = st.sampled_from(["same", "added", "changed", "removed"])
GRAPHS = st.builds(
    Graph,
    st.dictionaries(NAMES, STATES, max_size=5),
    st.dictionaries(NAMES, STATES, max_size=3),
    st.dictionaries(st.tuples(st.sampled_from(["task", "task group"]), NAMES), NAMES, max_size=4),
    st.dictionaries(st.tuples(NAMES, NAMES), STATES, max_size=4),
)
CHANGES = st.builds(
    DagChange,
    st.sampled_from(Kind),
    NAMES,
    NAMES.map(lambda name: f"configs/{name}/a.yaml"),
    st.tuples(FIELDS),
    st.tuples(NODES),
    st.integers(0, 9),
    NAMES,
    NAMES,
    indirect=st.booleans(),
    through=st.tuples(NAMES),
    reaches=st.tuples(st.builds(Reach, NAMES, NAMES)),
    graph=GRAPHS,
)
TOLD = st.builds(Consequence, st.just("x"), st.sampled_from(Level), NAMES, st.tuples(NAMES) | st.just(()), NAMES)
PLANS = st.builds(Plan, st.lists(CHANGES, max_size=4).map(tuple), st.lists(TOLD, max_size=4).map(tuple))

OURS = re.compile(r"</?(details|summary|b|sub)>")
LABEL = r'"(?! *")(?:[^\W_]| |#\d+;)+"'
MERMAID = re.compile(
    rf"flowchart LR|  +t\d+(?:\[|\(\[|\[\[|\{{\{{){LABEL}(?:\]|\]\)|\]\]|\}}\}})|  +subgraph g\d+\[{LABEL}\]|  +end"
    r"|  [tg]\d+ (?:-->|==>|-\.->) [tg]\d+|  classDef (?:added|changed|removed) [\w:#,\- ]+|  class t\d+(?:,t\d+)* \w+"
)


def leaves(tokens: list[Any]) -> list[Any]:
    return [leaf for token in tokens for leaf in ((token, *leaves(token.children)) if token.children else (token,))]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLANS, NAMES, NAMES, NAMES.map("3 errors in {}".format), st.integers(0, 2))  # checks begin with our own words
@example(Plan((DagChange(Kind.ADDED, "</details>\n```\n@all", "configs/<b>/a.yaml"),)), "`", "``", "", 1)
def test_no_name_is_markup(plan: Plan, base: str, head: str, checks: str, errors: int) -> None:
    text = render(plan, base, head, checks, errors)
    tokens = leaves(MarkdownIt("commonmark", {"html": True, "linkify": False}).parse(text))
    kinds = {token.type for token in tokens}
    assert kinds <= {
        *("inline", "text", "code_inline", "softbreak", "fence", "html_block", "html_inline", "text_special", "entity"),
        *("paragraph_open", "paragraph_close", "heading_open", "heading_close", "strong_open", "strong_close"),
        *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
        *(("blockquote_open", "blockquote_close") if errors else ()),
    }
    for token in tokens:
        if token.type in ("html_block", "html_inline"):
            left = OURS.sub("", token.content.replace(MARKER, "").replace(EMPTY, ""))
            assert "<" not in re.sub(r"<sub>.*", "", left), token.content
        elif token.type == "fence":
            assert token.info in ("diff", "mermaid")
        elif token.type == "text":
            assert not re.search(r"@\w|#\d|https?://|www\.x", token.content)
    for token in tokens:
        if token.type == "fence" and token.info == "mermaid":
            assert all(MERMAID.fullmatch(line) for line in token.content.splitlines()), token.content
    assert text.count("<details>") == text.count("\n</details>\n")
    assert text.endswith(f"{MARKER}\n")
    assert all(char.isprintable() or char in "\n\ufe0f" for char in text)


def many(number: int) -> Plan:
    node = NodeChange(Kind.CHANGED, "task", "load", (FieldChange("x", "a" * 90, "b" * 90),))
    graph = Graph({"load": "changed", "other": "same"}, {}, {}, {("load", "other"): "same"})
    change = (
        DagChange(Kind.CHANGED, f"dag_{i}", f"configs/t{i % 7}/a.yaml", nodes=(node,), graph=graph)
        for i in range(number)
    )
    told = (Consequence("x", Level.ATTENTION, "é" * 1000, (f"dag_{i}",) * 50, "p") for i in range(number))
    return Plan(tuple(change), tuple(told))


@pytest.mark.parametrize("number", [1, 50, 200, 3000])
def test_it_fits_and_says_where_the_rest_is(number: int) -> None:
    text = render(many(number), "main", "head")
    assert len(text.encode()) <= 65_000
    shown = text.count("changed `dag_")
    left = re.search(r"\*\*([\d,]+) more DAGs? would not fit here:\*\* `mergeflow plan`", text)
    assert shown + (int(left[1].replace(",", "")) if left else 0) == number
    assert (left is None) == (number < 200)
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0
    assert text.endswith(f"{MARKER}\n")


def test_the_first_line_can_be_read_in_a_notification() -> None:
    first = render(many(2), "main", "head").partition("\n")[0]
    assert first == "**0 added, 2 changed, 0 removed · 2 to decide upon**"


def test_errors_come_first_also_when_no_dag_changes() -> None:
    text = render(Plan(), "main", "head", "2 errors in 1 of 3 files", errors=2)
    assert text.startswith("**⛔ 2 errors · nothing changes**\n\n> [!CAUTION]\n> 2 errors in 1 of 3 files: ")
    assert EMPTY not in text


def test_a_plan_of_nothing_says_that_nobody_needs_it() -> None:
    lines = render(Plan(), "main", "head", "no problems").splitlines()
    assert [line for line in lines if line][-2:] == [EMPTY, MARKER]
    assert EMPTY not in render(many(1), "main", "head")


def test_a_task_alone_is_not_drawn() -> None:
    assert not plan_mermaid.render(Graph({"load": "added"}, {}, {}, {}))


def test_of_a_large_dag_only_what_changes_is_drawn() -> None:
    tasks: dict[str, Any] = {f"t{i}": "same" for i in range(100)} | {"t50": "changed"}
    edges: dict[tuple[str, str], Any] = {(f"t{i}", f"t{i + 1}"): "same" for i in range(99)}
    drawn = plan_mermaid.render(Graph(tasks, {}, {}, edges))
    assert [name for name in tasks if f'"{name}"' in drawn or f'"#126; {name}"' in drawn] == ["t49", "t50", "t51"]
    assert not plan_mermaid.render(Graph(dict.fromkeys(tasks, "added"), {}, {}, edges))
