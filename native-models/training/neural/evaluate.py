"""Bits a byte on held-out text, by the training graph."""

import numpy
import torch

from contexts import HISTORY, context_rows
from corpus import SHARES, held_out_lanes


@torch.no_grad()
def held_out_bits(net, corpus, lanes, exact=True, steps=256):
    """Bits a byte of each kind in lanes of 8 KiB that start from nothing, all kinds side by side."""
    pieces = {kind: held_out_lanes(corpus, kind, lanes) for kind in SHARES}
    data = numpy.concatenate(list(pieces.values()))
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
        result[kind] = round(float(bits[at : at + len(data)].mean()), 4)
        at += len(data)
    result["mean"] = round(sum(result[kind] for kind in pieces) / len(pieces), 4)
    result["weighted"] = round(sum(SHARES[kind] * result[kind] for kind in pieces) / sum(SHARES.values()), 4)
    return result
