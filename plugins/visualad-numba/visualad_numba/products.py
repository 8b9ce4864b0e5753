"""Matrix products: own loops over vector registers for small ones, BLAS for large ones.

C = A·B, or C = A·B + bias for each row. A (m, k) may lie in memory in any way; B (k, n) is packed
into panels of a few vectors' width where its rows are not contiguous already.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic
from numba.np.arrayobj import make_array

from visualad_numba import opcodes as o
from visualad_numba.kernels import compiled, part, reordered

LONGEST, REGISTER_BYTES, PANEL, WIDE = o.LONGEST, o.REGISTER_BYTES, o.PANEL, o.WIDE
INT = ir.IntType(64)


def _tile(height, vectors, ways=1):
    """An intrinsic: `height` rows of C, `vectors` registers wide, kept in registers over all k.

    tile(memory, a, a_row, a_step, panel, line, k, bias, c, c_row): a, panel, bias and c are offsets
    into memory; the panel has k rows, `line` numbers from one to the next.

    Args:
        ways: the terms are added up in so many sums, which do not wait for each other.
    """

    @intrinsic
    def tile(typing, memory, a, a_row, a_step, panel, line, k, bias, c, c_row):
        signature = types.void(memory, *[types.intp] * 9)
        bytes_each = memory.dtype.bitwidth // 8
        lanes = REGISTER_BYTES // bytes_each

        def generate(context, builder, signature, arguments):
            array, a, a_row, a_step, panel, line, k, bias, c, c_row = arguments
            base = make_array(memory)(context, builder, array).data
            single = ir.DoubleType() if bytes_each == 8 else ir.FloatType()
            vector = ir.VectorType(single, lanes)
            madd = cgutils.get_or_insert_function(
                builder.module,
                ir.FunctionType(vector, [vector] * 3),
                f"llvm.fmuladd.v{lanes}f{8 * bytes_each}",
            )

            def vector_at(pointer, v):
                place = builder.gep(pointer, [INT(v * lanes)])
                return builder.bitcast(place, vector.as_pointer())

            def spread(value):
                one = builder.insert_element(
                    ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0)
                )
                mask = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
                return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), mask)

            sums = [
                [[cgutils.alloca_once(builder, vector) for _ in range(vectors)] for _ in rows_of]
                for rows_of in [range(height)] * ways
            ]
            zero = ir.Constant(vector, [0.0] * lanes)
            for way in sums:
                for row in way:
                    for place in row:
                        builder.store(zero, place)
            with builder.if_then(builder.icmp_signed("!=", bias, INT(o.NO_BIAS))):
                begin = builder.gep(base, [bias])
                for v in range(vectors):
                    start = builder.load(vector_at(begin, v), align=bytes_each)
                    for row in sums[0]:
                        builder.store(start, row[v])
            rows = [
                builder.gep(base, [builder.add(a, builder.mul(a_row, INT(h)))])
                for h in range(height)
            ]

            def add_term(index, way):
                begin = builder.gep(base, [builder.add(panel, builder.mul(index, line))])
                wide = [builder.load(vector_at(begin, v), align=bytes_each) for v in range(vectors)]
                step = builder.mul(index, a_step)
                for h in range(height):
                    factor = spread(builder.load(builder.gep(rows[h], [step])))
                    for v in range(vectors):
                        known = builder.load(way[h][v])
                        builder.store(builder.call(madd, [factor, wide[v], known]), way[h][v])

            rounds = builder.sdiv(k, INT(ways)) if ways > 1 else k
            with cgutils.for_range(builder, rounds, intp=INT) as loop:
                for number, way in enumerate(sums):
                    index = loop.index
                    if ways > 1:
                        index = builder.add(builder.mul(index, INT(ways)), INT(number))
                    add_term(index, way)
            if ways > 1:
                done = builder.mul(rounds, INT(ways))
                with cgutils.for_range(builder, builder.sub(k, done), intp=INT) as loop:
                    add_term(builder.add(done, loop.index), sums[0])
            for h in range(height):
                target = builder.gep(base, [builder.add(c, builder.mul(c_row, INT(h)))])
                for v in range(vectors):
                    found = builder.load(sums[0][h][v])
                    for way in sums[1:]:
                        found = builder.fadd(found, builder.load(way[h][v]))
                    builder.store(found, vector_at(target, v), align=bytes_each)
            return context.get_dummy_value()

        return signature, generate

    return tile


tile_8_1, tile_4_2, tile_4_1 = _tile(8, 1), _tile(4, 2), _tile(4, 1)
tile_1_8, tile_1_2, tile_1_1 = _tile(1, WIDE), _tile(1, 2, ways=4), _tile(1, 1, ways=4)


@reordered
def column_product(memory, m, k, a, a_row, b, bias, c):
    """The product of a matrix with contiguous rows and a contiguous vector."""
    out, right = part(memory, c, m), part(memory, b, k)
    start = memory.dtype.type(0) if bias == o.NO_BIAS else part(memory, bias, 1)[0]
    for i in range(m):
        left = part(memory, a + i * a_row, k)
        found = memory.dtype.type(0)
        for j in range(k):
            found += left[j] * right[j]
        out[i] = found + start


@compiled
def packed(memory, room, start, row, step, k, wanted, width):
    """A panel of B with contiguous rows, filled up with zeros."""
    for i in range(k):
        from_ = part(memory, start + i * row, (wanted - 1) * step + 1)
        to = part(memory, room + i * width, width)
        for j in range(wanted):
            to[j] = from_[j * step]
        for j in range(wanted, width):
            to[j] = 0


@compiled
def small_product(memory, room, row):
    """C (m, n), contiguous, by tiles; there is ROOM at the offset `room`."""
    m, n, k = row[o.M], row[o.N], row[o.K]
    a, a_row, a_step = row[o.X], row[o.A_ROW], row[o.A_STEP]
    b, b_row, b_step = row[o.Y], row[o.B_ROW], row[o.B_STEP]
    bias, c = row[o.Z], row[o.OUT]
    if n == 1 and a_step == 1 and b_row == 1:
        column_product(memory, m, k, a, a_row, b, bias, c)
        return
    lanes = REGISTER_BYTES // memory.itemsize
    corner = room + LONGEST * PANEL  # the bias of a narrow panel, then a block of C
    column = 0
    while column < n:
        left = n - column
        width = 2 * lanes if left > lanes else lanes
        # Rows of their own, where terms are few or rows are: nothing is gained from more at once.
        is_wide = left >= WIDE * lanes and (b_step == 1 or k == 1) and (m < 4 or k <= 2)
        if is_wide:
            width = WIDE * lanes
        wanted = min(width, left)
        is_whole = wanted == width
        panel, line = b + column * b_step, b_row
        # Lanes beyond the last column are computed in vain; what they read must be there, though.
        end = panel + max(0, (k - 1) * b_row) + width
        is_near = b >= 0 and end <= memory.size
        if (b_step != 1 and wanted > 1) or not (is_whole or is_near):
            packed(memory, room, panel, b_row, b_step, k, wanted, width)
            panel, line = room, width
        i = 0
        while i < m:
            height = 4 if m - i >= 4 else 1
            if width == lanes and m - i >= 8:
                height = 8
            if is_whole:
                place, next_line = c + i * n + column, n
                first = bias + column if bias != o.NO_BIAS else o.NO_BIAS
            else:
                place, next_line, first = corner, width, o.NO_BIAS
            at = a + i * a_row
            if is_wide:
                height = 1
                tile_1_8(memory, at, a_row, a_step, panel, line, k, first, place, next_line)
            elif height == 8:
                tile_8_1(memory, at, a_row, a_step, panel, line, k, first, place, next_line)
            elif height == 4 and width > lanes:
                tile_4_2(memory, at, a_row, a_step, panel, line, k, first, place, next_line)
            elif height == 4:
                tile_4_1(memory, at, a_row, a_step, panel, line, k, first, place, next_line)
            elif width > lanes:
                tile_1_2(memory, at, a_row, a_step, panel, line, k, first, place, next_line)
            else:
                tile_1_1(memory, at, a_row, a_step, panel, line, k, first, place, next_line)
            if not is_whole:
                for h in range(height):
                    from_ = part(memory, corner + h * width, wanted)
                    to = part(memory, c + (i + h) * n + column, wanted)
                    if bias != o.NO_BIAS:
                        more = part(memory, bias + column, wanted)
                        for j in range(wanted):
                            to[j] = from_[j] + more[j]
                    else:
                        for j in range(wanted):
                            to[j] = from_[j]
            i += height
        column += width


def gemm_address(dtype):
    """Where the BLAS function for products of this dtype is in this process."""
    name = "dgemm" if dtype == "float64" else "sgemm"
    return get_cython_function_address("scipy.linalg.cython_blas", name)


@intrinsic
def gemm(typing, memory, address, turn_a, turn_b, m, n, k, a, b, beta, c):
    """C = A·B + beta·C by the BLAS function at an address, matrices by columns as in Fortran.

    gemm(memory, address, turn_a, turn_b, m, n, k, a, b, beta, c): a, b and c are offsets; all
    matrices are contiguous, A and B maybe transposed.
    """
    whole = types.intp
    signature = types.void(
        memory, whole, types.boolean, types.boolean, *[whole] * 5, types.float64, whole
    )
    single = ir.DoubleType() if memory.dtype.bitwidth == 64 else ir.FloatType()

    def generate(context, builder, signature, arguments):
        array, address, turn_a, turn_b, m, n, k, a, b, beta, c = arguments
        base = make_array(memory)(context, builder, array).data
        letter, short = ir.IntType(8), ir.IntType(32)

        def stored(value):
            place = cgutils.alloca_once(builder, value.type)
            builder.store(value, place)
            return place

        def turned(flag):
            return stored(builder.select(flag, letter(ord("T")), letter(ord("N"))))

        def size(value):
            return stored(builder.trunc(value, short))

        def number(value):
            narrow = builder.fptrunc(value, single) if isinstance(single, ir.FloatType) else value
            return stored(narrow)

        given = [
            *(turned(turn_a), turned(turn_b), size(m), size(n), size(k)),
            number(ir.Constant(ir.DoubleType(), 1.0)),
            *(builder.gep(base, [a]), size(builder.select(turn_a, k, m))),
            *(builder.gep(base, [b]), size(builder.select(turn_b, n, k))),
            *(number(beta), builder.gep(base, [c]), size(m)),
        ]
        kind = ir.FunctionType(ir.VoidType(), [x.type for x in given])
        builder.call(builder.inttoptr(address, kind.as_pointer()), given)
        return context.get_dummy_value()

    return signature, generate


@compiled
def large_product(memory, address, row):
    """The same by BLAS; A and B are contiguous, or their transposes are."""
    m, n, k, bias, c = row[o.M], row[o.N], row[o.K], row[o.Z], row[o.OUT]
    beta = 0.0
    if bias != o.NO_BIAS:
        beta = 1.0
        more = part(memory, bias, n)
        for i in range(m):
            line = part(memory, c + i * n, n)
            for j in range(n):
                line[j] = more[j]
    # By columns all three are transposed, so the factors change places.
    gemm(
        memory,
        address,
        row[o.B_ROW] != 0,
        row[o.A_ROW] != 0,
        n,
        m,
        k,
        row[o.Y],
        row[o.X],
        beta,
        c,
    )
