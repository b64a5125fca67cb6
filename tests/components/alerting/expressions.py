"""The part of CloudWatch's metric math that alarms and dashboard use: arithmetic, comparisons and some functions.

Source: CloudWatch's user guide, "Metric math syntax and functions". Between two series a missing point counts as 0;
a point that both miss stays missing, and a division by zero is dropped.
"""

import ast
import functools
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

# One value for each period, the newest last; None is a missing point.
Series: TypeAlias = tuple[float | None, ...]
Value: TypeAlias = "float | Series | list[Series]"

_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.Pow: math.pow,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
# CloudWatch's operators and Python's. Metric ids begin with a lowercase letter, so none is replaced.
_OPERATORS = ((r"&&|\bAND\b", " and "), (r"\|\||\bOR\b", " or "), (r"\^", "**"))


def evaluate_expression(expression: str, values: Mapping[str, Series]) -> Series:
    """Return the series of an expression, from the series of the ids in it."""
    text = expression
    for pattern, python in _OPERATORS:
        text = re.sub(pattern, python, text)
    length = len(next(iter(values.values())))
    result = _Math(values, length).value(ast.parse(text.strip(), mode="eval").body)
    if not isinstance(result, tuple):
        raise ValueError(f"{expression}: expected one series")  # noqa: TRY004  # the expression is wrong, not a type
    return result


class _Math:
    """Evaluates the nodes of an expression; unsupported syntax raises ValueError."""

    def __init__(self, values: Mapping[str, Series], length: int) -> None:
        self._values = values
        self._length = length
        self._functions: Mapping[str, Callable[[Sequence[ast.expr]], Value]] = {
            "FILL": self._fill,
            "IF": self._if,
            "ABS": lambda args: self._each(abs, *args),
            "AVG": self._average,
            "TIME_SERIES": lambda args: self._series(args[0]),
            "SUM": lambda args: self._over(args, sum),
            "MIN": lambda args: self._over(args, min),
            "MAX": lambda args: self._over(args, max),
        }

    def value(self, node: ast.expr) -> Value:
        result: Value | None = None
        match node:
            case ast.Constant(value=int() | float() as number):
                result = float(number)
            case ast.Name(id=name):
                result = self._values.get(name)
            case ast.List(elts=elements):
                result = [self._series(element) for element in elements]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                result = self._each(operator.neg, operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                result = self._paired(_ARITHMETIC[type(op)], self.value(left), self.value(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                result = self._paired(_COMPARISONS[type(op)], self.value(left), self.value(right))
            case ast.BoolOp(op=op, values=values):
                both = _and if isinstance(op, ast.And) else _or
                result = functools.reduce(functools.partial(self._paired, both), map(self.value, values))
            case ast.Call(func=ast.Name(id=name), args=args) if name in self._functions:
                result = self._functions[name](args)
            case _:
                pass
        if result is None:
            raise ValueError(f"unsupported: {ast.unparse(node)}")
        return result

    def _series(self, node: ast.expr) -> Series:
        return self._spread(self.value(node))

    def _spread(self, value: Value) -> Series:
        if isinstance(value, list):
            raise ValueError("expected one series, not a list")  # noqa: TRY004  # the expression is wrong
        return value if isinstance(value, tuple) else (value,) * self._length

    def _each(self, function: Callable[[float], float], node: ast.expr) -> Value:
        value = self.value(node)
        if isinstance(value, float):
            return function(value)
        return tuple(None if point is None else function(point) for point in self._spread(value))

    def _paired(self, function: Callable[[float, float], float], left: Value, right: Value) -> Value:
        if isinstance(left, float) and isinstance(right, float):
            return float(function(left, right))
        series = [value for value in (left, right) if isinstance(value, tuple)]
        points: list[float | None] = []
        for index, (first, second) in enumerate(zip(self._spread(left), self._spread(right), strict=True)):
            if all(each[index] is None for each in series):
                points.append(None)
                continue
            try:
                points.append(float(function(first or 0.0, second or 0.0)))
            except ZeroDivisionError:
                points.append(None)
        return tuple(points)

    def _fill(self, args: Sequence[ast.expr]) -> Value:
        series, filler = self._series(args[0]), args[1]
        if isinstance(filler, ast.Name) and filler.id == "REPEAT":
            filled: list[float | None] = []
            for point in series:
                filled.append(filled[-1] if point is None and filled else point)
            return tuple(filled)
        return tuple(
            other if point is None else point for point, other in zip(series, self._series(filler), strict=True)
        )

    def _if(self, args: Sequence[ast.expr]) -> Value:
        condition, then = self._series(args[0]), self._series(args[1])
        otherwise = self._series(args[2]) if len(args) == 3 else (None,) * self._length
        return tuple(
            None if test is None else yes if test else no
            for test, yes, no in zip(condition, then, otherwise, strict=True)
        )

    def _average(self, args: Sequence[ast.expr]) -> Value:
        points = [point for point in self._series(args[0]) if point is not None]
        return sum(points) / len(points) if points else (None,) * self._length

    def _over(self, args: Sequence[ast.expr], function: Callable[[list[float]], float]) -> Value:
        value = self.value(args[0])
        if not isinstance(value, list):
            raise ValueError("SUM, MIN and MAX require a list of series")  # noqa: TRY004  # as above
        columns = ([point for point in column if point is not None] for column in zip(*value, strict=True))
        return tuple(float(function(points)) if points else None for points in columns)


def _and(left: float, right: float) -> bool:
    return bool(left and right)


def _or(left: float, right: float) -> bool:
    return bool(left or right)
