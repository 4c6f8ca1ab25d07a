"""An exported model in ONNX Runtime, and the checks that it computes what it should."""

import json
from pathlib import Path

import numpy
import onnxruntime

import self_test
import weights_file
from reference import Reference

GRAPHS = {"integer": "step-integer.onnx", "float32": "step-float32.onnx"}


class Runtime:
    """step(rows, states) -> logits, states, as float32 arrays of whole numbers."""

    def __init__(self, folder, graph="integer", threads=2, optimised=True):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # Threads that wait actively would take the cores from whatever else runs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        level = onnxruntime.GraphOptimizationLevel
        options.graph_optimization_level = level.ORT_ENABLE_ALL if optimised else level.ORT_DISABLE_ALL
        path = str(Path(folder) / GRAPHS[graph])
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.names = [f"state{i}" for i in range(len(self.session.get_inputs()) - 1)]

    def step(self, rows, states):
        given = {"rows": rows, **{name: state.astype(numpy.float32, copy=False) for name, state in zip(self.names, states)}}
        logits, *states = self.session.run(None, given)
        return logits, states


def check(folder):
    """Both graphs, with one thread and two, optimised and not, repeat the recorded vectors. -> what was checked; raises otherwise."""
    folder = Path(folder)
    model = json.loads((folder / "model.json").read_text())
    recorded = json.loads((folder / "self-test.json").read_text())
    shape = weights_file.shape_of(model)
    entries = weights_file.read(folder / "weights.bin", model["layout"])
    weights_file.check_sums(entries)
    steps = {"reference": Reference(shape, entries).step}
    for graph in GRAPHS:
        for threads in (1, 2):
            for optimised in (True, False):
                name = f"{graph}, {threads} threads, {'optimised' if optimised else 'as written'}"
                steps[name] = Runtime(folder, graph, threads, optimised).step
    for name, step in steps.items():
        for case in recorded["cases"]:
            found = self_test.outputs_hash(step, case, shape, recorded["largestRows"])
            if found != case["sha256"]:
                raise ValueError(f"{name}: other integers than recorded in the case '{case['name']}'")
    return {"implementations": len(steps), "cases": len(recorded["cases"])}


def bits_of(logits, targets):
    """Bits that each target costs, from whole logits in 1/64 bit [lanes, 256]."""
    scaled = logits.astype(numpy.float64) / 64
    highest = scaled.max(axis=1, keepdims=True)
    total = numpy.log2(numpy.exp2(scaled - highest).sum(axis=1)) + highest[:, 0]
    return total - scaled[numpy.arange(len(targets)), targets]
