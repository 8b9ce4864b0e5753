"""The graph as a formula that parses to the same graph, and as LaTeX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

from visualad.errors import GraphError
from visualad.graph.builder import Builder
from visualad.graph.model import CONSTANT, Graph, Node
from visualad.graph.names import free_name, numbering, stem_and_number
from visualad.ops import writing
from visualad.ops.expression import Call, Expression, Name, Number, walk

# A formula may be this much longer than the graph is large before shared parts get lines of
# their own: the lecture's function writes x1*x2 twice, sixty squarings in a row do not.
_LENGTH_PER_NODE = 3
_SHORT = 60
# Writing a name changes the numbers of others; after so many rounds all names are written.
_ROUNDS = 4


def formula(graph: Graph, output: str | None = None, *, names: bool = True) -> str:
    """The graph as text for `parse`, one statement for each node that needs one.

    `parse(formula(graph))` has the same operations, settings, edges and names. A node whose name
    is the automatic one is written where it is used; others get a statement `name = ...`.

    A formula does not carry: ids, positions, notes, frames, the training settings, dtype and
    seed; values of variables, data and parameters (which all come back as variables); constants
    that are arrays (come back as variables too); leaves that feed nothing; and declared outputs
    that leave out a node that feeds no other (give `parse` the `outputs`). A graph that repeats
    a subexpression comes back by `parse(..., merge_equal=False)`, see `has_repeats`.

    Args:
        output: write only what this node needs.
        names: False gives up names that only number nodes (x4, v2), which saves statements when
            the nodes are not numbered in topological order.

    Raises:
        GraphError: if a port that is needed is not connected.
    """
    plan = _Writing(graph, output, names)
    lines = []
    for statement in plan.statements():
        text = writing.plain(statement.right)
        lines.append(f"{statement.name} = {text}" if statement.name else text)
    return "\n".join(lines)


def has_repeats(graph: Graph) -> bool:
    """Whether two nodes compute the same from the same, so that parsing must not merge them."""
    return bool(_Writing(graph, None, keep_names=False).repeats)


def latex(graph: Graph, output: str | None = None, *, names: bool = True) -> str:
    """The graph as LaTeX: one equation, or several as the lines of an `aligned` block."""
    plan = _Writing(graph, output, names)
    lines = []
    for statement in plan.statements():
        name = statement.name or statement.node.name
        if isinstance(statement.right, Name) and statement.right.text == name:
            continue
        lines.append((writing.name_latex(name), writing.latex(statement.right)))
    if len(lines) == 1:
        return " = ".join(lines[0])
    body = " \\\\\n".join(f"{left} &= {right}" for left, right in lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def expression(graph: Graph, node: str, *, inline: Collection[str] = ()) -> Expression:
    """What a node computes from its sources, as an expression over their names.

    Args:
        node: name or id; a leaf gives its own name, a constant its number.
        inline: ids of sources to write out in turn.

    Raises:
        GraphError: if a port that is needed is not connected.
    """
    id_ = graph.id_of(node)
    done: dict[str, Expression] = {}
    for part in _post_order(graph, [id_], lambda i: i == id_ or i in inline, set()):
        inner = graph.nodes_by_id[part]
        named = part != id_ and part not in inline and _is_written(inner) and inner.op != CONSTANT
        done[part] = Name(inner.name) if named else _right_side(graph, inner, done)
    return done[id_]


@dataclass(frozen=True)
class _Statement:
    """`name = right`, or `right` alone when the name is empty."""

    name: str
    right: Expression
    node: Node


class _Writing:
    """Decides which nodes get statements, and in which order these stand."""

    def __init__(self, graph: Graph, output: str | None, keep_names: bool) -> None:
        self.graph = graph
        self.outputs = graph.outputs if output is None else (output,)
        roots = [graph.id_of(name) for name in self.outputs]
        if output is None:
            used = set(graph.sources.values())
            roots += [n.id for n in graph.nodes if n.id not in used and not n.is_leaf]
        self.roots = list(dict.fromkeys(roots))
        self.whole = _post_order(graph, self.roots, lambda _: True, set())
        self.uses = Counter(
            source for id_ in self.whole for source in _sources(graph, graph.nodes_by_id[id_])
        )
        self.named: set[str] = set()
        self.repeats: set[str] = set()
        self._choose(keep_names)

    def statements(self) -> list[_Statement]:
        """All statements in order."""
        found: list[_Statement] = []
        written: dict[str, Expression] = {}
        heads = set(self._heads())
        for id_ in self._in_reading_order():
            node = self.graph.nodes_by_id[id_]
            written[id_] = _right_side(self.graph, node, written)
            if id_ in heads:
                self._write(node, written, found)
        return found + self._outputs_said_again(found)

    def _write(self, node: Node, written: dict[str, Expression], found: list[_Statement]) -> None:
        called, right = node.name, written[node.id]
        if node.id in self.named:
            found.append(_Statement(called, right, node))
            written[node.id] = Name(called)
        elif _is_written(node) or called in self.outputs:
            found.append(_Statement("", right, node))
        for alias in node.aliases:
            found.append(_Statement(alias, Name(called), node))
            if alias not in self.outputs:
                # An alias that nothing used would be an output, so what follows uses it.
                called = alias
                written[node.id] = Name(called)

    def _outputs_said_again(self, found: Sequence[_Statement]) -> list[_Statement]:
        """Bare names at the end, where the statements alone would give other outputs."""
        used = {part.text for s in found for part in walk(s.right) if isinstance(part, Name)}
        natural = [s.name or s.node.name for s in found if not s.name or s.name not in used]
        if tuple(dict.fromkeys(natural)) == self.outputs:
            return []
        return [_Statement("", Name(name), self.graph[name]) for name in self.outputs]

    # Which names are written -------------------------------------------------------------------

    def _choose(self, keep_names: bool) -> None:
        """Find few names to write such that parsing gives all names back."""
        inner = [i for i in self.whole if _is_written(self.graph.nodes_by_id[i])]
        shared = {i for i in inner if self.uses[i] > 1 and not self._is_constant(i)}
        merged = self.repeats = self._repeats(inner)
        if merged:
            self.named |= shared | merged
        if any(self.uses[id_] for id_ in self.roots) or len(self.roots) > len(self.outputs):
            # The outputs are said again at the end, by name.
            self.named |= {i for i in inner if i in self.roots}
        for id_ in inner:
            node = self.graph.nodes_by_id[id_]
            if node.aliases or not (keep_names or stem_and_number(node.name)):
                self.named.add(id_)
        if self._length() > max(_SHORT, _LENGTH_PER_NODE * len(self.whole)):
            self.named |= shared
        for _ in range(_ROUNDS if keep_names else 0):
            builder = Builder(merge_equal=not merged)
            made = self._replay(builder)
            names = builder.names()
            if all(names[made[i]] == self.graph.nodes_by_id[i].name for i in inner):
                return
            self.named |= self._out_of_order({made[i]: i for i in inner}, names)
        if keep_names:
            self.named |= set(inner)

    def _out_of_order(self, owners: Mapping[int, str], names: Mapping[int, str]) -> set[str]:
        """The nodes that need their names written for the rest to be numbered as they are.

        Args:
            owners: our node for each of the builder's.
            names: the builder's nodes in the order in which it numbers them.
        """
        nodes = self.graph.nodes_by_id
        inputs = [nodes[i].name for i in self.whole if not _is_written(nodes[i])]
        taken = {*inputs, *(nodes[i].name for i in self.named)}
        following = {True: ("c", 1), False: numbering(inputs)}
        found: set[str] = set()
        for made in names:
            id_ = owners.get(made)
            if id_ is None or id_ in self.named:
                continue
            stem, number = following[self._is_constant(id_)]
            expected, number = free_name(stem, number, taken)
            if expected == nodes[id_].name:
                following[self._is_constant(id_)] = stem, number + 1
            else:
                found.add(id_)
                taken.add(nodes[id_].name)
        return found

    def _is_constant(self, id_: str) -> bool:
        return self.graph.nodes_by_id[id_].op == CONSTANT

    def _repeats(self, inner: Iterable[str]) -> set[str]:
        """The nodes that merging would make one with another."""
        made = self._replay(Builder())
        groups: dict[int, list[str]] = {}
        for id_ in inner:
            groups.setdefault(made[id_], []).append(id_)
        return {id_ for group in groups.values() if len(group) > 1 for id_ in group}

    def _length(self) -> int:
        """How many names and numbers would be written."""
        size: dict[str, int] = {}
        total = 0
        heads = set(self._heads())
        for id_ in self.whole:
            node = self.graph.nodes_by_id[id_]
            own = 1 + sum(size[source] for source in _sources(self.graph, node))
            total += own if id_ in heads else 0
            size[id_] = 1 if id_ in self.named else own
        return total

    def _heads(self) -> list[str]:
        """The nodes that have a statement of their own, sources first."""
        nodes, roots = self.graph.nodes_by_id, set(self.roots)
        return [i for i in self.whole if i in self.named or i in roots or nodes[i].aliases]

    def _in_reading_order(self) -> list[str]:
        """All nodes as a reader of the statements meets them."""
        heads = self._heads()
        own, seen = set(heads), set[str]()
        order: list[str] = []
        for head in heads:
            own.remove(head)
            order += _post_order(self.graph, [head], lambda i: i not in own, seen)
            own.add(head)
        return order

    def _replay(self, builder: Builder) -> dict[str, int]:
        """Do what the parser will do with these statements; the builder's node for each of ours."""
        graph, made = self.graph, dict[str, int]()
        heads = set(self._heads())
        for id_ in self._in_reading_order():
            node = graph.nodes_by_id[id_]
            name = node.name if id_ in self.named else ""
            if not _is_written(node):
                made[id_] = builder.leaf(node.name)
            elif node.op == CONSTANT:
                if id_ in heads:
                    made[id_] = builder.constant(node.value, name)
            else:
                sources = _sources(graph, node)
                for source in sources:  # the parser makes a number's node when it is used
                    if source not in made:
                        made[source] = builder.constant(graph.nodes_by_id[source].value)
                made[id_] = builder.repeat(node, [made[source] for source in sources])
                if name:
                    builder.name(made[id_], name)
        return made


