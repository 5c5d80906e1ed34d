"""Whether code shown on a page is the library's own, whatever its line breaks; docstrings may be left out."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any


def bare(node: ast.AST) -> str:
    """A definition without docstrings, comments and layout."""
    for part in ast.walk(node):
        body = getattr(part, "body", None)
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(part) is not None:
            part.body = body[1:] or [ast.Pass()]
    return ast.dump(node)


def definitions(code: str) -> dict[str, ast.AST]:
    """Name -> definition of each function and class at the top of ``code``, and "Class.method" of each method."""
    found: dict[str, ast.AST] = {}
    for node in ast.parse(textwrap.dedent(code)).body:
        assert isinstance(node, (ast.FunctionDef, ast.ClassDef)), ast.unparse(node)
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        else:
            found |= {f"{node.name}.{part.name}": part for part in node.body if isinstance(part, ast.FunctionDef)}
    return found


def differing(code: str, *own: Any) -> list[str]:
    """Names of the functions and methods in ``code`` that are not among ``own`` (functions, methods, classes)."""
    sources: dict[str, str] = {}
    for thing in own:
        for name, node in definitions(inspect.getsource(thing)).items():
            sources[name] = bare(node)
    return [name for name, node in definitions(code).items() if sources.get(name) != bare(node)]


def names(code: str) -> list[str]:
    """Which functions and methods a listing shows."""
    return list(definitions(code))
