"""How good the elimination orders are that a second finds, and how long it takes on larger graphs.

    python -m benchmarks.elimination_orders [--seconds 1] [--seeds 3] [--sizes 100 500 2000]

Counts are multiplications of vertex elimination, unit edges counted. The tasks are programs of the
literature on Jacobian accumulation, written from their formulas: Roe's numerical flux in one
dimension (Roe 1981), the chemical equilibrium of propane combustion (MINPACK-2), and the gradient
of the Black-Scholes formula, written as a backward sweep; then random graphs of the same size.
"""

from __future__ import annotations

import argparse
import random
import time

from rich.console import Console
from rich.table import Table

import visualad as va
from visualad.autodiff.linearized import LinearizedGraph, linearized_structure

ROE_FLUX = """
ul = ml/rl; ur = mr/rr
pl = 0.4*(el - 0.5*(ml*ul)); pr = 0.4*(er - 0.5*(mr*ur))
hl = (el + pl)/rl; hr = (er + pr)/rr
w = sqrt(rl) + sqrt(rr)
u = (sqrt(rl)*ul + sqrt(rr)*ur)/w
h = (sqrt(rl)*hl + sqrt(rr)*hr)/w
q = 0.5*u**2
cc = 0.4*(h - q); c = sqrt(cc)
dr = rr - rl; dp = pr - pl; du = ur - ul
r = sqrt(rl*rr)
k1 = abs(u - c)*((dp - r*c*du)/(2*cc))
k2 = abs(u)*(dr - dp/cc)
k3 = abs(u + c)*((dp + r*c*du)/(2*cc))
f1 = 0.5*(ml + mr) - 0.5*(k1 + k2 + k3)
f2 = 0.5*((ml*ul + pl) + (mr*ur + pr)) - 0.5*(k1*(u - c) + k2*u + k3*(u + c))
f3 = 0.5*(ul*(el + pl) + ur*(er + pr)) - 0.5*(k1*(h - u*c) + k2*q + k3*(h + u*c))
"""
PROPANE = """
f1 = x1 + x4 - 3
f2 = 2*x1 + x2 + x4 + x7 + x8 + x9 + 2*x10 - 10
f3 = 2*x2 + 2*x5 + x6 + x7 - 8
f4 = 2*x3 + x9 - 40
f5 = 0.193*(x2*x4) - x1*x5
f6 = 0.002597*sqrt(x2*x4) - sqrt(x1)*x6*sqrt(40/x11)
f7 = 0.003448*sqrt(x1*x2) - sqrt(x4)*x7*sqrt(40/x11)
f8 = 0.00001799*x1 - x4*x8*(40/x11)
f9 = 0.0002155*x1*sqrt(x3) - x4*x9*sqrt(40/x11)
f10 = 0.00003846*x1**2 - x4**2*x10*(40/x11)
f11 = x11 - (x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10)
"""
BLACK_SCHOLES = """
b = r + 0.5*v**2
n = log(S/K) + b*T
d = v*sqrt(T)
d1 = n/d; d2 = d1 - d
N1 = 0.5*(1 + erf(d1/1.4142135623730951)); N2 = 0.5*(1 + erf(d2/1.4142135623730951))
e = exp(-(r*T))
g2 = -(K*e)*(exp(-(0.5*d2**2))*0.3989422804014327)
g1 = S*(exp(-(0.5*d1**2))*0.3989422804014327) + g2
gd = -g2 - g1*n/d**2
gn = g1/d
ge = -(K*N2)
gS = N1 + gn/S
gK = -N2*e - gn/K
gr = gn*T - ge*e*T
gv = gd*sqrt(T) + gn*T*v
gT = gd*v*0.5/sqrt(T) + gn*b - ge*e*r
"""
TASKS = {
    "Roe flux": (ROE_FLUX, ("f1", "f2", "f3")),
    "propane combustion": (PROPANE, tuple(f"f{i}" for i in range(1, 12))),
    "Black-Scholes": (BLACK_SCHOLES, ("gS", "gK", "gr", "gv", "gT")),
}


def random_graph(
    inner: int, seed: int, *, inputs: int = 15, outputs: int = 20, reach: int = 25
) -> LinearizedGraph:
    """A random program: each vertex uses one or two others, mostly of the last `reach`."""
    chance = random.Random(seed)
    pool = [f"x{i}" for i in range(inputs)]
    edges: dict[tuple[str, str], float] = {}
    for i in range(inner):
        near = pool[-reach:] if chance.random() < 0.8 else pool
        for source in chance.sample(near, 1 if chance.random() < 0.35 else 2):
            edges[source, f"v{i}"] = 2.0
        pool.append(f"v{i}")
    used = {source for source, _ in edges}
    ends = [f"y{i}" for i in range(outputs)]
    for i, vertex in enumerate(name for name in pool[inputs:] if name not in used):
        edges[vertex, ends[i % outputs]] = 2.0
    for end in ends:
        edges.setdefault((chance.choice(pool), end), 2.0)
    return LinearizedGraph(edges, pool[:inputs], ends)


def row(name: str, graph: LinearizedGraph, seconds: float, seeds: int, free: bool) -> list[str]:
    """Counts of every order, the seeds side by side, and what a search took."""
    simple = [
        int(va.elimination_order(graph, method, free_units=free).cost)
        for method in ("forward", "backward", "markowitz")
    ]
    begin = time.perf_counter(), time.process_time()
    found = [
        va.elimination_order(graph, seconds=seconds, seed=seed, free_units=free)
        for seed in range(seeds)
    ]
    wall, used = time.perf_counter() - begin[0], time.process_time() - begin[1]
    counts = " ".join(str(int(order.cost)) for order in found)
    proof = " proven" if found[0].proven_optimal else ""
    inner = len(graph.intermediates)
    return [name, str(inner), *map(str, simple), counts, f"{found[0].lower_bound}{proof}",
            f"{used / seeds:.2f}", f"{wall / seeds:.2f}"]  # fmt: skip


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.elimination_orders")
    parser.add_argument("--seconds", type=float, default=1.0, help="asked for in each search")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 200, 500, 1000, 2000])
    options = parser.parse_args()
    heads = ("graph", "inner", "forward", "backward", "Markowitz", "best, by seed", "lower bound",
             "CPU s", "wall s")  # fmt: skip
    graphs: dict[str, tuple[LinearizedGraph, bool]] = {}
    for name, (text, outputs) in TASKS.items():
        for merged in (False, True):
            linear = linearized_structure(va.parse(text, outputs=outputs, merge_equal=merged))
            graphs[name + (", merged" if merged else "")] = linear, False
            if not merged:
                graphs[name + ", unit edges free"] = linear, True
    for seed in range(3):
        graphs[f"random, 85 inner, seed {seed}"] = random_graph(85, seed, reach=200), False
    for size in options.sizes:
        graphs[f"random, {size} inner"] = random_graph(size, 1), False
    table = Table(*heads, title="Multiplications of vertex elimination", title_justify="left")
    for name, (graph, free) in graphs.items():
        table.add_row(*row(name, graph, options.seconds, options.seeds, free))
    Console(width=140).print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