def _is_written(node: Node) -> bool:
    """Whether the formula gives the node a value: operations, and constants that are numbers."""
    if node.op == CONSTANT:
        return isinstance(node.value, Real)
    return not node.is_leaf


def _sources(graph: Graph, node: Node) -> list[str]:
    """Ids of the sources in the order of the ports."""
    found = []
    for port in node.ports:
        source = graph.sources.get((node.id, port))
        if source is None:
            raise GraphError(
                f"Port '{port}' of {node.name} ({node.op}) is not connected; "
                "connect it to have a formula.",
                node=node.name,
            )
        found.append(source)
    return found


def _right_side(graph: Graph, node: Node, written: Mapping[str, Expression]) -> Expression:
    if not _is_written(node):
        return Name(node.name)
    if node.op == CONSTANT:
        return Number(float(node.value))
    settings = {key: value for key, value in node.settings.items() if key != "inputs"}
    return Call(node.op, tuple(written[s] for s in _sources(graph, node)), settings)


def _post_order(
    graph: Graph, roots: Iterable[str], enter: Callable[[str], bool], seen: set[str]
) -> list[str]:
    """Nodes from the roots down, sources first and from left to right; no recursion.

    Sources of nodes that `enter` refuses are left out, and so is what was seen before.
    """
    order = []
    stack = [(id_, False) for id_ in reversed(list(roots))]
    while stack:
        id_, finished = stack.pop()
        if finished:
            order.append(id_)
        elif id_ not in seen:
            seen.add(id_)
            stack.append((id_, True))
            if enter(id_):
                sources = _sources(graph, graph.nodes_by_id[id_])
                stack += [(source, False) for source in reversed(sources)]
    return order
