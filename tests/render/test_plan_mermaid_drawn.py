"""The graphs of plans, really drawn: by npm's Mermaid in Chromium, as GitHub does it in the reader's browser.

Neither is a dependency of this repository. `make drawn` fetches Mermaid and must find a browser, as it does in CI;
elsewhere this is skipped where one of them is missing.
"""

import json
import os
import random
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from mergeflow.plan import Graph
from mergeflow.plan.changes import State
from mergeflow.render import plan_mermaid
from tests.conftest import ROOT
from tests.render.test_plan_markdown import PIECES

pytestmark = pytest.mark.service

PAGE = """<meta charset=utf-8><pre id=out></pre><script src="%s"></script><script>
const graphs = %s;
mermaid.initialize({startOnLoad: false, securityLevel: "strict"});
(async () => {
  const found = [];
  for (let i = 0; i < graphs.length; i++) {
    try { found.push((await mermaid.render("graph" + i, graphs[i])).svg); }
    catch (error) { found.push("error: " + error.message + "\\n" + graphs[i]); }
  }
  document.getElementById("out").textContent = JSON.stringify(found);
})();
</script>"""
GOLDEN = [
    graph
    for case in sorted((ROOT / "tests/plan/cases").glob("*/plan.md"))
    for graph in re.findall(r"```mermaid\n(.*?)\n```", case.read_text(), re.DOTALL)
]
GOLDEN += [graph.read_text() for graph in sorted((ROOT / "tests/render/graphs").glob("*.mmd"))]
STATES: tuple[State, ...] = ("same", "added", "changed", "removed")


def drawn(graphs: list[str], folder: Path) -> list[str]:
    """The graphs as SVG, or what is wrong with one."""
    mermaid, chromium = os.environ.get("MERGEFLOW_MERMAID"), shutil.which("chromium") or shutil.which("google-chrome")
    if not (mermaid and chromium):
        assert not os.environ.get("MERGEFLOW_MUST_DRAW"), "no Chromium; on Debian: apt-get install chromium"
        pytest.skip("needs Mermaid and Chromium: `apt-get install npm chromium`, then `make drawn`")
    page = folder / "page.html"
    page.write_text(PAGE % (Path(mermaid).resolve().as_uri(), json.dumps(graphs).replace("</", "<\\/")))
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", "--dump-dom")
    profile = f"--user-data-dir={folder / 'profile'}"
    done = subprocess.run(
        [chromium, *options, profile, "--allow-file-access-from-files", page.as_uri()],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    found = re.search(r'<pre id="out">(.+?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[:1000]
    listed: list[str] = json.loads(unescape(found[1]))
    return listed


def hostile(chance: random.Random) -> str:
    """A graph whose names mean something to Mermaid, to Markdown or to HTML."""

    def name() -> str:
        return "".join(chance.choice(PIECES) for _ in range(chance.randint(0, 5)))

    tasks, groups = list(dict.fromkeys(name() for _ in range(6))), [f"g{name()}", f"h{name()}"]
    within = {("task", task): chance.choice([*groups, ""]) for task in tasks} | {("task group", groups[1]): groups[0]}
    ends = [*tasks, *groups]
    edges = {(chance.choice(ends), chance.choice(ends)): chance.choice(STATES) for _ in range(6)}
    states: dict[str, State] = dict.fromkeys(groups, "same")
    return plan_mermaid.render(Graph({task: chance.choice(STATES) for task in tasks}, states, within, edges))


def test_every_graph_is_drawn_and_none_leads_anywhere(tmp_path: Path) -> None:
    chance = random.Random(1)
    graphs = [*GOLDEN, *(hostile(chance) for _ in range(40))]
    found = drawn(graphs, tmp_path)
    assert len(found) == len(graphs) >= 45
    assert not [each for each in found if not each.startswith("<svg")]
    assert not [each for each in found if re.search(r"<script|<a[ >]|href=|<img|onerror", each)]
    in_one = "".join(found[: len(GOLDEN)])
    assert all(f'class="node default {state}' in in_one for state in ("added", "changed", "removed"))
