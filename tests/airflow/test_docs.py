"""What Airflow shows as a DAG's docs: where it comes from first, then the words of its team, then its YAML."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from mergeflow.airflow import load_dags
from mergeflow.airflow.docs import MOST_TEXT, page
from mergeflow.airflow.history import NO_HISTORY, History, note
from mergeflow.airflow.links import Remote
from mergeflow.compiler import CompiledDag
from mergeflow.compiler.origin import Item, Origin
from tests.airflow.test_history import Repository

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
PATH = "configs/payments/fx.yaml"
COMMIT, OTHER = "4c1d02e" + "0" * 33, "1" * 40
GITHUB = Remote("github.com", "shop/configs")
FX = CompiledDag("fx", PATH, {}, "fx:\n  schedule: x\n", Origin(3, owners=("ada",)))


def line(compiled: CompiledDag = FX, history: History = NO_HISTORY) -> str:
    return page(compiled, None, history).partition("\n")[0]


def rendered(text: str) -> str:
    """As HTML: with tables, and with links made of whatever looks like an address, as in Airflow's UI."""
    return str(MarkdownIt("gfm-like").render(text))


def test_the_whole_page() -> None:
    text = page(FX, "\nRates of the day.\n", History(GITHUB, "", {PATH: COMMIT}))
    assert text == (
        f"[`{PATH}:3`](https://github.com/shop/configs/blob/{COMMIT}/{PATH}#L3)"
        f" · commit [`4c1d02e`](https://github.com/shop/configs/commit/{COMMIT}) · owner `ada`\n"
        "\nRates of the day.\n"
        "\n## YAML\n"
        "\n```yaml\nfx:\n  schedule: x\n```"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert line() == "`configs/payments/fx.yaml:3` · owner `ada`"
    assert line(history=History(None, "", {PATH: COMMIT})) == f"`{PATH}:3` · commit `4c1d02e` · owner `ada`"
    assert line(history=History(GITHUB, "", {})) == line()
    assert line(replace(FX, origin=Origin())) == f"`{PATH}` · team `payments`"
    assert "None" not in page(FX, None, NO_HISTORY)


def test_several_owners() -> None:
    assert line(replace(FX, origin=Origin(3, owners=("ada", "bob")))).endswith(" · owners `ada`, `bob`")


def test_a_project_in_a_folder_is_linked_where_it_is() -> None:
    history = History(GITHUB, "data/", {f"data/{PATH}": COMMIT})
    assert line(history=history).startswith(
        f"[`{PATH}:3`](https://github.com/shop/configs/blob/{COMMIT}/data/{PATH}#L3) · commit [`4c1d02e`]("
    )


TEMPLATE = "configs/templates/nightly.yaml"


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (None, ""),
        (Item("configs/payments/pairs.csv", 12, is_line=True), " · item `configs/payments/pairs.csv:12`"),
        (Item("configs/payments/pairs.yaml", 12, is_line=False), " · item 12 of `configs/payments/pairs.yaml`"),
        (Item(PATH, 12, is_line=False), " · item 12"),
    ],
)
def test_a_dag_that_is_made_names_its_template_and_item(item: Item | None, said: str) -> None:
    made = replace(FX, origin=Origin(3, TEMPLATE, item, ("ada",)))
    assert line(made) == f"`{PATH}:3` · owner `ada` · from `{TEMPLATE}`{said}"
    linked = line(made, History(GITHUB, "", {TEMPLATE: OTHER, "configs/payments/pairs.csv": OTHER}))
    assert linked.endswith(f" · from [`{TEMPLATE}`](https://github.com/shop/configs/blob/{OTHER}/{TEMPLATE}){said}")


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "`</code><script>alert(1)</script>",
    "``` `` `",
    "](javascript:alert(1))",
    "[x](javascript:alert(1)) ![y](http://evil.example/y.png)",
    "**bold** _it_ ~~x~~ | a | http://evil.example www.evil.example a@evil.example",
    "a\n\n# heading\n\n---\n> quote\r\x0b\u2028x",
    "&lt;b&gt; &#x3c;",
    "\\`",
    "a\u202eb\x00\udcff",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_more_than_text(name: str) -> None:
    path = f"configs/payments/{name}.yaml"
    compiled = CompiledDag(name, path, {}, "fx:\n", Origin(3, path, Item(path + "c", 1, is_line=True), (name,)))
    html = rendered(page(compiled, "said", History(GITHUB, "", {path: COMMIT})))
    assert html.count("<a ") == html.count('href="https://github.com/shop/configs/') == 3
    assert (html.count("<p>"), html.count("<code>"), html.count("<h2>")) == (2, 5, 1)
    assert not any(f"<{tag}" in html for tag in ("img", "script", "strong", "em>", "h1", "hr", "table", "blockquote"))


