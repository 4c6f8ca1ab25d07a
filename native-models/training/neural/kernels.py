"""The fused operations of kernels.cpp as differentiable functions. They are compiled on first use, in half a minute, and cached."""

import os
from pathlib import Path

import torch
from torch.utils.cpp_extension import load

_flags = ["-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"]


def _compiled():
    folder = os.environ.get("LMZ_KERNEL_FOLDER")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    source = str(Path(__file__).with_name("kernels.cpp"))
    return load(name="lmz_neural_kernels", sources=[source], extra_cflags=_flags, build_directory=folder or None)


native = _compiled()

ACTIVATION_UNITS = 32  # in 1.0, as in kernels.cpp


class WholeWeights:
    """A product's whole weights in the forms that its sums are computed with: in bytes forward, in bfloat16, which holds them all, backward."""

    def __init__(self, weight, exponents):
        """weight [outputs, inputs], whole multiples of 2^-exponents [outputs]."""
        scale = torch.ldexp(torch.ones_like(exponents), exponents)
        self.bytes = (weight * scale[:, None]).to(torch.int8).t()
        self.units = 1 / (scale * ACTIVATION_UNITS)
        self.halves = weight.to(torch.bfloat16)


class Sums(torch.autograd.Function):
    """(activations [n, inputs], weight, bias, whole weights) -> sums of products [n, outputs].

    Forward they are those of the exported graph. Gradients are summed up from bfloat16: twice as fast as float32, and what that
    rounds off is far less than what they differ by from step to step.
    """

    @staticmethod
    def forward(ctx, x, weight, bias, whole):
        ctx.save_for_backward(x.to(torch.bfloat16))
        ctx.whole = whole
        return native.real_sums(torch._int_mm(native.whole_activations(x), whole.bytes), whole.units, bias)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        halves = gradient.to(torch.bfloat16)
        return (halves @ ctx.whole.halves).float(), (halves.t() @ x).float(), gradient.sum(0), None


class Cell(torch.autograd.Function):
    """(z, state, lowest forget, squares, exact) -> what enters the second product, and the new state. No gradient reaches the old state."""

    @staticmethod
    def forward(ctx, z, start, lowest, squares, exact):
        out, states, end = native.cell_forward(z, start, lowest, squares, exact)
        ctx.save_for_backward(z, start, lowest, states)
        ctx.squares, ctx.exact = squares, exact
        ctx.mark_non_differentiable(end)
        return out, end

    @staticmethod
    def backward(ctx, gradient, _):
        z, start, lowest, states = ctx.saved_tensors
        gradient = native.cell_backward(z, start, lowest, states, gradient.contiguous(), ctx.squares, ctx.exact)
        return gradient, None, None, None, None


class Residual(torch.autograd.Function):
    """(residual or nothing, contribution, exact) -> (new residual, its clipped activation)."""

    @staticmethod
    def forward(ctx, residual, contribution, exact):
        total, activation = native.residual_forward(contribution.new_empty(0) if residual is None else residual, contribution, exact)
        ctx.save_for_backward(total)
        ctx.first = residual is None
        ctx.set_materialize_grads(False)
        return total, activation

    @staticmethod
    def backward(ctx, total_gradient, activation_gradient):
        (total,) = ctx.saved_tensors
        empty = total.new_empty(0)
        first = empty if total_gradient is None else total_gradient.contiguous()
        gradient = native.residual_backward(total, first, activation_gradient.contiguous())
        return None if ctx.first else gradient, gradient, None


NOTHING_SAID = torch.empty(0, dtype=torch.int8)


class Loss(torch.autograd.Function):
    """(products of the head [n, 256], targets [n], what mix said [n, 8], its share, exact) -> mean bits a byte, and the bits of each."""

    @staticmethod
    def forward(ctx, z, targets, said, share, exact):
        bits, gradient = native.loss_forward(z, targets, said, share, exact, True)
        ctx.save_for_backward(gradient)
        ctx.mark_non_differentiable(bits)
        return bits.mean(), bits

    @staticmethod
    def backward(ctx, scale, _):
        return ctx.saved_tensors[0] * scale, None, None, None, None
