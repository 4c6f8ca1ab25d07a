"""Recorded vectors that a runtime repeats before it trusts a device: inputs are made by a formula, outputs are compared by hash.

Numbers come from mix(i) with i counting from seed * 2^16 + 1 in one case, all in 32-bit unsigned integers that wrap:
    x = i * 0x9E3779B1, x ^= x >> 16, x *= 0x85EBCA6B, x ^= x >> 13, x *= 0xC2B2AE35, x ^= x >> 16
First the states, block by block, lane by lane, channel by channel: "random" takes (x & 65535) - 32768, "extreme" takes 32767 where x is
odd and -32768 where it is even, "zero" takes no numbers. Then step by step, lane by lane, order by order: row = start of the order's
part + x modulo its rows; "largest" takes no numbers but the rows that a case lists, in every lane and step.
A "text" case codes the bytes of `text`, lane l beginning at byte l, with zero states and rows made by the hash of contexts.

The hash is SHA-256 over the logits of each step (int16, little-endian, lane by lane) and then the states after the last one (int16).
"""

import hashlib

import numpy

from contexts import HISTORY, context_rows, table_rows

CASES = [
    {"name": "one lane", "lanes": 1, "steps": 24, "seed": 1, "states": "zero", "rows": "random"},
    {"name": "odd lanes", "lanes": 3, "steps": 16, "seed": 2, "states": "random", "rows": "random"},
    {"name": "lanes that fill no vector", "lanes": 13, "steps": 8, "seed": 3, "states": "extreme", "rows": "random"},
    {"name": "many lanes", "lanes": 64, "steps": 8, "seed": 4, "states": "extreme", "rows": "random"},
    {"name": "largest sums", "lanes": 5, "steps": 8, "seed": 5, "states": "extreme", "rows": "largest"},
    {"name": "text", "lanes": 4, "steps": 40, "seed": 0, "states": "zero", "rows": "text"},
]
TEXT = 'The {"quick": 7} brown\tfox <b>jumps</b> over\r\n2026-01-01 lazy d\xf6gs; for (i = 0; i < 9; i++)\n'.encode()


class _Numbers:
    def __init__(self, seed):
        self.at = seed << 16

    def next(self, count):
        i = numpy.arange(self.at + 1, self.at + count + 1).astype(numpy.uint32)
        self.at += count
        x = i * numpy.uint32(0x9E3779B1)
        x ^= x >> 16
        x *= numpy.uint32(0x85EBCA6B)
        x ^= x >> 13
        x *= numpy.uint32(0xC2B2AE35)
        return x ^ (x >> 16)


def inputs(case, shape, largest_rows):
    """-> states (int64 a block) and rows [steps, lanes, orders] of a case."""
    numbers = _Numbers(case["seed"])
    lanes, steps = case["lanes"], case["steps"]
    states = [_states(case["states"], numbers, lanes, recurrent) for recurrent, _ in shape.blocks]
    if case["rows"] == "text":
        data = numpy.zeros((lanes, HISTORY + steps), numpy.uint8)
        for lane in range(lanes):
            data[lane, HISTORY:] = numpy.frombuffer(TEXT, numpy.uint8)[lane : lane + steps]
        return states, context_rows(data, shape.table_bits).transpose(1, 0, 2)
    if case["rows"] == "largest":
        return states, numpy.broadcast_to(numpy.array(largest_rows, numpy.int32), (steps, lanes, shape.orders))
    parts = numpy.array(table_rows(shape.table_bits))
    starts = numpy.concatenate([[0], numpy.cumsum(parts)[:-1]])
    drawn = numbers.next(steps * lanes * shape.orders).reshape(steps, lanes, shape.orders).astype(numpy.int64)
    return states, (starts + drawn % parts).astype(numpy.int32)


def _states(how, numbers, lanes, channels):
    if how == "zero":
        return numpy.zeros((lanes, channels), numpy.int64)
    drawn = numbers.next(lanes * channels).reshape(lanes, channels).astype(numpy.int64)
    return (drawn & 65535) - 32768 if how == "random" else numpy.where(drawn & 1, 32767, -32768)


def largest_rows(entries, shape):
    """Of each order the row that drives the heaviest output of the first product furthest."""
    weight = entries["entry.weight"].astype(numpy.int64)
    heaviest = weight[:, abs(weight).sum(axis=0).argmax()].reshape(shape.orders, shape.row_width)
    rows, start = [], 0
    for order, count in enumerate(table_rows(shape.table_bits)):
        rows.append(start + int((entries["table"][start : start + count].astype(numpy.int64) @ heaviest[order]).argmax()))
        start += count
    return rows


def outputs_hash(step, case, shape, rows_of_largest):
    """`step(rows, states) -> logits, states` of any implementation -> hash of a case's outputs."""
    states, rows = inputs(case, shape, rows_of_largest)
    digest = hashlib.sha256()
    for each in rows:
        logits, states = step(numpy.ascontiguousarray(each), states)
        digest.update(numpy.asarray(logits).astype("<i2").tobytes())
    for state in states:
        digest.update(numpy.asarray(state).astype("<i2").tobytes())
    return digest.hexdigest()


def record(reference, entries, shape):
    rows = largest_rows(entries, shape)
    cases = [{**case, "sha256": outputs_hash(reference.step, case, shape, rows)} for case in CASES]
    return {"text": TEXT.hex(), "largestRows": rows, "cases": cases}
