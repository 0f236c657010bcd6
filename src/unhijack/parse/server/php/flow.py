"""One walk through the code in source order: values by origin, tests that lead to what is done.

An approximation on purpose: a variable set under a test keeps what it had before as well; a
loop's body is walked once; a method is found by its name alone. The file is walked twice: the
second time with what its functions answer and were given.
"""

from collections.abc import Callable

from unhijack.parse.server.php import calls, expressions, functions, statements, variables
from unhijack.parse.server.php.facts import Fact
from unhijack.parse.server.php.tree import Code, Node
from unhijack.parse.server.php.values import Value
from unhijack.parse.server.php.walk import Walk

_HANDLERS: dict[str, Callable[[Walk, Node], Value]] = {
    "string": expressions.string,
    "nowdoc": expressions.string,
    "encapsed_string": expressions.quoted,
    "heredoc": expressions.quoted,
    "shell_command_expression": expressions.shell,
    "string_content": expressions.raw_text,
    "escape_sequence": expressions.escape,
    "integer": expressions.number,
    "name": expressions.constant,
    "qualified_name": expressions.constant,
    "class_constant_access_expression": expressions.class_constant,
    "variable_name": variables.variable,
    "dynamic_variable_name": variables.dynamic_variable,
    "subscript_expression": variables.subscript,
    "member_access_expression": variables.member,
    "nullsafe_member_access_expression": variables.member,
    "scoped_property_access_expression": variables.member,
    "binary_expression": expressions.binary,
    "unary_op_expression": expressions.unary,
    "conditional_expression": expressions.ternary,
    "assignment_expression": variables.assignment,
    "reference_assignment_expression": variables.assignment,
    "augmented_assignment_expression": variables.augmented,
    "update_expression": variables.counted,
    "array_creation_expression": expressions.array_of,
    "function_call_expression": calls.function,
    "member_call_expression": calls.method,
    "nullsafe_member_call_expression": calls.method,
    "scoped_call_expression": calls.method,
    "object_creation_expression": calls.creation,
    "include_expression": expressions.included,
    "include_once_expression": expressions.included,
    "require_expression": expressions.included,
    "require_once_expression": expressions.included,
    "echo_statement": statements.echo,
    "print_intrinsic": statements.echo,
    "exit_statement": statements.echo,
    "text": statements.html,
    "php_tag": statements.tag,
    "if_statement": statements.branches,
    "while_statement": statements.loop,
    "for_statement": statements.loop,
    "foreach_statement": statements.foreach,
    "switch_statement": statements.switch,
    "match_expression": statements.switch,
    "match_block": statements.matches,
    "match_conditional_expression": statements.arm,
    "unset_statement": statements.unset,
    "compound_statement": statements.block,
    "colon_block": statements.block,
    "program": statements.block,
    "function_definition": functions.definition,
    "method_declaration": functions.definition,
    "anonymous_function": functions.closure,
    "arrow_function": functions.closure,
    "return_statement": functions.returned,
    "global_declaration": variables.shared,
    "goto_statement": statements.jump,
    "named_label_statement": statements.label,
    "const_element": variables.const_element,
    "property_element": variables.property_element,
    "static_variable_declaration": variables.static_variable,
}

_FUNCTIONS = frozenset({"function_definition", "class_declaration", "enum_declaration"})
_MANY = 2
_SHORT = 12_000
_LOOKED_AT = 500


def facts_of(code: Code) -> tuple[Fact, ...]:
    """What `code` does."""
    walk = Walk(code, _HANDLERS, calls.by_name)
    rounds = (False, False, True) if _has_chains(code) else (False, True)
    for emits in rounds:
        walk.start(emits=emits)
        walk.evaluate(code.root)
    for note in walk.later:
        note()
    return tuple(_under_its_calls(walk, fact) for fact in walk.facts)


def _has_chains(code: Code) -> bool:
    """Whether functions may ask functions for what a third one gives."""
    count = sum(piece.kind in _FUNCTIONS for piece in code.pieces[:_LOOKED_AT])
    return count >= _MANY and len(code.content) < _SHORT


def _under_its_calls(walk: Walk, fact: Fact) -> Fact:
    """A fact with the tests under which its function was called after it was walked."""
    function = walk.functions.get(fact.inside) if fact.inside else None
    if function is None or fact.guard | function.guard == fact.guard:
        return fact
    return fact._replace(guard=fact.guard | function.guard)
