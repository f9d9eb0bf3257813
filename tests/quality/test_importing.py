"""What holding a suite against a database leaves out of memory, and that nothing is missing afterwards."""

import subprocess
import sys
from pathlib import Path

LOOKS = """
import sys
from sqlalchemy import create_engine, text
from mergeflow.quality.batch import of_table

engine = create_engine("sqlite://")
with engine.begin() as connection:
    connection.execute(text("CREATE TABLE orders (id INTEGER)"))
of_table(engine, "orders").close()
assert "great_expectations" in sys.modules
print(*sorted({each.partition(".")[0] for each in sys.modules} & {"pyarrow", "scipy", "altair"}))

import pandas as pd

pd.DataFrame({"id": [1], "name": ["a"]}).to_parquet(sys.argv[1])
print(pd.read_parquet(sys.argv[1]).to_dict("records"))
"""


def test_a_database_needs_no_arrow_and_a_parquet_file_can_be_read_all_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", LOOKS, str(tmp_path / "orders.parquet")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["", "[{'id': 1, 'name': 'a'}]"], done.stderr
