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


class Loss(torch.autograd.Function):
    """(products of the head [n, 256], targets [n], exact) -> mean bits a byte, and the bits of each."""

    @staticmethod
    def forward(ctx, z, targets, exact):
        bits, gradient = native.loss_forward(z, targets, exact, True)
        ctx.save_for_backward(gradient)
        ctx.mark_non_differentiable(bits)
        return bits.mean(), bits

    @staticmethod
    def backward(ctx, scale, _):
        return ctx.saved_tensors[0] * scale, None, None
