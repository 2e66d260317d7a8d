"""Every public name is there, in the room where it is said to be."""

import ast
from pathlib import Path

import pytest

import rtkit


@pytest.mark.parametrize("name", rtkit.__all__)
def test_every_public_name_can_be_had(name):
    assert getattr(rtkit, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        rtkit.nonsense  # noqa: B018


def test_type_checkers_see_the_same_names_as_users():
    tree = ast.parse(Path(rtkit.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.asname for line in block.body for alias in line.names}
    assert seen == set(rtkit.__all__) - {"__version__"}


def test_no_module_bears_the_name_of_a_public_function():
    modules = {path.stem for path in Path(rtkit.__file__).parent.rglob("*.py")}
    functions = {n for n in rtkit.__all__ if n.islower() and n != "plots" and n != "__version__"}
    assert not modules & functions
