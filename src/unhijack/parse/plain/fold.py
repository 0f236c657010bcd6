"""Expressions of PHP, worked out as far as they stand fast, with where each value comes from.

Nothing is run: only functions without effects are worked out, on known arguments, within `Budget`.
"""

from __future__ import annotations

import re

from unhijack.parse.plain import decoders, sources
from unhijack.parse.plain.cursor import MAX_DEEP, MAX_DEPTH, Cursor, Summary, Target
from unhijack.parse.plain.decoders import NotDecoded, decode, text_of
from unhijack.parse.plain.origins import (
    PLAIN_ESCAPES,
    arithmetic,
    cost_of,
    flags_made_by,
    flags_of_server,
    flags_read,
    flags_written,
    goes_on,
    is_own_password,
    number_written,
    only_reads,
    runs_replacement,
    union,
)
from unhijack.parse.plain.tokens import (
    BACKTICK,
    CLOSE,
    HTML,
    NAME,
    NUMBER,
    OPEN,
    OPERATOR,
    STRING,
    TEMPLATE,
    VARIABLE,
    Token,
    string_value,
)
from unhijack.parse.plain.values import (
    DECODED,
    ENCODED,
    EVERY_PARAMETER,
    FETCHED,
    OPAQUE,
    PARAMETER,
    PARAMETERS,
    PIECED,
    READ,
    RELAYED,
    REQUEST,
    SECRET,
    UNKNOWN,
    UNSET,
    UPLOAD,
    WHOLE,
    Value,
)

HIDDEN_TEXT = 40
"""Bytes from which on a decoded text is looked at as if it were a program."""

_BINARY = {
    b"or": 1, b"xor": 2, b"and": 3, b"?": 6, b"??": 7, b"||": 8, b"&&": 9, b"|": 10, b"^": 11,
    b"&": 12, b"==": 13, b"!=": 13, b"===": 13, b"!==": 13, b"<": 14, b"<=": 14, b">": 14,
    b">=": 14, b".": 16, b"<<": 15, b">>": 15, b"+": 17, b"-": 17, b"*": 18, b"/": 18, b"%": 18,
    b"instanceof": 20,
}  # fmt: skip
_ASSIGN = frozenset((b"=", b".=", b"+=", b"-=", b"^=", b"|=", b"&=", b"*=", b"/=", b"%=", b"??="))
_FOLLOWS = _ASSIGN | {b"[", b"{", b"(", b"->", b"?->", b"::", b"++", b"--"}
"""What may go on with a value."""
_JUDGES = frozenset((b"or", b"xor", b"and", b"||", b"&&", b"==", b"!=", b"===", b"!==", b"<", b"<=", b">", b">=", b"instanceof"))  # fmt: skip
JOINED = b"joined:"
"""Begins the `function` of a value that was joined from texts; its ending follows."""
TEMPLATED = b"template:"
_EQUALS = frozenset((b"==", b"===", b"!=", b"!=="))
_INSIDE = re.compile(
    rb"(?<!\\)\$\{?([A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)(?:\[['\"]?([^\]'\"]{0,80})['\"]?\])?"
)
_SIGNS = frozenset((b"~", b"!", b"-", b"@", b"&", b"+", b"++", b"--"))
_CASTS = frozenset((b"string", b"int", b"integer", b"array", b"bool", b"boolean", b"object", b"float", b"double", b"binary"))  # fmt: skip
_SKIPPED = frozenset(
    b"echo return if elseif while for foreach switch case default else do try catch finally throw"
    b" static global public private protected var abstract final const use namespace break continue"
    b" extends implements interface trait class print yield clone and or as endif endwhile endfor"
    b" endforeach endswitch goto exit die function fn match readonly".split()
)


