"""Signatures, annotations, docstrings and deprecations are read from the source as a person would read them."""

import ast
import textwrap
import warnings
from collections.abc import Sequence
from typing import Any

import pytest

from mergeflow.airflow.introspect.annotation import notation
from mergeflow.airflow.introspect.deprecation import deprecation
from mergeflow.airflow.introspect.docs import description, parameter_docs
from mergeflow.airflow.introspect.signature import parameters_of


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("annotation", "type_"),
    [
        ("str", "str"),
        ("str | None", "str|None"),
        ("None | str", "str|None"),
        ("Optional[str]", "str|None"),
        ("typing.Union[int, 'str', None]", "int|str|None"),
        ("list[str] | dict[str, Any]", "list|dict"),
        ("Sequence[str]", "list|str"),
        ("Container[int]", "list"),
        ("Iterable", "list|str"),
        ("Mapping[str, int]", "dict"),
        ("Literal['a', 'b']", "'a'|'b'"),
        ("Literal['a b']", "Any"),
        ("Annotated[int, Field(gt=0)]", "int"),
        ("datetime.timedelta | float", "timedelta|float"),
        ("Callable[[int], str]", "Callable"),
        ("str | ArgNotSet", "str"),
        ("x if y else z", "Any"),
    ],
)
def test_an_annotation_becomes_a_union_of_names(annotation: str, type_: str) -> None:
    assert notation(_expression(annotation)) == type_


def test_a_default_of_none_is_one_of_the_types() -> None:
    assert notation(_expression("str"), ast.Constant(None)) == "str|None"
    assert notation(None, ast.Constant(None)) == "Any"


def setting() -> bool:
    return True


class Parent:
    """Does one thing. And more.

    :param path: where ``it`` is, see :ref:`the guide <howto>`. Then more.
    :param dag_id: which :class:`~airflow.sdk.DAG` (templated)
    """

    template_fields: Sequence[str] = ("path",)

    def __init__(self, *, path: str, dag_id: str = "x", flag: bool = setting(), **kwargs: Any) -> None:
        self.path, self.dag_id, self.flag, self.more = path, dag_id, flag, kwargs.pop("by_hand", 5)


class Child(Parent):
    """A child.

    .. deprecated:: 2.0
        Use :class:`Parent` instead. It is better.
    """

    def __init__(self, *, own: "int | None" = None, path: str = "/", **kwargs: Any) -> None:
        super().__init__(path=path, dag_id="fixed", **kwargs)
        self.own = own


def test_a_class_takes_what_it_hands_on_but_not_what_it_sets_itself() -> None:
    found = parameters_of(Child)
    assert set(found) == {"own", "path", "flag", "by_hand"}
    assert found["path"].default == '"/"'
    assert found["own"].type == "int|None"


def test_a_default_that_is_computed_is_left_unsaid() -> None:
    found = parameters_of(Parent)
    assert found["flag"].default == "..."
    assert found["dag_id"].default == '"x"'
    assert found["path"].required


def test_template_fields_and_docs_are_said_of_each_parameter() -> None:
    found = parameters_of(Parent)
    assert found["path"].template
    assert not found["dag_id"].template
    assert found["path"].description == "where it is, see the guide"
    assert parameter_docs(Child)["dag_id"] == "which DAG"


def test_the_first_sentence_says_what_a_class_does() -> None:
    assert description(Parent) == "Does one thing"


class Fills(Parent):
    """A class."""

    def __init__(self, **kwargs: Any) -> None:
        if "path" not in kwargs:
            kwargs["path"] = "/"
        kwargs.setdefault("dag_id", "y")
        super().__init__(**kwargs)


def test_what_a_class_fills_in_itself_need_not_be_given() -> None:
    found = parameters_of(Fills)
    assert found["path"].default == "..."
    assert not found["path"].required


class Handles(Parent):
    """A class."""

    def __init__(self, *, conf: dict[str, Any], each: int, wait: float, other: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.conf, self.each, self.wait, self.other = conf, each, wait, other

    def execute(self, other: int) -> None:
        if isinstance(self.conf, str) or isinstance(self.each, (list, dict)) or isinstance(self.wait, int | float):
            raise TypeError(other)


def test_what_the_code_handles_may_be_given_whatever_the_annotation_says() -> None:
    types = {name: parameter.type for name, parameter in parameters_of(Handles).items()}
    assert types["conf"] == "dict|str"
    assert types["each"] == "int|list|dict"
    assert types["wait"] == "float"
    assert types["other"] == "str"


class Warns(Parent):
    """A class."""

    def __init__(self, **kwargs: Any) -> None:
        warnings.warn("Warns is old. Please use Parent.", DeprecationWarning, stacklevel=2)
        super().__init__(**kwargs)


class WarnsOfAParameter(Parent):
    """A class."""

    def __init__(self, old: str | None = None, **kwargs: Any) -> None:
        if old:
            warnings.warn("old is old", DeprecationWarning, stacklevel=2)
        super().__init__(**kwargs)


def test_a_class_is_deprecated_by_its_docstring_or_by_a_warning_that_always_comes() -> None:
    assert deprecation(Child) == "Use Parent instead"
    assert deprecation(Warns) == "Please use Parent"
    assert deprecation(Parent) == ""
    assert deprecation(WarnsOfAParameter) == ""


def test_a_class_without_source_is_no_crash() -> None:
    made: dict[str, Any] = {}
    exec(textwrap.dedent("class Made:\n    def __init__(self, a): ..."), made)  # noqa: S102 - no file has its source
    assert parameters_of(made["Made"]) == {}
    assert deprecation(made["Made"]) == ""
