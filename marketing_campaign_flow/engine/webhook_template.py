"""The body of a webhook: a template over plain values that makes JSON.

Templates are written by people who may not program the server. So there is little to a template:
values, conditions, loops over values, and a few filters. What is allowed is listed. Anything else
is refused when the template is read: calls, assignments and macros, by which one could wait or fill
the memory without end. The sandbox of Jinja2 is the second line of defence. Loops and output have
limits of their own.
"""

import contextlib
import json
from functools import lru_cache

from jinja2 import (
    StrictUndefined,
    TemplateSyntaxError,
    UndefinedError,
    filters,
    nodes,
    pass_context,
)
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from .webhook_error import WebhookError

LONGEST_TEMPLATE = 20_000  # characters
LARGEST_BODY = 64 * 1024  # characters
MOST_ROUNDS = 1000  # of all loops of one rendering

NODES = frozenset(
    {
        nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const,
        nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Keyword,
        nodes.If, nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand,
        nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos, nodes.Concat,
        nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod,
        nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair,
    }
)  # fmt: skip
LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})
OF_JINJA = (
    "abs", "capitalize", "d", "default", "first", "float", "int", "last", "length", "lower",
    "string", "title", "trim", "truncate", "upper", "urlencode",
)  # fmt: skip
TESTS_OF_JINJA = (
    "boolean", "defined", "even", "false", "none", "number", "odd", "string", "true", "undefined",
)  # fmt: skip


class _Unknown(StrictUndefined):
    """A name that is not known; says no more than which one."""

    @property
    def _undefined_message(self) -> str:
        return str(self._undefined_name)


class _Sandbox(ImmutableSandboxedEnvironment):
    # Repeating and filling up text are refused: `*` and `%` are for numbers.
    intercepted_binops = frozenset({"*", "%"})

    def call_binop(self, context, operator, left, right):
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise WebhookError("not_allowed", operator)
        return super().call_binop(context, operator, left, right)

    def getattr(self, obj, attribute):
        """Nothing but values is reached: no attribute, no method of any object."""
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj, argument):
        if isinstance(obj, StrictUndefined):
            str(obj)  # raises: it is not known itself
        if isinstance(obj, dict | list | tuple | str):
            with contextlib.suppress(LookupError, TypeError):
                return obj[argument]
        return self.undefined(obj=obj, name=argument)


def _tojson(value) -> str:
    if isinstance(value, StrictUndefined):
        str(value)  # raises: it is not known
    return json.dumps(value, ensure_ascii=False)


@pass_context
def _counted(context, values):
    """Yield the values of a loop as long as the limit of all loops allows it."""
    rounds = context["_rounds"]
    for value in values:
        rounds[0] += 1
        if rounds[0] > MOST_ROUNDS:
            raise WebhookError("rounds", MOST_ROUNDS)
        yield value


def _sandbox() -> _Sandbox:
    sandbox = _Sandbox(undefined=_Unknown, autoescape=False, optimized=False, cache_size=0)
    sandbox.globals = {}
    sandbox.filters = {name: filters.FILTERS[name] for name in OF_JINJA}
    sandbox.filters |= {"tojson": _tojson, "_counted": _counted}
    sandbox.tests = {name: TESTS[name] for name in TESTS_OF_JINJA}
    return sandbox


SANDBOX = _sandbox()


@lru_cache(maxsize=64)
def read(source: str):
    """Return a template to `render`.

    :raises WebhookError: when it cannot be understood or uses what is not allowed
    """
    if len(source) > LONGEST_TEMPLATE:
        raise WebhookError("template_size", LONGEST_TEMPLATE)
    try:
        tree = SANDBOX.parse(source)
        for node in [tree, *tree.find_all(nodes.Node)]:
            _check(node)
        code = SANDBOX.compile(tree)
    except TemplateSyntaxError as error:
        raise WebhookError("syntax", f"{error.lineno}: {error.message}") from None
    except (RecursionError, MemoryError, OverflowError):
        raise WebhookError("template_size", LONGEST_TEMPLATE) from None
    return SANDBOX.template_class.from_code(SANDBOX, code, {})


def _check(node) -> None:
    """Refuse what is not on the list; let loops be counted."""
    name = str(getattr(node, "attr", getattr(node, "name", "")) or "")
    if type(node) not in NODES or name.startswith("_"):
        raise WebhookError("not_allowed", _wording(node))
    if (isinstance(node, nodes.Filter) and node.name not in SANDBOX.filters) or (
        isinstance(node, nodes.Test) and node.name not in SANDBOX.tests
    ):
        raise WebhookError("not_allowed", node.name)
    if isinstance(node, nodes.For):
        if node.recursive:
            raise WebhookError("not_allowed", "recursive")
        node.iter = nodes.Filter(node.iter, "_counted", [], [], None, None, lineno=node.lineno)


def _wording(node) -> str:
    name = getattr(node, "attr", None) or getattr(node, "name", None)
    if isinstance(node, nodes.Call):
        name = getattr(node.node, "name", None) or getattr(node.node, "attr", "")
        return f"{name}()"
    return name if isinstance(name, str) else type(node).__name__.lower()


def render(source: str, values: dict) -> str:
    """Return the JSON that a template makes of plain values.

    :param values: dictionaries, lists, texts, numbers, truth values and None
    :raises WebhookError: when the template breaks or what it makes is no JSON
    """
    template = read(source)
    pieces, size = [], 0
    try:
        for piece in template.generate(**values, _rounds=[0]):
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST_BODY:
                raise WebhookError("body_size", LARGEST_BODY)
    except UndefinedError as error:
        raise WebhookError("unknown", error.message) from None
    except SecurityError as error:
        raise WebhookError("not_allowed", error.message) from None
    except WebhookError:
        raise
    except Exception as error:
        raise WebhookError("template", str(error) or type(error).__name__) from None
    text = "".join(pieces).strip()
    try:
        json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError) as error:
        raise WebhookError("json", error) from None
    return text


def _no_json(name):
    raise ValueError(name)
