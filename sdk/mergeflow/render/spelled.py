"""Values as YAML spells them on one line."""

import math
from typing import Any

import yaml


def spelled(value: Any) -> str:
    """A value as YAML writes it on one line, so that the text `1` differs from the number 1."""
    dumped = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, allow_unicode=True, sort_keys=False, width=math.inf
    )
    return str(dumped).removesuffix("\n").removesuffix("\n...")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write a value out wherever it stands: an anchor would name nothing that the reader sees."""
        del data
        return True
