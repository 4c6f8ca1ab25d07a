"""What changes the weights: Muon or AdamW for the matrices, AdamW for biases, and a step of its own for the n-gram rows."""

import torch

from kernels import native


def orthogonalised(gradient, iterations=5):
    """The nearest semi-orthogonal matrix, by Newton-Schulz iterations (Jordan, "Muon", 2024; its coefficients)."""
    x = gradient / (gradient.norm() + 1e-12)
    if x.shape[0] > x.shape[1]:
        return orthogonalised(gradient.t(), iterations).t()
    for _ in range(iterations):
        square = x @ x.t()
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


class Muon:
    """Momentum whose step is orthogonalised: all directions of a matrix learn alike. `rate` is the root mean square of a step's entries
    relative to a weight's usual size, 1 / sqrt(inputs)."""

    def __init__(self, parameters, momentum=0.95):
        self.parameters = list(parameters)
        self.momentum = momentum
        self.mean = [torch.zeros_like(p) for p in self.parameters]

    def steps(self, rate, decay):
        """One call a matrix, which may run side by side."""
        return [lambda pair=pair: self._step(*pair, rate, decay) for pair in zip(self.parameters, self.mean)]

    @torch.no_grad()
    def _step(self, parameter, mean, rate, decay):
        mean.lerp_(parameter.grad, 1 - self.momentum)
        direction = orthogonalised(parameter.grad.lerp(mean, self.momentum))
        rows, columns = parameter.shape
        parameter.mul_(1 - rate * decay)
        parameter.add_(direction, alpha=-rate * max(1.0, rows / columns) ** 0.5)

    def state_dict(self):
        return {"mean": self.mean}

    def load_state_dict(self, state):
        for mine, saved in zip(self.mean, state["mean"]):
            mine.copy_(saved)


class TableOptimiser:
    """Updates only the rows that were used (kernels.cpp, table_update).

    Rows of orders 1 and 2 learn from each batch. Those of the orders from 3 on learn when all lanes begin new text, from everything since the
    last time: a row of a rare n-gram that learnt at once would tell the net what it has just read, and the net would learn to
    look for what no archive's rows hold. README.md has figures.
    """

    def __init__(self, table, orders, slowest, decay=0.99):
        self.table, self.orders, self.slowest, self.decay = table, orders, slowest, decay
        self.squares = torch.zeros_like(table)
        self.visits = torch.zeros(len(table))
        self.waiting = []

    def steps(self, rows, gradient, rate):
        """rows [n, orders], gradient of the sum of bits [n, orders, width] -> calls that may run side by side: orders have rows of their own."""
        self.waiting.append((rows, gradient[:, 2:].clone()))
        return [lambda: self._step(rows, gradient, range(0, min(2, self.orders)), 0, rate)]

    def rare_steps(self, rate):
        """Calls that learn from what waits."""
        if not self.waiting or self.orders <= 2:
            return []
        rows, gradient = (torch.cat(each) for each in zip(*self.waiting))
        self.waiting = []
        return [lambda order=order: self._step(rows, gradient, range(order, order + 1), 2, rate) for order in range(2, self.orders)]

    def _step(self, rows, gradient, orders, first, rate):
        args = (rate, self.decay, self.slowest, orders.start, orders.stop, first)
        native.table_update(self.table, self.squares, self.visits, rows, gradient, *args)

    def state_dict(self):
        return {"squares": self.squares, "visits": self.visits}

    def load_state_dict(self, state):
        self.squares.copy_(state["squares"])
        self.visits.copy_(state["visits"])


class Optimiser:
    def __init__(self, net, muon, slowest):
        matrices = [p for name, p in net.named_parameters() if p.dim() == 2 and (muon and "head" not in name)]
        chosen = {id(p) for p in matrices}
        others = [p for p in net.parameters() if id(p) not in chosen]
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW(others, lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
        self.table = TableOptimiser(net.table, net.shape.orders, slowest)

    def steps(self, rows, row_gradient, factor, rates):
        """Calls that may run side by side. `factor` of the schedule in 0..1; `rates` by name: muon, adam, table, and the matrices' decay."""
        for group in self.adam.param_groups:
            group["lr"] = rates["adam"] * factor
        calls = [*self.muon.steps(rates["muon"] * factor, rates["decay"]), self.adam.step]
        return calls + self.table.steps(rows, row_gradient, rates["table"] * factor)

    def state_dict(self):
        return {"muon": self.muon.state_dict(), "adam": self.adam.state_dict(), "table": self.table.state_dict()}

    def load_state_dict(self, state):
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.table.load_state_dict(state["table"])
