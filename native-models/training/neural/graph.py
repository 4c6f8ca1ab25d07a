"""The two ONNX graphs of one step. They differ in the matrix products only. Weights stay in weights.bin as external data.

- integer: MatMulIntegerToFloat of uint8 and int8, which is MatMulInteger with the scale and offset of each output in one node (an operator
  of ONNX Runtime's own, in all its CPU builds); with separate nodes a step of two blocks had 69 of them instead of 51.
- float32: MatMul of the same integers, whose scales are folded into the weights when a session is made.

Inputs: `rows` int32 [lanes, orders]; `state0`, `state1`, ... float32 [lanes, channels] with whole numbers -32768..32767.
Outputs: `logits` float32 [lanes, 256], whole numbers in units of 1/64 bit; `next0`, `next1`, ... the new states.
"""

import onnx
from onnx import TensorProto, helper

OPSET = 17
_TYPES = {"uint8": TensorProto.UINT8, "int8": TensorProto.INT8, "float32": TensorProto.FLOAT}


class _Graph:
    def __init__(self, layout, integer):
        self.layout = {part["name"]: part for part in layout}
        self.integer = integer
        self.nodes, self.initializers, self.known, self.count = [], [], set(), 0

    def add(self, operator, inputs, outputs=1, name=None, **attributes):
        self.count += 1
        names = [name or f"v{self.count}"] if outputs == 1 else [f"v{self.count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def section(self, name):
        if name not in self.known:
            part = self.layout[name]
            tensor = TensorProto(name=name, data_type=_TYPES[part["type"]], dims=part["shape"])
            tensor.data_location = TensorProto.EXTERNAL
            size = {"uint8": 1, "int8": 1, "float32": 4}[part["type"]]
            for dimension in part["shape"]:
                size *= dimension
            for key, value in (("location", "weights.bin"), ("offset", part["offset"]), ("length", size)):
                tensor.external_data.add(key=key, value=str(value))
            self.initializers.append(tensor)
            self.known.add(name)
        return name

    def number(self, value):
        name = f"number{value}"
        if name not in self.known:
            self.initializers.append(helper.make_tensor(name, TensorProto.FLOAT, [], [value]))
            self.known.add(name)
        return name

    def whole(self, name, values):
        self.initializers.append(helper.make_tensor(name, TensorProto.INT64, [len(values)], values))
        return name

    def product(self, name, activation, is_bytes=False):
        """floor((activation x weight) * scale + offset); the activation is float32 unless it is bytes already."""
        weight, scale, offset = (self.section(f"{name}.{part}") for part in ("weight", "scale", "offset"))
        if self.integer:
            entering = activation if is_bytes else self.add("Cast", [activation], to=TensorProto.UINT8)
            inputs = [entering, weight, self.number(1.0), scale, "", "", offset]
            total = self.add("MatMulIntegerToFloat", inputs, domain="com.microsoft")
        else:
            entering = self.add("Cast", [activation], to=TensorProto.FLOAT) if is_bytes else activation
            scaled = self.add("Mul", [self.add("Cast", [weight], to=TensorProto.FLOAT), scale])
            total = self.add("Add", [self.add("MatMul", [entering, scaled]), offset])
        return self.add("Floor", [total])

    def activation(self, residual):
        return self.add("Clip", [residual, self.number(0.0), self.number(127.0)])


def build(shape, layout, integer):
    g = _Graph(layout, integer)
    embedded = g.add("Gather", [g.section("table"), "rows"], axis=0)
    flat = g.add("Reshape", [embedded, g.whole("flat", [-1, shape.orders * shape.row_width])])
    residual = g.product("entry", flat, is_bytes=True)
    inputs = [helper.make_tensor_value_info("rows", TensorProto.INT32, ["lanes", shape.orders])]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["lanes", 256])]
    for i, (recurrent, squares) in enumerate(shape.blocks):
        inner = g.product(f"block{i}.inner", g.activation(residual))
        inner = g.add("Min", [g.add("Max", [inner, g.section(f"block{i}.low")]), g.section(f"block{i}.high")])
        inner = g.add("Mul", [inner, g.section(f"block{i}.unit")])
        sizes = g.whole(f"sizes{i}", [recurrent, recurrent, recurrent, squares])
        forget, candidate, gate, root = g.add("Split", [inner, sizes], outputs=4, axis=1)
        kept = g.add("Floor", [g.add("Mul", [forget, g.add("Sub", [f"state{i}", candidate])])])
        state = g.add("Add", [kept, candidate], name=f"next{i}")
        both = g.add("Concat", [g.add("Mul", [gate, state]), g.add("Mul", [root, root])], axis=1)
        entering = g.add("Add", [both, g.section(f"block{i}.zero")])
        if not integer:  # the cast to uint8 is a floor, since nothing here is below zero
            entering = g.add("Floor", [entering])
        residual = g.add("Add", [residual, g.product(f"block{i}.outer", entering)])
        inputs.append(helper.make_tensor_value_info(f"state{i}", TensorProto.FLOAT, ["lanes", recurrent]))
        outputs.append(helper.make_tensor_value_info(f"next{i}", TensorProto.FLOAT, ["lanes", recurrent]))
    g.add("Clip", [g.product("head", g.activation(residual)), g.number(-2048.0), g.number(2047.0)], name="logits")
    graph = helper.make_graph(g.nodes, "step", inputs, outputs, g.initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)], producer_name="lmz")
    model.ir_version = 8
    return model


def save(model, path):
    onnx.save_model(model, str(path))
    return len(model.graph.node)
