"""The Python and the scripts under `dags/`, which is on `sys.path` in Airflow: read, never imported.

What cannot be told for sure is `unknown`: an installed package, a module that defines names as it goes, a link.
"""

import sys
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, NamedTuple

from mergeflow.code.tree import FolderTree, RevisionTree, Tree
from mergeflow.files import Unreadable
from mergeflow.plain_yaml import MAX_BYTES

if TYPE_CHECKING:
    from mergeflow.code.module import Definition, Module, Parameters

__all__ = ["DAGS", "Code", "FolderTree", "Looked", "RevisionTree", "Tree"]

DAGS = "dags"
_MOST_STEPS = 20
"""Imports of imports that are followed."""


class Looked(NamedTuple):
    """What a name turned out to be; where it is `missing` or `broken`, why, and the names that would be right."""

    verdict: Literal["function", "class", "value", "unknown", "missing", "broken"]
    message: str = ""
    near: tuple[str, ...] = ()
    name: str = ""
    """What `near` is to be compared with."""
    parameters: "Parameters | None" = None
    line: int = 0
    """The line of a broken module that stops the parser."""


UNKNOWN = Looked("unknown")


class Code:
    """Whatever configs may name under `dags/`; each module is read once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._looked: dict[str, Looked] = {}
        self._modules: dict[str, Module | None] = {}
        self._public: dict[str, tuple[str, ...]] = {}

    def find(self, dotted: str, steps: int = 0) -> Looked:
        """What stands at an import path, `callables.team.load.main`."""
        if dotted not in self._looked:
            self._looked[dotted] = UNKNOWN  # where an import leads back to itself
            self._looked[dotted] = self._find(dotted, steps)
        return self._looked[dotted]

    def find_in(self, file: str, name: str) -> Looked:
        """What a file, named by its absolute path, calls `name`; unknown for files elsewhere than in `dags/`."""
        path = PurePosixPath(file)
        root = PurePosixPath(self.tree.root.as_posix())
        if ".." in path.parts or not path.is_relative_to(root / DAGS):
            return UNKNOWN
        inside = path.relative_to(root)
        names = self.tree.names(str(inside.parent))
        if names is None:
            return UNKNOWN
        if inside.name not in names:
            return Looked("missing", f"there is no file `{inside}`", tuple(sorted(names)), inside.name)
        return self._member(str(inside), "", name, 0)

    def has_file(self, name: str) -> bool | None:
        """Whether a path relative to `dags/` names something there; none where that cannot be known."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if ".." in parts:
            return False  # Jinja refuses it
        for i, part in enumerate(parts):
            names = self.tree.names("/".join((DAGS, *parts[:i])))
            if names is None:
                return None
            if part not in names:
                return False
        return bool(parts)

    def text(self, name: str) -> tuple[str, str] | None:
        """The path and the text of a file that is named by its path relative to `dags/`."""
        if not self.has_file(name):
            return None
        path = "/".join((DAGS, *(part for part in name.split("/") if part not in ("", "."))))
        content = self.tree.read(path)
        if not isinstance(content, bytes) or len(content) > MAX_BYTES:
            return None
        try:
            return path, content.decode()
        except UnicodeDecodeError:
            return None

    def is_ours(self, segments: list[str]) -> bool:
        """Whether an import path begins in `dags/`; an installed package of the same name is not ours."""
        first, top = segments[0], self.tree.names(DAGS) or ()
        if first in sys.stdlib_module_names or first == "airflow":
            return False
        inside = (self.tree.names(f"{DAGS}/{first}") or ()) if first in top else ()
        if "__init__.py" in inside:
            return True
        if f"{first}.py" in top:
            return len(segments) == 2
        return any(each.endswith(".py") or each in segments[1:2] for each in inside)

    def _find(self, dotted: str, steps: int) -> Looked:
        *module, name = segments = dotted.split(".")
        if steps > _MOST_STEPS or not all(map(str.isidentifier, segments)) or not module or not self.is_ours(segments):
            return UNKNOWN
        found = self._locate(module)
        if isinstance(found, Looked):
            return found
        return self._member(found, ".".join(module), name, steps)

    def _locate(self, module: list[str]) -> str | Looked:
        """The file of a module, or why there is none."""
        folder = DAGS
        for i, segment in enumerate(module):
            names, last = self.tree.names(folder), i == len(module) - 1
            inside = self.tree.names(f"{folder}/{segment}") if names and segment in names else frozenset()
            if names is None or inside is None:
                return UNKNOWN
            if last and "__init__.py" in inside:
                return f"{folder}/{segment}/__init__.py"
            if f"{segment}.py" in names and "__init__.py" not in inside:
                file = f"{folder}/{segment}.py"
                if last:
                    return file
                return Looked("missing", f"an import path cannot lead inside a module, `{file}`")
            if not inside:
                return self._no_module(folder, segment, names)
            folder = f"{folder}/{segment}"
        return UNKNOWN  # a folder without `__init__.py` has what others import into it

    def _no_module(self, folder: str, segment: str, names: frozenset[str]) -> Looked:
        """A module that is not in its folder, unless something there may make it."""
        if any(name.partition(".")[0] == segment for name in names) or self._may_redirect(folder):
            return UNKNOWN
        stems = {PurePosixPath(name).stem for name in names if name.endswith(".py") or "." not in name}
        near = tuple(sorted(each for each in stems if not each.startswith(("_", "."))))
        return Looked("missing", f"there is no module `{segment}` in `{folder}/`", near, segment)

    def _may_redirect(self, folder: str) -> bool:
        """Whether a package here or above changes how its modules are found."""
        while folder != DAGS:
            if "__init__.py" in (self.tree.names(folder) or ()):
                text = self.tree.read(f"{folder}/__init__.py")
                if isinstance(text, Unreadable) or b"__path__" in text or b"sys.modules" in text:
                    return True
            folder = folder.rpartition("/")[0]
        return False

    def _member(self, file: str, dotted: str, name: str, steps: int) -> Looked:
        package = dotted if file.endswith("/__init__.py") else dotted.rpartition(".")[0]
        module = self._module(file, package)
        if module is None:
            return UNKNOWN
        if module.wrong:
            version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
            message = f"`{file}` is not {version}: {module.wrong} in line {module.line}"
            return Looked("broken", message, name=file, line=module.line)
        found = module.names.get(name)
        if found is None:
            return self._no_member(file, module, name)
        return self._follow(module, found, steps)

    def _follow(self, module: "Module", found: "Definition | None", steps: int) -> Looked:
        seen = 0
        while found and found.kind == "alias" and seen < _MOST_STEPS:
            seen += 1
            found = module.names.get(found.target)
        if found is None or found.kind == "unknown" or found.kind == "alias":  # noqa: PLR1714 - mypy narrows only this
            return UNKNOWN
        if found.kind == "import":
            origin = self.find(found.target, steps + 1)
            return origin if origin.verdict != "missing" else origin._replace(near=(), name="")
        return Looked(found.kind, parameters=found.parameters)

    def _no_member(self, file: str, module: "Module", name: str) -> Looked:
        folder, _, base = file.rpartition("/")
        names = self.tree.names(folder) or frozenset()
        is_module = base == "__init__.py" and any(each.partition(".")[0] == name for each in names)
        if module.loose or is_module or (name.startswith("__") and name.endswith("__")):
            return UNKNOWN
        if file not in self._public:
            self._public[file] = tuple(_public(module))
        return Looked("missing", f"`{file}` defines no `{name}`", self._public[file], name)

    def _module(self, file: str, package: str) -> "Module | None":
        """A module, parsed when it is first asked for; only then is the parser imported."""
        if file not in self._modules:
            from mergeflow.code.module import read_module

            content = self.tree.read(file)
            readable = isinstance(content, bytes) and len(content) <= MAX_BYTES
            self._modules[file] = read_module(content, package) if readable and isinstance(content, bytes) else None
        return self._modules[file]


def _public(module: "Module") -> Iterator[str]:
    """The names that a config may have meant: what can be called, then values."""
    kinds = {each: found.kind for each, found in module.names.items() if not each.startswith("_")}
    yield from (each for each in sorted(kinds) if kinds[each] in ("function", "class"))
    yield from (each for each in sorted(kinds) if kinds[each] == "value")
