"""One step in slow, plain integers, straight from weights.bin: what every other implementation must equal."""

import numpy


class Reference:
    def __init__(self, shape, entries):
        self.shape = shape
        self.entries = {name: self._whole(name, array.astype(numpy.float64), entries) for name, array in entries.items() if name != "table"}
        self.entries["table"] = entries["table"]

    @staticmethod
    def _whole(name, array, entries):
        """Exponents of the powers of two; offsets in units of their sums; everything else is whole as it stands."""
        if name.endswith((".scale", ".unit")):
            exponent = numpy.round(numpy.log2(array))
            assert (numpy.exp2(exponent) == array).all()
            return exponent.astype(numpy.int64)
        if name.endswith(".offset"):
            array = array / entries[name.replace(".offset", ".scale")]
        assert (numpy.round(array) == array).all()
        return array.astype(numpy.int64)

    def start(self, lanes):
        return [numpy.zeros((lanes, r), numpy.int64) for r, _ in self.shape.blocks]

    def step(self, rows, states):
        """rows [lanes, orders], states -> logits [lanes, 256], new states; all int64."""
        e = self.entries
        residual = self._product("entry", e["table"][rows].reshape(len(rows), -1).astype(numpy.int64))
        ends = []
        for i, ((recurrent, squares), state) in enumerate(zip(self.shape.blocks, states)):
            inner = self._product(f"block{i}.inner", numpy.clip(residual, 0, 127))
            inner = numpy.clip(inner, e[f"block{i}.low"], e[f"block{i}.high"])
            forget, candidate, gate, root = numpy.split(inner, [recurrent, 2 * recurrent, 3 * recurrent], axis=1)
            candidate = candidate * 16
            state = candidate + ((forget * (state - candidate)) >> 8)
            ends.append(state)
            entering = numpy.concatenate([((gate * state) >> 16) + 64, (root * root) >> 8], axis=1)
            residual = residual + self._product(f"block{i}.outer", entering)
        return numpy.clip(self._product("head", numpy.clip(residual, 0, 127)), -2048, 2047), ends

    def _product(self, name, activation):
        assert activation.min() >= 0 and activation.max() <= 127
        total = activation @ self.entries[f"{name}.weight"] + self.entries[f"{name}.offset"]
        assert abs(total).max() < 1 << 24
        exponent = self.entries[f"{name}.scale"]
        return numpy.where(exponent < 0, total >> numpy.maximum(-exponent, 0), total << numpy.maximum(exponent, 0))