@pytest.mark.parametrize(
    "source", ["```\n# out\n", "x: '````'\n~~~\n", "a: b\n```yaml\n```\n<script>alert(1)</script>\n"]
)
def test_the_yaml_stays_in_its_fence(source: str) -> None:
    html = rendered(page(replace(FX, source=source), None, NO_HISTORY))
    assert html.endswith("</code></pre>\n")
    assert html.count("<pre>") == 1
    assert "<h1>" not in html
    assert "<script>" not in html


def test_docs_can_be_stored_whatever_the_names_are() -> None:
    path = "configs/payments/\udcff\ud800.yaml"
    page(replace(FX, path=path), "é", NO_HISTORY).encode()


def test_a_long_file_is_cut_at_the_end_of_a_line() -> None:
    text = page(replace(FX, source="x: 1234567\n" * MOST_TEXT), None, NO_HISTORY)
    assert len(text) < MOST_TEXT + 200
    assert text.endswith("\nx: 1234567\n# … and more\n```")


# --- in a stub

FILE = f'fx:\n  schedule: "@daily"\n  start_date: 2024-01-01\n  tasks: {{run: {{operator: {EMPTY}}}}}\n'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def write(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def loaded(root: Path) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__file__": str(root / "dags/payments.py")}
    load_dags(namespace, "payments")
    return {dag.dag_id: dag for name, dag in namespace.items() if name.startswith("dag ")}


def hashes(root: Path) -> dict[str, str]:
    """By which Airflow tells versions of a DAG apart."""
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.serialization.serialized_objects import DagSerialization

    return {name: SerializedDagModel.hash(DagSerialization.to_dict(dag)) for name, dag in loaded(root).items()}


Merge = Callable[[Mapping[str, str]], dict[str, str]]


@pytest.fixture
def merge(repository: Repository) -> Merge:
    def commit(files: Mapping[str, str]) -> dict[str, str]:
        write(repository.folder, files)
        note(repository.folder, repository.commit_all(), "", "git@github.com:shop/configs.git")
        return hashes(repository.folder)

    return commit


def test_a_stubs_dags_name_the_last_commit_of_their_file(repository: Repository, merge: Merge) -> None:
    merge({PATH: f"# why\n{FILE}"})
    first = repository.head
    merge({"configs/payments/b.yaml": FILE.replace("fx:", "b:")})
    dag = loaded(repository.folder)["fx"]
    assert dag.doc_md.startswith(
        f"[`{PATH}:2`](https://github.com/shop/configs/blob/{first}/{PATH}#L2)"
        f" · commit [`{first[:7]}`](https://github.com/shop/configs/commit/{first}) · team `payments`\n"
    )
    assert "team:payments" in dag.tags


def test_a_merge_is_a_new_version_of_the_dags_of_its_files_and_of_no_others(merge: Merge) -> None:
    others = {
        "configs/payments/b.yaml": FILE.replace("fx:", "b:"),
        "configs/payments/c.yaml": FILE.replace("fx:", "c:"),
    }
    before = merge({PATH: FILE, **others})
    assert merge({"README.md": "x", "dags/payments.py": "", "configs/shop/x.yaml": "x: {}"}) == before
    after = merge({PATH: f"{FILE}  # a comment\n"})
    assert {name for name in before if before[name] != after[name]} == {"fx"}


def test_a_row_more_is_no_new_version_of_the_dags_of_other_rows(merge: Merge) -> None:
    made = FILE.replace("fx:", '"fx_${{ item.id }}":\n  for_each: {file: pairs.csv}')
    before = merge({PATH: made, "configs/payments/pairs.csv": "id\na\nb\n"})
    after = merge({"configs/payments/pairs.csv": "id\na\nb\nc\n"})
    assert set(after) - set(before) == {"fx_c"}
    assert {name: after[name] for name in before} == before


def test_for_a_task_nothing_is_looked_up(repository: Repository, merge: Merge, monkeypatch: pytest.MonkeyPatch) -> None:
    merge({PATH: f"{FILE}  doc_md: said\n"})
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "fx")
    monkeypatch.setattr("mergeflow.airflow.history.noted", lambda _: pytest.fail("looked up"))
    assert loaded(repository.folder)["fx"].doc_md == "said"


@pytest.mark.parametrize("given", ["doc_md: said", "doc_md_file_path: {root}/said.md"])
def test_a_teams_own_docs_stand_between(repository: Repository, merge: Merge, given: str) -> None:
    merge({PATH: f"{FILE}  {given}\n".replace("{root}", str(repository.folder)), "said.md": "said"})
    parts = loaded(repository.folder)["fx"].doc_md.split("\n\n")
    assert parts[0].startswith(f"[`{PATH}:1`](")
    assert parts[1:3] == ["said", "## YAML"]


def test_a_folder_that_is_no_checkout_has_docs_without_a_commit(tmp_path: Path) -> None:
    write(tmp_path, {PATH: FILE})
    assert loaded(tmp_path)["fx"].doc_md.startswith(f"`{PATH}:1` · team `payments`\n\n## YAML\n")
