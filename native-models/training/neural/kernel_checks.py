"""The fused operations against the same arithmetic in plain PyTorch, values and gradients."""

import torch

from kernels import ACTIVATION_UNITS, NOTHING_SAID, Cell, Loss, Residual, Sums, WholeWeights, native


LN2 = 0.6931471805599453


def _through(x, f):
    return x + (f(x) - x).detach()


def plain_cell(z, start, lowest, squares, exact):
    whole = (lambda x: _through(x, torch.floor)) if exact else (lambda x: x)
    recurrent = len(lowest)
    f, c, o, g = z.split([recurrent, recurrent, recurrent, squares], dim=2)
    forget = whole(f * 256).clamp(min=lowest, max=torch.full_like(lowest, 255.0))
    candidate = whole(c * 2048).clamp(-2048, 2047) * 16
    gate = whole(o * 64).clamp(-127, 127)
    root = whole(g * 64).clamp(0, 180)
    state, outputs = start, []
    for t in range(z.shape[1]):
        state = candidate[:, t] + whole(forget[:, t] * (state - candidate[:, t]) / 256)
        outputs.append(whole(gate[:, t] * state / 65536) / 32)
    return torch.cat([torch.stack(outputs, dim=1), whole(root * root / 256) / 32], dim=2), state


def check():
    """Raises unless values are equal and gradients are close, for inputs within the clips' lines, where both rules for clips agree."""
    torch.manual_seed(7)
    recurrent, squares = 12, 20
    for exact in (False, True):
        z = torch.randn(3, 9, 3 * recurrent + squares)
        z[..., :recurrent] = torch.rand(3, 9, recurrent) * 0.6 + 0.35
        z[..., recurrent : 2 * recurrent] = (torch.rand(3, 9, recurrent) - 0.5) * 1.9
        z[..., 2 * recurrent :].clamp_(-1.9, 1.9)
        start = torch.floor(torch.randn(3, recurrent) * 9000).clamp(-32768, 32767)
        lowest = torch.floor(torch.linspace(0, 80, recurrent))
        pull = torch.randn(3, 9, recurrent + squares)
        found, expected = z.clone().requires_grad_(), z.clone().requires_grad_()
        out, end = Cell.apply(found, start, lowest, squares, exact)
        plain, plain_end = plain_cell(expected, start, lowest, squares, exact)
        (out * pull).sum().backward()
        (plain * pull).sum().backward()
        _same("cell", out, plain, 0 if exact else 1e-5)
        _same("state", end, plain_end.detach(), 0 if exact else 0.5)
        _same("cell's gradient", found.grad, expected.grad, 2e-3)

        first, second = torch.randn(4, 50), torch.randn(4, 50)
        one, two = first.clone().requires_grad_(), second.clone().requires_grad_()
        total, activation = Residual.apply(one, two, exact)
        (total * 2 + activation).sum().backward()
        added = torch.floor(second * 32) / 32 if exact else second
        _same("residual", total, first + added, 1e-6)
        _same("activation", activation, (first + added).clamp(-2, 63 / 32), 1e-6)
        inside = ((first + added) >= -2) & ((first + added) <= 63 / 32)
        _same("residual's gradient", one.grad[inside], torch.full_like(one.grad[inside], 3.0), 1e-6)

        logits = (torch.randn(30, 256) * 3).requires_grad_()
        targets = torch.randint(0, 256, (30,))
        Loss.apply(logits, targets.to(torch.uint8), NOTHING_SAID, 0.0, exact)[0].backward()
        again = logits.detach().clone().requires_grad_()
        used = _through(again * 64, torch.floor) / 64 if exact else again
        loss = torch.nn.functional.cross_entropy(used * LN2, targets) / LN2
        loss.backward()
        _same("loss", Loss.apply(logits.detach(), targets.to(torch.uint8), NOTHING_SAID, 0.0, exact)[0], loss.detach(), 1e-4)
        _same("loss's gradient", logits.grad, again.grad, 1e-5)


    _check_joint_loss()
    _check_sums()


def _check_joint_loss(share=0.7):
    logits = (torch.randn(20, 256) * 2).double()
    targets = torch.randint(0, 256, (20,))
    said = torch.randint(-127, 128, (20, 8), dtype=torch.int8)
    found, expected = logits.float().requires_grad_(), logits.clone().requires_grad_()
    loss = Loss.apply(found, targets.to(torch.uint8), said, share, False)[0]
    loss.backward()
    own = torch.nn.functional.cross_entropy(expected * LN2, targets) / LN2
    bits = 0.0
    for i in range(8):
        above = targets >> (8 - i)
        alike = (torch.arange(256)[None] >> (8 - i)) == above[:, None]
        is_one = ((torch.arange(256) >> (7 - i)) & 1).bool()[None]
        ones = (expected * LN2).masked_fill(~(alike & is_one), -1e9).logsumexp(1)
        zeros = (expected * LN2).masked_fill(~(alike & ~is_one), -1e9).logsumexp(1)
        logit = 0.45 * (ones - zeros) + 0.65 * said[:, i].double() / 16
        bit = ((targets >> (7 - i)) & 1).double()
        bits = bits + torch.nn.functional.binary_cross_entropy_with_logits(logit, bit) / LN2
    plain = (1 - share) * own + share * bits
    plain.backward()
    _same("joint loss", loss, plain.detach(), 1e-3)
    _same("joint loss's gradient", found.grad, expected.grad, 1e-5)


def _check_sums():
    """Forward sums are exact; gradients are rounded to bfloat16."""
    x = (torch.randint(-64, 64, (40, 24)) / ACTIVATION_UNITS).float().requires_grad_()
    weight, bias, exponents = native.quantise(torch.randn(16, 24) / 5, torch.randn(16))
    weight.requires_grad_()
    pull = torch.randn(40, 16)
    found = Sums.apply(x, weight, bias, WholeWeights(weight.detach(), exponents))
    gradients = torch.autograd.grad((found * pull).sum(), [x, weight])
    expected = torch.nn.functional.linear(x, weight, bias)
    _same("sums", found, expected, 0)
    for name, one, other in zip(["activations", "weights"], gradients, torch.autograd.grad((expected * pull).sum(), [x, weight])):
        _same(f"gradient of the {name}", one / other.abs().max(), other / other.abs().max(), 0.02)


def _same(what, found, expected, tolerance):
    difference = (found - expected).abs().max().item()
    if difference > tolerance:
        raise ValueError(f"{what}: {difference} away from plain PyTorch")
