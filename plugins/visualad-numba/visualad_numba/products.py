"""Matrix products: own loops over vector registers for small ones, BLAS for large ones.

C = A·B, or C = A·B + bias for each row. A (m, k) may lie in memory in any way; B (k, n) is packed
into panels of one or two vectors' width where its rows are not contiguous already.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from visualad_numba.kernels import compiled, part, reordered
from visualad_numba.opcodes import NO_BIAS

LONGEST = 1024  # rows of B that the packing buffer takes
REGISTER_BYTES = 32  # of one vector
PANEL = 2 * REGISTER_BYTES // 4  # numbers in the widest row of a panel
SCRATCH = LONGEST * PANEL + 16 * PANEL  # numbers that `small_product` needs

INT = ir.IntType(64)


def _tile(height, vectors):
    """An intrinsic: `height` rows of C, `vectors` registers wide, kept in registers over all k.

    tile(memory, a, a_row, a_step, panel, start, width, k, bias, out, out_row): a, start, bias and
    out are offsets into memory, the panel is an array with rows of
    `width` numbers.
    """

    @intrinsic
    def tile(typing, memory, a, a_row, a_step, b, b_start, b_row, k, bias, c, c_start, c_row):
        arrays = (memory, b, c)
        whole = types.intp
        signature = types.void(
            memory, whole, whole, whole, b, whole, whole, whole, whole, c, whole, whole
        )
        bytes_each = memory.dtype.bitwidth // 8
        lanes = REGISTER_BYTES // bytes_each

        def generate(context, builder, signature, arguments):
            (mem, a, a_row, a_step, b, b_start, b_row, k, bias, c, c_start, c_row) = arguments
            base, panel, target = (
                make_array(kind)(context, builder, value).data
                for kind, value in zip(arrays, (mem, b, c), strict=True)
            )
            single = ir.DoubleType() if bytes_each == 8 else ir.FloatType()
            vector = ir.VectorType(single, lanes)
            madd = cgutils.get_or_insert_function(
                builder.module,
                ir.FunctionType(vector, [vector] * 3),
                f"llvm.fmuladd.v{lanes}f{8 * bytes_each}",
            )

            def load(pointer, offset):
                place = builder.bitcast(builder.gep(pointer, [offset]), vector.as_pointer())
                return builder.load(place, align=bytes_each)

            def spread(value):
                one = builder.insert_element(
                    ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0)
                )
                mask = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
                return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), mask)

            sums = [
                [cgutils.alloca_once(builder, vector) for _ in range(vectors)]
                for _ in range(height)
            ]
            zero = ir.Constant(vector, [0.0] * lanes)
            with builder.if_else(builder.icmp_signed("!=", bias, INT(NO_BIAS))) as (
                then,
                otherwise,
            ):
                with then:
                    for v in range(vectors):
                        start = load(base, builder.add(bias, INT(v * lanes)))
                        for h in range(height):
                            builder.store(start, sums[h][v])
                with otherwise:
                    for v in range(vectors):
                        for h in range(height):
                            builder.store(zero, sums[h][v])
            rows = [builder.add(a, builder.mul(a_row, INT(h))) for h in range(height)]
            with cgutils.for_range(builder, k, intp=INT) as loop:
                row = builder.add(b_start, builder.mul(loop.index, b_row))
                wide = [load(panel, builder.add(row, INT(v * lanes))) for v in range(vectors)]
                step = builder.mul(loop.index, a_step)
                for h in range(height):
                    factor = spread(builder.load(builder.gep(base, [builder.add(rows[h], step)])))
                    for v in range(vectors):
                        known = builder.load(sums[h][v])
                        builder.store(builder.call(madd, [factor, wide[v], known]), sums[h][v])
            for h in range(height):
                place = builder.add(c_start, builder.mul(c_row, INT(h)))
                for v in range(vectors):
                    at = builder.gep(target, [builder.add(place, INT(v * lanes))])
                    at = builder.bitcast(at, vector.as_pointer())
                    builder.store(builder.load(sums[h][v]), at, align=bytes_each)
            return context.get_dummy_value()

        return signature, generate

    return tile


tile_8_1, tile_4_2, tile_4_1 = _tile(8, 1), _tile(4, 2), _tile(4, 1)
tile_1_2, tile_1_1 = _tile(1, 2), _tile(1, 1)


@reordered
def column_product(memory, m, k, a, a_row, b, bias, c):
    """The product of a matrix with contiguous rows and a contiguous vector."""
    out, right = part(memory, c, m), part(memory, b, k)
    start = memory.dtype.type(0) if bias == NO_BIAS else part(memory, bias, 1)[0]
    for i in range(m):
        left = part(memory, a + i * a_row, k)
        found = memory.dtype.type(0)
        for j in range(k):
            found += left[j] * right[j]
        out[i] = found + start


@compiled
def small_product(memory, scratch, m, n, k, a, a_row, a_step, b, b_row, b_step, bias, c):
    """C (m, n) at offset c, contiguous; bias is the offset of n numbers, or NO_BIAS."""
    if n == 1 and a_step == 1 and b_row == 1:
        column_product(memory, m, k, a, a_row, b, bias, c)
        return
    lanes = REGISTER_BYTES // memory.itemsize
    corner = LONGEST * PANEL  # in scratch: the bias of a narrow panel, then a block of C
    column = 0
    while column < n:
        width = 2 * lanes if n - column > lanes else lanes
        wanted = min(width, n - column)
        is_whole = wanted == width
        panel, start, row = memory, b + column * b_step, b_row
        # Lanes beyond the last column are computed in vain; what they read must be there, though.
        end = start + max(0, (k - 1) * b_row) + width
        is_near = b >= 0 and end <= memory.size
        if (b_step != 1 and wanted > 1) or not (is_whole or is_near):
            for i in range(k):
                from_ = part(memory, b + column * b_step + i * b_row, (wanted - 1) * b_step + 1)
                to = part(scratch, i * width, width)
                for j in range(wanted):
                    to[j] = from_[j * b_step]
                for j in range(wanted, width):
                    to[j] = 0
            panel, start, row = scratch, 0, width
        i = 0
        while i < m:
            height = 4 if m - i >= 4 else 1
            if width == lanes and m - i >= 8:
                height = 8
            if is_whole:
                target, place, line = memory, c + i * n + column, n
                first = bias + column if bias != NO_BIAS else NO_BIAS
            else:
                target, place, line, first = scratch, corner, width, NO_BIAS
            left = a + i * a_row
            if height == 8:
                tile_8_1(
                    memory, left, a_row, a_step, panel, start, row, k, first, target, place, line
                )
            elif height == 4 and width > lanes:
                tile_4_2(
                    memory, left, a_row, a_step, panel, start, row, k, first, target, place, line
                )
            elif height == 4:
                tile_4_1(
                    memory, left, a_row, a_step, panel, start, row, k, first, target, place, line
                )
            elif width > lanes:
                tile_1_2(
                    memory, left, a_row, a_step, panel, start, row, k, first, target, place, line
                )
            else:
                tile_1_1(
                    memory, left, a_row, a_step, panel, start, row, k, first, target, place, line
                )
            if not is_whole:
                for h in range(height):
                    from_ = part(scratch, corner + h * width, wanted)
                    to = part(memory, c + (i + h) * n + column, wanted)
                    if bias != NO_BIAS:
                        more = part(memory, bias + column, wanted)
                        for j in range(wanted):
                            to[j] = from_[j] + more[j]
                    else:
                        for j in range(wanted):
                            to[j] = from_[j]
            i += height
        column += width


@compiled
def large_product(memory, m, n, k, a, a_is_turned, b, b_is_turned, bias, c):
    """The same by BLAS; A and B are contiguous, or their transposes are."""
    out = part(memory, c, m * n).reshape((m, n))
    left, right = part(memory, a, m * k), part(memory, b, k * n)
    if a_is_turned and b_is_turned:
        np.dot(left.reshape((k, m)).T, right.reshape((n, k)).T, out)
    elif a_is_turned:
        np.dot(left.reshape((k, m)).T, right.reshape((k, n)), out)
    elif b_is_turned:
        np.dot(left.reshape((m, k)), right.reshape((n, k)).T, out)
    else:
        np.dot(left.reshape((m, k)), right.reshape((k, n)), out)
    if bias != NO_BIAS:
        row = part(memory, bias, n)
        for i in range(m):
            line = part(memory, c + i * n, n)
            for j in range(n):
                line[j] += row[j]
