"""A repository's config files as one project: every DAG with its defaults merged and every value's origin kept."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from mergeflow.dag import MOST_DAGS, Dag, defines_dag, unnested
from mergeflow.diagnostic import Diagnostic, Place, Problem
from mergeflow.document import Document, parse
from mergeflow.environments import Environment, environment_of, read_environment
from mergeflow.expressions import fits
from mergeflow.files import (
    POLICY,
    TABLE_SUFFIX,
    Files,
    Unreadable,
)
from mergeflow.layers import Layer, Layers
from mergeflow.paths import DEFAULTS_NAMES, folders_of, is_config, is_defaults, suite_of
from mergeflow.plain_yaml import MAX_BYTES
from mergeflow.policy import Policy, read_policy
from mergeflow.source import START, Location
from mergeflow.tables import Table
from mergeflow.templates import Room, Sources, instances, is_made, sources_of, template_of, template_problems

T = TypeVar("T")

_TOP_KEY = re.compile(rb"""^["']?([\w.\x80-\xff-]++)["']?\s*+:""", re.MULTILINE)


@dataclass(frozen=True)
class Project:
    """All that the config files of a repository say. Nothing here is checked beyond being YAML."""

    documents: Mapping[str, Document]
    refused: tuple[Diagnostic, ...] = ()
    """Why a file is no document; whatever stands below a refused `defaults.yml` is not known for sure."""
    paths: tuple[str, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    """What may be a dag_id in files that are no documents, because they were refused or not needed."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    """The CSV files that a `for_each` may name, by path."""
    environment: str | None = None
    """The environment that is chosen; an empty name where it is sure that there is none."""
    beside: frozenset[str] = frozenset()
    """Paths that were read only because the DAGs in question have to do with theirs."""
    wanted: str | None = None
    """The one DAG that is made and looked at, where Airflow starts a task of it; none: all."""
    _kept: dict[str, tuple[object, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def kept(self, name: str, known: object, work: Callable[[], T]) -> T:
        """What several rules ask of the project, worked out once for the same surroundings."""
        if name not in self._kept or self._kept[name][0] is not known:
            self._kept[name] = known, work()
        found: T = self._kept[name][1]
        return found

    @cached_property
    def dags(self) -> tuple[Dag, ...]:
        """Every DAG, in the order of the files."""
        return tuple(each.dag for each in self.named if not (each.problems or each.waits))

    @cached_property
    def making(self) -> tuple[Problem, ...]:
        """What is wrong with templates, and with what DAGs should be made from them or for items."""
        unmade = (problem for each in self.named for problem in each.problems)
        of_templates = (each for document in self.templates.values() for each in template_problems(document))
        return (*of_templates, *unmade)

    @cached_property
    def unmade(self) -> frozenset[str]:
        """The ids of the DAGs that could not be made."""
        return frozenset(each.dag.dag_id for each in self.named if each.problems or each.waits)

    @cached_property
    def templates(self) -> Mapping[str, Document]:
        """The documents of templates, by name."""
        return {name: each for each in self.documents.values() if (name := template_of(each.path))}

    @cached_property
    def made_from(self) -> Mapping[str, frozenset[str]]:
        """For each file whose DAGs must be made, the paths of their templates and of their items, there or not."""
        return {
            path: frozenset(source for data in _mappings(document.data) for source in sources_of(path, data))
            for path, document in self.documents.items()
            if "template" in document.text or "for_each" in document.text
        }

    @property
    def asked(self) -> Iterator[Dag]:
        """The DAGs in question: what others want of each other nobody has read far enough to tell."""
        return (dag for dag in self.dags if dag.path not in self.beside)

    @property
    def configs(self) -> Iterator[Document]:
        """The documents that define DAGs."""
        return (
            each
            for each in self.documents.values()
            if is_config(each.path) and not is_defaults(each.path) and each.path not in self._items_files
        )

    @property
    def defaults(self) -> Iterator[Document]:
        """The `defaults.yml` documents."""
        return (each for each in self.documents.values() if is_config(each.path) and is_defaults(each.path))

    @cached_property
    def policy(self) -> Policy:
        """What the repository's policy asks; nothing where it has none, or none that can be read."""
        document = self.documents.get(POLICY)
        return read_policy(document.data if document else None)

    @cached_property
    def suites(self) -> Mapping[str, Document]:
        """The documents of expectation suites, by name: `transactions/labels` for the suite `labels` of a team."""
        return {name: each for each in self.documents.values() if (name := suite_of(each.path))}

    def locate(self, place: Place) -> Location:
        """The line and column of a place: in a table a row is its line, in a file that cannot be read the first."""
        if place.path in self.tables:
            return self.tables[place.path].locate(place.route)
        document = self.documents.get(place.path)
        return document.locate(place.route, place.part) if document else Location(place.path, START)

    def line(self, location: Location) -> str:
        """The text of the line that a location begins on; empty where the file cannot be read."""
        read = self.tables.get(location.path) or self.documents.get(location.path)
        return read.line(location.span.start.line) if read else ""

    def below(self, path: str) -> Iterator[str]:
        """The paths that a file has a say in: itself; for a `defaults.yml`, all in its folder and deeper."""
        folder, _, name = path.rpartition("/")
        hidden = name == DEFAULTS_NAMES[1] and f"{folder}/{DEFAULTS_NAMES[0]}" in self.paths
        if hidden or not is_defaults(path):
            return iter((path,))
        return (each for each in self.paths if each.startswith(f"{folder}/"))

    @cached_property
    def named(self) -> tuple["Named", ...]:
        """Every DAG that a file names, each with what keeps it from being made."""
        return tuple(found for document in self.configs for found in self._dags_of(document))

    @cached_property
    def _items_files(self) -> frozenset[str]:
        """The files that hold items for a `for_each`, and so no DAGs."""
        return frozenset(chain.from_iterable(self.made_from.values()))

    @cached_property
    def environments(self) -> Mapping[str, Environment]:
        """The environments, by name."""
        named = ((environment_of(document.path), document) for document in self.documents.values())
        return {name: read_environment(name, document) for name, document in named if name}

    def joined(self, other: "Project") -> "Project":
        """The files of both, in the order of their paths."""
        return replace(
            self,
            documents=dict(sorted((*self.documents.items(), *other.documents.items()))),
            refused=(*self.refused, *other.refused),
            paths=tuple(sorted((*self.paths, *other.paths))),
            elsewhere=self.elsewhere | other.elsewhere,
            tables={**self.tables, **other.tables},
        )

    def within(self, environment: str) -> "Project":
        """The same files in an environment; in none with an empty name."""
        return replace(self, environment=environment)

    @cached_property
    def _variables(self) -> Mapping[str, Any] | None:
        """What `${{ vars }}` stands for; not known where there are environments and none is chosen."""
        if self.environment is None and self.environments:
            return None
        chosen = self.environments.get(self.environment or "")
        return chosen.variables if chosen else {}

    def _patches(self, dag_id: str, own: Layer) -> tuple[Layer, ...]:
        chosen = self.environments.get(self.environment or "")
        return chosen.layers(dag_id, own) if chosen else ()

    def _dags_of(self, document: Document) -> Iterator["Named"]:
        if not isinstance(document.data, dict) or unnested(document.data):
            return
        block = Layer(document.path, ("default",), _mapping(document.data.get("default")))
        files, room = self._defaults_of(document.path), Room()
        for dag_id, data in document.data.items():
            if not isinstance(dag_id, str) or not defines_dag(dag_id, data) or not isinstance(data, dict):
                continue
            if not is_made(document, data):
                if self.wanted not in (None, dag_id):
                    continue
                own = Layer(document.path, (dag_id,), data)
                yield Named(Dag(dag_id, document.path, Layers(own, block, files, patches=self._patches(dag_id, own))))
                continue
            if self.wanted is not None and not fits(self.wanted.encode(), dag_id.encode("utf-8", "replace")):
                continue
            sources = Sources(self.templates, self.documents, self.tables, self._variables, self.wanted)
            for each in instances(document, dag_id, data, sources, room):
                patches = self._patches(each.dag_id, each.own)
                layers = Layers(each.own, block, files, each.template, each.made, patches)
                yield Named(Dag(each.dag_id, document.path, layers), each.problems, each.waits)

    def _defaults_of(self, path: str) -> tuple[Layer, ...]:
        found = (self._folder_defaults.get(folder) for folder in folders_of(path))
        return tuple(layer for layer in found if layer)

    @cached_property
    def _folder_defaults(self) -> dict[str, Layer]:
        folders: dict[str, Layer] = {}
        for name in reversed(DEFAULTS_NAMES):
            for path, document in self.documents.items():
                if path.endswith(f"/{name}"):
                    folders[path.rpartition("/")[0]] = Layer(path, (), _mapping(document.data))
        return folders


class Named(NamedTuple):
    """A DAG that a file names, and what keeps it from being made: problems, or that no environment is chosen yet."""

    dag: Dag
    problems: tuple[Problem, ...] = ()
    waits: bool = False


def load(files: Files) -> Project:
    """Read config files into a project; what cannot be read is a diagnostic of the project, never an exception."""
    documents: dict[str, Document] = {}
    refused: list[Diagnostic] = []
    tables: dict[str, Table] = {}
    for path, content in files.items():
        if path.endswith(TABLE_SUFFIX) and isinstance(content, bytes) and len(content) <= MAX_BYTES:
            tables[path] = Table(path, content)
            continue
        read = _read(path, content)
        if isinstance(read, Document):
            documents[path] = read
        else:
            refused.append(read)
    broken = (files[each.location.path] for each in refused)
    elsewhere = frozenset(key for content in broken if isinstance(content, bytes) for key in top_keys(content))
    return Project(documents, tuple(refused), tuple(files), elsewhere, tables)


def top_keys(content: bytes) -> Iterator[str]:
    """What looks like a key at the beginning of a line: told from the text, so also where it cannot be parsed."""
    return (key.decode("utf-8", "replace") for key in _TOP_KEY.findall(content))


def _read(path: str, content: bytes | Unreadable) -> Document | Diagnostic:
    if isinstance(content, Unreadable):
        hint = "make it a regular file that everybody may read"
        return Diagnostic(
            Location(path, START), "unreadable-file", f"cannot read this file: {content.reason}", hint=hint
        )
    read = parse(path, content)
    if isinstance(read, Document) and isinstance(read.data, dict) and len(read.data) > MOST_DAGS and is_config(path):
        message = f"the file has {len(read.data):,} entries, and {MOST_DAGS:,} are the most"
        return Diagnostic(Location(path, START), "invalid-yaml", message, hint="split it: one file per DAG reads best")
    return read


def _mappings(data: object) -> Iterator[Mapping[str, Any]]:
    return (each for each in data.values() if isinstance(each, dict)) if isinstance(data, dict) else iter(())


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
