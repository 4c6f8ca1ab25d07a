"""The net: n-gram rows -> projection -> blocks of a gated recurrence beside a squared ReLU -> 256 logits in bits.

A block is two matrix products: activation -> (forget, candidate, output gate, squares), and (gated state, squares) -> residual stream.
Its gates see the layer's input only, so that training is a scan over time and a step needs no product with the state.
"""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional

from contexts import table_rows
from kernels import NOTHING_SAID, Cell, Loss, Residual, Sums, WholeWeights, native


@dataclass(frozen=True)
class Shape:
    """What a model's size depends on. `blocks`: (recurrent channels, squared channels) each."""

    width: int = 192
    blocks: tuple = ((208, 32), (208, 32), (128, 192))
    row_width: int = 32
    table_bits: tuple = (16, 17, 17, 17, 17)

    @property
    def orders(self):
        return 1 + len(self.table_bits)

    def dense_weights(self):
        blocks = sum(self.width * (3 * r + s) + (r + s) * self.width for r, s in self.blocks)
        return self.orders * self.row_width * self.width + blocks + self.width * 256

    def to_json(self):
        return asdict(self)

    @staticmethod
    def from_json(values):
        blocks = tuple(tuple(block) for block in values["blocks"])
        return Shape(values["width"], blocks, values["row_width"], tuple(values["table_bits"]))


class Product(nn.Module):
    """A matrix product whose weights are whole numbers of a power of two, and whose bias is whole in the unit of the sums."""

    def __init__(self, inputs, outputs, gain=1.0, bias=None):
        """`gain` is a constant factor of the weights, one for all or [outputs, inputs]. With no normalisation in the net it sets how large values
        are: they are to use their range, since what is left of it are the bits that they are computed with."""
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / inputs**0.5)
        self.bias = nn.Parameter(torch.zeros(outputs) if bias is None else bias)
        self.register_buffer("gain", torch.ones(outputs, inputs) * gain)

    def used(self, exact):
        """The weight and bias that the graph computes with, and their whole numbers. Gradients go straight through to `weight` and `bias`."""
        weight, bias = self.weight.detach() * self.gain, self.bias.detach()
        if not exact:
            return weight, bias, None
        weight, bias, exponents = native.quantise(weight, bias)
        return weight, bias, WholeWeights(weight, exponents)

    def whole(self):
        """-> whole weights as multiples of a power of two, biases, and the powers' exponents [outputs]."""
        return native.quantise(self.weight.detach() * self.gain, self.bias.detach())


class Block(nn.Module):
    def __init__(self, width, recurrent, squares, depth, blocks):
        super().__init__()
        self.recurrent, self.squares = recurrent, squares
        place = (torch.arange(recurrent) + 0.5) / max(recurrent, 1)
        # Channels start with memories of 1.2 to 100 bytes; deeper blocks may not forget faster than a bound that rises with the channel.
        remembers = 1 - 1 / torch.exp(torch.log(torch.tensor(1.2)) + place * torch.log(torch.tensor(100 / 1.2)))
        bound = 0.0 if depth == 0 else 0.9 * depth / (blocks - 1)
        self.register_buffer("lowest", torch.floor(256 * bound * remembers * place))
        bias = torch.cat([remembers, torch.zeros(recurrent), torch.full((recurrent,), 0.5), torch.zeros(squares)])
        gains = torch.cat([torch.full((recurrent,), gain) for gain in (0.4, 1.0, 1.4)] + [torch.full((squares,), 1.5)])
        self.inner = Product(width, 3 * recurrent + squares, gains[:, None], bias)
        self.outer = Product(recurrent + squares, width, torch.cat([torch.full((recurrent,), 0.7), torch.full((squares,), 3.0)]))
        with torch.no_grad():
            self.inner.weight[:recurrent] *= 0.15
            self.inner.weight[recurrent : 2 * recurrent] *= 0.5
            self.inner.weight[2 * recurrent : 3 * recurrent] *= 0.7
            self.outer.weight[:, :recurrent] *= 0.5
            self.outer.weight[:, recurrent:] = 0


class Net(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        rows = table_rows(shape.table_bits)
        table = torch.zeros(sum(rows), shape.row_width)
        table[: rows[0]] = torch.randn(rows[0], shape.row_width) * 0.7
        table[rows[0] : rows[0] + rows[1]] = torch.randn(rows[1], shape.row_width) * 0.4
        self.register_buffer("table", table)
        self.entry = Product(shape.orders * shape.row_width, shape.width, 2.6)
        self.blocks = nn.ModuleList(Block(shape.width, r, s, i, len(shape.blocks)) for i, (r, s) in enumerate(shape.blocks))
        self.head = Product(shape.width, 256, 1.1)
        with torch.no_grad():
            self.head.weight *= 0.1

    def start(self, lanes):
        return [torch.zeros(lanes, r) for r, _ in self.shape.blocks]

    def embed(self, rows, exact):
        """rows [lanes * steps, orders] -> what enters the first product. The table learns outside of autograd: see TableOptimiser."""
        return native.table_forward(self.table, rows, exact)

    def used_weights(self, exact):
        """(weight, bias, whole weights) of each product, in the graph's order: entry, inner and outer of each block, head."""
        return [product.used(exact) for product in self.all_products()]

    def all_products(self):
        return [self.entry, *(p for block in self.blocks for p in (block.inner, block.outer)), self.head]

    def sums(self, embedded, states, weights, exact):
        """[lanes, steps, orders * row width] -> the head's sums [lanes, steps, 256], before floor and clip, and the new states."""
        residual, activation = Residual.apply(None, _sums(embedded, *weights[0]), exact)
        ends = []
        for i, (block, state) in enumerate(zip(self.blocks, states)):
            z = _sums(activation, *weights[1 + 2 * i])
            inner, end = Cell.apply(z, state, block.lowest, block.squares, exact)
            residual, activation = Residual.apply(residual, _sums(inner, *weights[2 + 2 * i]), exact)
            ends.append(end)
        return _sums(activation, *weights[-1]), ends

    def loss(self, embedded, states, targets, weights, exact, said=NOTHING_SAID, share=0.0):
        """-> mean bits a byte, bits of each byte [lanes, steps], and the new states. With what mix said [lanes, steps, 8], a share of
        them are those that a byte costs with both."""
        z, ends = self.sums(embedded, states, weights, exact)
        mean, bits = Loss.apply(z.view(-1, 256), targets.view(-1), said, share, exact)
        return mean, bits.view(targets.shape), ends

    @torch.no_grad()
    def bits(self, rows, states, targets, weights, exact):
        """Bits of each byte [lanes, steps], and the new states."""
        lanes, steps = targets.shape
        embedded = self.embed(rows.view(lanes * steps, -1), exact).view(lanes, steps, -1)
        z, ends = self.sums(embedded, states, weights, exact)
        return native.loss_forward(z.view(-1, 256), targets.view(-1), NOTHING_SAID, 0.0, exact, False)[0].view(lanes, steps), ends


def _sums(x, weight, bias, whole):
    """[..., inputs] -> [..., outputs]."""
    if whole is None:
        return functional.linear(x, weight, bias)
    return Sums.apply(x.reshape(-1, x.shape[-1]), weight, bias, whole).view(*x.shape[:-1], -1)
