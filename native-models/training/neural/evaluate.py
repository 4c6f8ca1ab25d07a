"""Bits a byte on held-out text, by the training graph."""

import numpy
import torch

from contexts import HISTORY, context_rows
from corpus import HELD_OUT_PIECE, SHARES, held_out_lanes


@torch.no_grad()
def held_out_bits(net, corpus, lanes, exact=True, length=HELD_OUT_PIECE, steps=256):
    """Bits a byte of each kind in lanes that start from nothing, all kinds side by side."""
    pieces = {kind: held_out_lanes(corpus, kind, lanes, length) for kind in SHARES}
    data = numpy.concatenate(list(pieces.values()))
    if len(data) == 0:
        return {}
    weights = net.used_weights(exact)
    states = net.start(len(data))
    total = numpy.zeros(len(data))
    for begin in range(0, data.shape[1] - HISTORY, steps):
        part = data[:, begin : begin + HISTORY + steps]
        rows = torch.from_numpy(context_rows(part, net.shape.table_bits))
        targets = torch.from_numpy(numpy.ascontiguousarray(part[:, HISTORY:]))
        bits, states = net.bits(rows, states, targets, weights, exact)
        total += bits.sum(dim=1).numpy()
    return by_kind(pieces, total / (data.shape[1] - HISTORY))


def by_kind(pieces, bits):
    result, at = {}, 0
    for kind, data in pieces.items():
        if len(data) > 0:
            result[kind] = float(bits[at : at + len(data)].mean())
        at += len(data)
    means = {"mean": numpy.mean(list(result.values())), "weighted": numpy.average(list(result.values()), weights=[SHARES[kind] for kind in result])}
    return {name: round(float(value), 4) for name, value in {**result, **means}.items()}
