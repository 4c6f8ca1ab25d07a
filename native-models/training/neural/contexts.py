"""Row numbers of the n-gram table, made outside of the graph.

The table has one part an order, in ascending order: 256 rows for the last byte, then 2^bits rows for each of the orders 2, 3, ...
With b1 the last byte, b2 the one before and so on (zero before the start of a lane), all in 32-bit unsigned integers that wrap:

    order 1: row = b1
    h = (b1 + 1) * 0x9E3779B1, h ^= h >> 15            then, for n = 2, 3, ...:
    h = (h ^ (b_n + 1)) * 0x85EBCA6B, h ^= h >> 13      row = start of the part + (h >> (32 - bits))
    order 2 with 16 bits has no need of a hash: row = start of the part + b2 * 256 + b1
"""

import numpy

HISTORY = 8  # bytes before a position that are handed over: at least the highest order


def table_rows(table_bits):
    return [256] + [1 << bits for bits in table_bits]


def context_rows(data, table_bits):
    """data [lanes, HISTORY + steps] uint8 -> [lanes, steps, orders] int32: the rows with which
    the byte after data[:, HISTORY + t] is predicted."""
    orders = 1 + len(table_bits)
    wide = data.astype(numpy.uint32)
    steps = data.shape[1] - HISTORY
    back = [wide[:, HISTORY - 1 - n : HISTORY - 1 - n + steps] for n in range(orders)]
    rows = numpy.empty((data.shape[0], steps, orders), numpy.int32)
    rows[..., 0] = back[0]
    h = (back[0] + 1) * numpy.uint32(0x9E3779B1)
    h ^= h >> 15
    start = 256
    for n in range(2, orders + 1):
        bits = table_bits[n - 2]
        h = (h ^ (back[n - 1] + 1)) * numpy.uint32(0x85EBCA6B)
        h ^= h >> 13
        if n == 2 and bits == 16:
            rows[..., 1] = start + back[1] * 256 + back[0]
        else:
            rows[..., n - 1] = start + (h >> numpy.uint32(32 - bits)).astype(numpy.int32)
        start += 1 << bits
    return rows
