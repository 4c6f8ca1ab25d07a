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

    @torch.no_grad()
    def step(self, rate, decay):
        for parameter, mean in zip(self.parameters, self.mean):
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
    """Updates only the rows that a batch used (kernels.cpp, table_update)."""

    def __init__(self, table, decay=0.99, slowest=100.0):
        self.table, self.decay, self.slowest = table, decay, slowest
        self.squares = torch.zeros_like(table)
        self.visits = torch.zeros(len(table))

    def step(self, rows, gradient, rate, orders):
        """Of a range of orders, whose rows are apart from those of others: ranges may be updated side by side."""
        native.table_update(
            self.table, self.squares, self.visits, rows, gradient, rate, self.decay, self.slowest, orders.start, orders.stop
        )

    def state_dict(self):
        return {"squares": self.squares, "visits": self.visits}

    def load_state_dict(self, state):
        self.squares.copy_(state["squares"])
        self.visits.copy_(state["visits"])


class Optimiser:
    def __init__(self, net, muon):
        matrices = [p for name, p in net.named_parameters() if p.dim() == 2 and (muon and "head" not in name)]
        chosen = {id(p) for p in matrices}
        others = [p for p in net.parameters() if id(p) not in chosen]
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW(others, lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
        self.table = TableOptimiser(net.table)

    def step(self, factor, rates):
        """`factor` of the schedule in 0..1; `rates` by name: muon, adam, and the matrices' decay."""
        self.muon.step(rates["muon"] * factor, rates["decay"])
        for group in self.adam.param_groups:
            group["lr"] = rates["adam"] * factor
        self.adam.step()

    def state_dict(self):
        return {"muon": self.muon.state_dict(), "adam": self.adam.state_dict(), "table": self.table.state_dict()}

    def load_state_dict(self, state):
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.table.load_state_dict(state["table"])