class Folder(Cursor):
    """Works out expressions of one run of tokens; names are kept in `scope`."""

    # -- expressions

    def expression(self, least: int = 0) -> Value:
        """One expression with operators that bind at least so tightly."""
        if self.depth > MAX_DEPTH or self.deep > MAX_DEEP or self.done:
            self.at += 1
            return UNKNOWN
        self.depth += 1
        self.deep += 1
        left = self.unary()
        while not self.done:
            kind, operator, _, _ = self.tokens[self.at]
            if kind == NAME:
                operator = operator.lower()
            elif kind != OPERATOR:
                break
            binding = _BINARY.get(operator)
            if binding is None or binding < least:
                break
            self.take()
            if operator == b"?":
                left = self._choice(left)
            else:
                right = self.expression(binding + 1)
                left = self.combine(operator, left, right)
        self.depth -= 1
        self.deep -= 1
        return left

    def _choice(self, condition: Value) -> Value:
        first = condition if self.peek().text == b":" else self.expression(6)
        second = self.expression(6) if self.accept(b":") else UNKNOWN
        known = first.known if first.known == second.known else None
        return Value(known, first.flags | second.flags)

    def combine(self, operator: bytes, left: Value, right: Value) -> Value:
        """What a binary operator makes of two values."""
        if operator in _JUDGES:
            if operator in _EQUALS and (
                is_own_password(left, right) or is_own_password(right, left)
            ):
                self.emit("own-password", b"", (), self.peek(-1).start)
            return UNKNOWN
        flags = left.flags | right.flags
        if operator == b"??":
            return Value(left.known if left.known is not None else right.known, flags)
        if left.known is not None and right.known is not None:
            try:
                return self._operate(operator, left, right, flags)
            except (NotDecoded, ValueError, OverflowError, ZeroDivisionError, MemoryError):
                return Value(None, flags)
        if operator in (b"^", b"|", b"&"):
            flags |= OPAQUE
        elif operator == b"." and left.text and right.text:
            flags |= PIECED
        return Value(None, flags, JOINED + _ending(right)[-40:] if operator == b"." else b"")

    def _operate(self, operator: bytes, left: Value, right: Value, flags: int) -> Value:
        one, other = left.known, right.known
        if operator == b".":
            a, b = text_of(one), text_of(other)
            if len(a) + len(b) > decoders.MAX_OUT or not self.budget.spend(len(a) + len(b)):
                return Value(None, flags | PIECED)
            pieced = PIECED if goes_on(a, b) else 0
            return Value(a + b, flags | pieced)
        if operator in (b"^", b"|", b"&") and isinstance(one, bytes) and isinstance(other, bytes):
            function = {b"^": decoders.xor, b"|": decoders.bit_or, b"&": decoders.bit_and}[operator]
            if not self.budget.spend(len(one) + len(other)):
                return Value(None, flags | OPAQUE)
            return Value(function(one, other), flags | OPAQUE | PIECED, operator)
        a_, b_ = decoders.number_of(one), decoders.number_of(other)
        return Value(arithmetic(operator, a_, b_), flags)

    def unary(self) -> Value:
        token = self.take()
        kind, text, _, _ = token
        if kind == OPERATOR:
            return self._prefix(token)
        if kind == VARIABLE:
            return self.postfix(self._variable(token), (text[1:], None), token)
        if kind == STRING:
            value = Value(string_value(token), flags_written(text))
            if b"<?" in text:
                self.on_text(value, token.start)
            return self.postfix(value, None, token)
        if kind == TEMPLATE:
            return self.postfix(self._template(token), None, token)
        if kind == NUMBER:
            return Value(number_written(text))
        if kind == BACKTICK:
            value = self._template(token)
            self.emit("command", b"`", (value,), token.start)
            return Value(None, value.flags & ~REQUEST | READ)
        if kind == NAME:
            return self._name(token)
        if kind in (HTML, OPEN, CLOSE):
            return UNKNOWN
        return UNKNOWN

    def _prefix(self, token: Token) -> Value:
        text = token.text
        if text == b"(":
            inner = self.peek()
            if inner.kind == NAME and self.peek(1).text == b")" and inner.text.lower() in _CASTS:
                self.take()
                self.take()
                value = self.expression(19)
                return UNKNOWN if inner.text.lower()[:3] in (b"int", b"boo") else value
            value = self.expression()
            while not self.done and self.peek().text not in (b")", b";", b"{"):
                value = self.expression() if self.accept(b",") else self._stray(value)
            self.accept(b")")
            return self.postfix(value, None, token)
        if text == b"[":
            return self._list(self.at, self._array(b"]"), token)
        if text == b"$":
            return self._indirect(token)
        if text in _SIGNS:
            return self._signed(text)
        if text in (b")", b"]", b"}", b";", b",", b"{"):
            self.at -= 1
            self.budget.steps -= 1
            if self.depth <= 1:
                self.at += 1
        return UNKNOWN

    def _signed(self, text: bytes) -> Value:
        """A value behind a sign."""
        value = self.expression(19)
        if text == b"~":
            if isinstance(value.known, bytes):
                return Value(decoders.bit_not(value.known), value.flags | OPAQUE | PIECED)
            return Value(None, value.flags | OPAQUE)
        if text == b"!":
            return UNKNOWN
        if text == b"-":
            return Value(-value.known if isinstance(value.known, int) else None, value.flags)
        return value

    def _stray(self, value: Value) -> Value:
        """Inside parentheses something follows that is no operator: step over it."""
        before = self.at
        more = self.expression()
        if self.at == before:
            self.at += 1
        return Value(None, value.flags | more.flags)

    def _indirect(self, token: Token) -> Value:
        """``${...}`` and ``$$name``: a variable whose name is worked out."""
        if self.accept(b"{"):
            name = self.expression()
            self.accept(b"}")
        else:
            name = self.unary_indirect()
        if name.text:
            word = name.text
            if word in sources.SUPERGLOBALS or word == b"GLOBALS":
                self.emit("hidden-name", word, (name,), token.start)
            value = self._lookup(word)
            return self.postfix(value, (word, None), token)
        flags = self.unset.flags
        if name.flags & (DECODED | OPAQUE | PIECED):
            self.emit("hidden-name", b"", (name,), token.start)
            flags |= REQUEST
        if name.flags & (REQUEST | UNSET) and self.peek().text == b"=":
            self.unset = Value(None, REQUEST)
        return self.postfix(Value(None, flags), (b"$", None), token)

    def unary_indirect(self) -> Value:
        token = self.take()
        if token.kind == VARIABLE:
            return self._lookup(token.text[1:])
        if token.text == b"$" and self.depth < MAX_DEPTH:
            self.depth += 1
            inner = self._indirect(token)
            self.depth -= 1
            return inner
        return UNKNOWN

    def _variable(self, token: Token) -> Value:
        name = token.text[1:]
        if name == b"this":
            return UNKNOWN
        value = self._lookup(name)
        if value.known is None and sources.is_secret(name):
            return value._replace(flags=value.flags | SECRET)
        return value

    def _lookup(self, name: bytes) -> Value:
        flags = sources.SUPERGLOBALS.get(name)
        if flags is not None:
            return Value(None, flags, name)
        if name == b"GLOBALS":
            return Value(None, 0, b"GLOBALS")
        value = self.scope.get(name)
        if value is not None:
            return value
        if self.unset is UNKNOWN and self.scope is self.globals and not self.included:
            return Value(None, UNSET)
        return self.unset

    def _template(self, token: Token) -> Value:
        """A string with variables in it."""
        raw = string_value(token)
        if b"$" not in token.text:
            hidden = (
                PIECED if b"\\" in token.text and len(PLAIN_ESCAPES.findall(token.text)) >= 2 else 0
            )
            if b"<?" in raw:
                self.on_text(Value(raw, hidden), token.start)
            return Value(raw, hidden | flags_written(raw))
        flags = flags_written(raw)
        parts: list[tuple[bytes, Value]] = []
        for match in _INSIDE.finditer(token.text):
            if len(parts) > 64:
                break
            value = self._lookup(match[1])
            if isinstance(value.known, (list, dict)) and match[2] is None:
                value = Value(b"Array", value.flags)
            if match[2] is not None:
                value = self.element(value, Value(match[2]))
            flags |= value.flags
            parts.append((match[0], value))
        if not parts:
            return Value(raw, flags)
        return self._filled(token, raw, parts, flags)

    def _filled(
        self, token: Token, raw: bytes, parts: list[tuple[bytes, Value]], flags: int
    ) -> Value:
        """A string with its variables put in, if all are known."""
        if all(value.text for _, value in parts) and len(raw) < 4000:
            for written, value in parts:
                for spelled in (b"{" + written + b"}", written):
                    if len(value.text) < 4000 and len(raw) < 20_000:
                        raw = raw.replace(spelled, value.text, 1)
            return Value(raw, flags | PIECED)
        whole = len(parts) == 1 and token.text.strip(b'"`{}') == parts[0][0]
        return Value(None, flags, b"" if whole else TEMPLATED + token.text.rstrip(b'"')[-40:])

    # -- names

    def _name(self, token: Token) -> Value:
        word = token.text.lower().lstrip(b"\\")
        if word in (b"include", b"include_once", b"require", b"require_once"):
            value = self.expression(1)
            self.included = True  # which may set any variable
            self.emit("include", word, (value,), token.start)
            return UNKNOWN
        if word == b"new":
            return self._new(token)
        if word in (b"function", b"fn"):
            self.on_function()
            return UNKNOWN
        if word in (b"array", b"list") and self.accept(b"("):
            return self._list(self.at, self._array(b")"), token)
        if word in (b"eval", b"print", b"exit", b"die") or word in _SKIPPED:
            return self._keyword(token, word)
        if self.peek().text == b"(" and self.peek().kind == OPERATOR:
            self.take()
            return self.postfix(self.call(word, token, -1), None, token)
        if self.peek().text == b"::":
            return self._static(token)
        constant = self.constants.get(token.text, self.constants.get(word))
        if word in _WORDS:
            return _WORDS[word]
        if constant is not None:
            return self.postfix(constant, None, token)
        bare = Value(token.text) if self.depth > 1 and len(token.text) < 40 else UNKNOWN
        return self.postfix(bare, None, token)

    def _keyword(self, token: Token, word: bytes) -> Value:
        if word == b"eval":
            value = self.expression(19) if self.peek().text == b"(" else self.expression(1)
            self.emit("eval", b"eval", (value,), token.start)
            self.on_code(value, token.start, self.peek(-1).end, "eval")
            return Value(None, value.flags)
        if word in (b"return", b"yield"):
            if self.peek().text in (b";", b"}"):
                return UNKNOWN
            value = self.expression(1)
            if self.current is not None:
                self.current.flags |= value.flags
            return value
        if word in (b"print", b"exit", b"die", b"clone", b"echo", b"throw"):
            return UNKNOWN if self.peek().text in (b";", b"?>") else self.expression(1)
        return UNKNOWN

    def _new(self, token: Token) -> Value:
        name = b""
        callee = -1
        if self.peek().kind == NAME:
            name = self.take().text.lower().lstrip(b"\\")
        elif self.peek().kind == VARIABLE:
            value = self._lookup(self.take().text[1:])
            name, callee = value.text.lower(), value.flags
        arguments = self._arguments() if self.accept(b"(") else ()
        flags = 0
        for argument in arguments:
            flags |= argument.flags
        self.emit("new", name, arguments, token.start, callee)
        return self.postfix(Value(None, flags, b"new " + name), None, token)

    def _static(self, token: Token) -> Value:
        self.take()
        member = self.take()
        if member.kind in (NAME, VARIABLE) and self.accept(b"("):
            value = self.call(member.text.lower(), token, -1, method=True)
            return self.postfix(value, None, token)
        return self.postfix(UNKNOWN, (b"->" + member.text.lstrip(b"$"), None), token)

    # -- calls

    def _arguments(self) -> tuple[Value, ...]:
        """Up to the closing parenthesis; the opening one is taken."""
        values: list[Value] = []
        named = self.passed = []
        plain: list[bytes] = []
        while not self.done:
            if self.accept(b")"):
                break
            if self.peek().text in (b";", b"}"):
                break
            before = self.at
            value = self.expression()
            if self.at == before + 1 and value.flags & UNSET:
                named.append(self.tokens[before].text[1:])
            if self.accept(b",") or self.peek().text in (b")", b";"):
                if len(values) < 300:
                    values.append(value)
                    alone = self.tokens[before].kind == VARIABLE and self.at <= before + 2
                    plain.append(self.tokens[before].text[1:] if alone else b"")
            elif self.at == before:
                self.at += 1
        self.passed = named
        self.plain = plain
        return tuple(values)

    def call(self, name: bytes, token: Token, callee: int, *, method: bool = False) -> Value:
        """A call whose opening parenthesis is taken."""
        arguments = self._arguments()
        if self.passed and (method or not only_reads(name)):
            self.scope.update((word, UNKNOWN) for word in self.passed)
        if method:
            self.emit("method", name, arguments, token.start, callee)
        else:
            self.emit("call", name, arguments, token.start, callee)
            self._side_effects(name, arguments, token)
        summary = self.functions.get(name)
        if summary is not None:
            return self._through(summary, name, arguments, token)
        return self.result(name, arguments, method=method)

    def _through(
        self, summary: Summary, name: bytes, arguments: tuple[Value, ...], token: Token
    ) -> Value:
        """A call of a function of the program itself."""
        for what, sink, bits in summary.sinks:
            passed = tuple(
                value._replace(flags=value.flags | RELAYED)
                for number, value in enumerate(arguments[:PARAMETERS])
                if bits & PARAMETER << number
            )
            if passed and union(passed) & ~EVERY_PARAMETER:
                self.emit(what, sink, passed, token.start)
        flags = summary.flags & ~EVERY_PARAMETER
        for number, value in enumerate(arguments[:PARAMETERS]):
            alone = self.plain[number] if number < len(self.plain) else b""
            if summary.changed & 1 << number and alone and value.text:
                self.scope[alone] = Value(None, value.flags | PIECED | OPAQUE)
            if summary.flags & PARAMETER << number:
                flags |= value.flags
        return Value(None, flags, name)

    def _side_effects(self, name: bytes, arguments: tuple[Value, ...], token: Token) -> None:
        first = arguments[0] if arguments else UNKNOWN
        if name == b"define" and len(arguments) > 1 and first.text:
            self.constants[first.text] = arguments[1]
        elif (
            name in (b"extract", b"import_request_variables")
            and (first.flags & REQUEST or name != b"extract")
        ) or (
            name in (b"parse_str", b"mb_parse_str")
            and len(arguments) == 1
            and first.flags & REQUEST
        ):
            self.unset = Value(None, REQUEST)
        elif name == b"openssl_public_encrypt" and len(self.plain) > 1 and self.plain[1]:
            self.scope[self.plain[1]] = Value(None, first.flags | ENCODED)
        else:
            self._runs_text(name, arguments, token)

    def _runs_text(self, name: bytes, arguments: tuple[Value, ...], token: Token) -> None:
        """Functions that run a text that they are given, or may."""
        first = arguments[0] if arguments else UNKNOWN
        if name == b"assert" and first.known is not None:
            self.on_code(first, token.start, self.peek(-1).end, "assert")
        elif name == b"create_function" and len(arguments) > 1:
            for match in _INSIDE.finditer(first.text[:400]):
                self.scope.setdefault(match[1], Value(None, UNSET))
            self.on_code(arguments[1], token.start, self.peek(-1).end, "create_function")
        elif name in _PREG and len(arguments) > 1 and first.known is None:
            outside = REQUEST | READ | FETCHED
            both = first.flags & outside and arguments[1].flags & outside
            if both and not first.function.startswith(TEMPLATED):
                self.emit("pattern", name, arguments[:2], token.start)
        elif name in _EREG and len(arguments) > 3 and b"e" in arguments[3].text[:10]:
            self.emit("eval", name, arguments[1:2], token.start)
            self.on_code(arguments[1], token.start, self.peek(-1).end, "ereg e")
        elif name in _PREG and len(arguments) > 1 and runs_replacement(first):
            self.emit("eval", name, arguments[1:], token.start)
            self.on_code(arguments[1], token.start, self.peek(-1).end, "preg_replace /e")

    def result(self, name: bytes, arguments: tuple[Value, ...], *, method: bool = False) -> Value:
        """What a function of PHP's own gives."""
        flags = union(arguments)
        if name in sources.ENDS:
            flags &= SECRET if name == b"bin2hex" else 0
        if name == b"fopen" and len(arguments) > 1 and arguments[1].text[:1] in _WRITING:
            opened = b"fopen:+" if arguments[1].text[:1] == b"a" else b"fopen:"
            path = arguments[0].text or arguments[0].function
            return Value(None, arguments[0].flags, opened + path[-300:])
        if name in sources.READERS and not method:
            return Value(None, flags_read(name, arguments[0] if arguments else UNKNOWN), name)
        flags |= flags_made_by(name, arguments)
        if (
            not method
            and name in decoders.FUNCTIONS
            and all(a.known is not None for a in arguments)
        ):
            if not self.budget.spend(sum(cost_of(argument.known) for argument in arguments)):
                return Value(None, flags, name)
            try:
                known = decode(name, [argument.known for argument in arguments])
            except NotDecoded:
                return Value(None, flags, name)
            size = len(known) if isinstance(known, bytes) else 64
            if self.budget.spend(size):
                value = Value(known, flags, name)
                if size >= HIDDEN_TEXT and name in decoders.STRONG:
                    self.on_text(value, self.peek(-1).start)
                return value
        return Value(None, flags, name)

    # -- what follows a value

    def postfix(self, value: Value, target: Target | None, token: Token) -> Value:
        """Indexes, properties, calls and assignments behind a value."""
        while not self.done:
            kind, text, _, _ = self.tokens[self.at]
            if kind != OPERATOR or text not in _FOLLOWS:
                break
            if text == b"[" or (text == b"{" and self._indexes(target)):
                value, target = self._index(value, target)
            elif text == b"(":
                self.take()
                value = self._dynamic(value, target, token)
                target = None
            elif text in (b"->", b"?->", b"::"):
                value, target = self._member(value, token)
            elif text in (b"++", b"--"):
                self.take()
                if text == b"++":
                    value = self._increment(value, target)
            elif text in _ASSIGN and target is not None:
                return self._assign(text, value, target)
            else:
                break
        return value

    def _indexes(self, target: Target | None) -> bool:
        """Whether ``{`` here is an index, as old PHP allows: ``$a{3}`` on one line, then no ``;``."""
        inside, closing = self.peek(1), self.peek(2)
        return (
            target is not None
            and inside.kind in (NUMBER, VARIABLE, STRING)
            and closing.text == b"}"
        )

    def _index(self, value: Value, target: Target | None) -> tuple[Value, Target | None]:
        self.take()
        if self.accept(b"]"):
            return UNKNOWN, (target[0], b"") if target else None
        key = self.expression()
        if not self.accept(b"]"):
            self.accept(b"}")
        name = value.function
        if name == b"GLOBALS" and value.known is None and key.text:
            return self.globals.get(key.text, self.superglobal(key)), (key.text, None)
        value = self.element(value, key)
        if target is None or key.known is None or isinstance(key.known, (list, dict)):
            return value, (target[0], None if target[1] is None else b"") if target else None
        return value, (target[0], text_of(key.known))

    def superglobal(self, key: Value) -> Value:
        flags = sources.SUPERGLOBALS.get(key.text)
        return Value(None, flags, key.text) if flags is not None else self.unset

    def element(self, value: Value, key: Value) -> Value:
        """One element of an array, or one character of a text."""
        known, at = value.known, key.known
        flags = value.flags & ~WHOLE
        if flags & REQUEST and isinstance(at, bytes) and sources.is_secret(at):
            flags |= SECRET
        if value.function in (b"_SERVER", b"HTTP_SERVER_VARS") and known is None:
            return Value(None, flags_of_server(key))
        if value.function in (b"_FILES", b"HTTP_POST_FILES") and known is None:
            return Value(
                None, UPLOAD | (REQUEST if key.text in (b"name", b"type") else 0), value.function
            )
        if isinstance(known, dict) and isinstance(at, (bytes, int)):
            found = known.get(text_of(at))
            return Value(found, flags)
        if isinstance(known, (list, bytes)) and at is not None and not isinstance(at, (list, dict)):
            place = decoders.number_of(at)
            if -len(known) <= place < len(known):
                if isinstance(known, list):
                    return Value(known[place], flags)
                return Value(known[place : place + 1 or None], flags | PIECED)
        return Value(None, flags)

    def _member(self, value: Value, token: Token) -> tuple[Value, Target | None]:
        self.take()
        member = self.take()
        name = member.text
        if member.text == b"{":
            inner = self.expression()
            self.accept(b"}")
            name = inner.text
        elif member.kind == VARIABLE:
            inner = self._lookup(member.text[1:])
            if self.peek().text == b"(":
                name = inner.text
        if self.accept(b"("):
            arguments = self._arguments()
            self.emit("method", name.lower(), (value, *arguments), token.start)
            summary = self.functions.get(name.lower())
            if summary is not None:
                return self._through(summary, name.lower(), arguments, token), None
            flags = value.flags | union(arguments) & ~(PIECED | REQUEST)
            flags |= SECRET * (name[:3].lower() == b"get" and sources.is_secret(name[3:]))
            flags |= OPAQUE * (name.lower() == b"getdoccomment")
            asked = arguments[0].text if len(arguments) == 1 else b""
            flags |= SECRET * (name[:3].lower() == b"get" and sources.is_secret(asked))
            return Value(None, flags, b"method"), None
        key = b"->" + name.lstrip(b"$")
        flags = (
            value.flags & ~REQUEST if value.function not in sources.SUPERGLOBALS else value.flags
        )
        return self.globals.get(key, Value(None, flags)), (key, None)

    def _dynamic(self, value: Value, target: Target | None, token: Token) -> Value:
        """A call of what a value names; the opening parenthesis is taken."""
        name = value.text.lower().lstrip(b"\\") if len(value.text) < 80 else b""
        if value.function == b"create_function" or isinstance(value.known, list):
            name = b""
        flags = value.flags
        if not name:
            arguments = self._arguments()
            self.emit("call", b"", arguments, token.start, flags)
            return Value(None, union(arguments) | flags & ~REQUEST)
        return self.call(name, token, flags)

    def _increment(self, value: Value, target: Target | None) -> Value:
        if isinstance(value.known, bytes) and value.known and len(value.known) < 64:
            known = decoders.increment(value.known)
            value = Value(known, value.flags | PIECED)
        elif isinstance(value.known, int):
            value = Value(value.known + 1, value.flags)
        if target is not None and target[1] is None:
            self._store(target, value)
        return value

    def _assign(self, operator: bytes, old: Value, target: Target) -> Value:
        self.take()
        self.accept(b"&")
        value = self.expression(4)
        if operator != b"=":
            value = self.combine(operator[:-1], old, value)
        if self.in_loop and operator != b"=":
            value = Value(None, value.flags, value.function)
        self._store(target, value)
        return value

    def _store(self, target: Target, value: Value) -> None:
        name, key = target
        scope = self.globals if name[:2] == b"->" else self.scope
        if key is None:
            if len(scope) < 20_000:
                scope[name] = value
            return
        if name in sources.SUPERGLOBALS:
            return
        old = scope.get(name, UNKNOWN)
        known = old.known
        if value.known is None or not isinstance(known, (list, dict, type(None))):
            scope[name] = Value(None, old.flags | value.flags)
            return
        if isinstance(known, list) and key:
            known = {b"%d" % number: item for number, item in enumerate(known[:20_000])}
        if known is None:
            known = {} if not old.flags else None
        if isinstance(known, list):
            known.append(value.known)
        elif isinstance(known, dict):
            known[key or b"%d" % len(known)] = value.known
        scope[name] = Value(known, old.flags | value.flags)

    def _list(self, first: int, value: Value, token: Token) -> Value:
        """An array, or what ``list(...) =`` and ``[...] =`` set."""
        if self.peek().text == b"=":
            for inner in self.tokens[first : min(self.at, first + 100)]:
                if inner.kind == VARIABLE:
                    self.scope[inner.text[1:]] = UNKNOWN
        return self.postfix(value, None, token)

    def _array(self, closing: bytes) -> Value:
        """The elements of an array up to `closing`; the opening one is taken."""
        plain: list[decoders.Known] = []
        keyed: dict[bytes, decoders.Known] = {}
        fast, flags = True, 0
        while not self.done and not self.accept(closing):
            if self.peek().text in (b";", b"}", b"{"):
                break
            before = self.at
            value = self.expression()
            if self.accept(b"=>"):
                key = value
                value = self.expression()
                flags |= key.flags
                if isinstance(key.known, (bytes, int)) and value.known is not None:
                    keyed[text_of(key.known)] = value.known
                else:
                    fast = False
            elif value.known is not None:
                plain.append(value.known)
            else:
                fast = False
            flags |= value.flags
            if not self.accept(b",") and self.at == before:
                self.at += 1
        if not fast:
            return Value(None, flags)
        if keyed:
            keyed.update((b"%d" % number, item) for number, item in enumerate(plain))
            return Value(keyed, flags)
        return Value(plain, flags)


_EREG = frozenset(b"mb_ereg_replace mb_eregi_replace mbereg_replace mberegi_replace".split())
_WORDS = {
    b"true": Value(1),
    b"false": Value(0),
    b"null": Value(0),
    b"__file__": Value(None, 0, b"__file__"),
}
_PREG = frozenset((b"preg_replace", b"preg_filter"))
_WRITING = (b"w", b"a", b"x", b"c")


def _ending(value: Value) -> bytes:
    """How a value's text ends, as far as that is known."""
    if value.function.startswith((JOINED, TEMPLATED)):
        return value.text or value.function.partition(b":")[2]
    return value.text
