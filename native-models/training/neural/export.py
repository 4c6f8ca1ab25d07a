"""Makes a model's files from a checkpoint: `python export.py --help`. See README.md."""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

import numpy
import onnxruntime
import torch

import contexts
import graph
import runtime
import self_test
import weights_file
from contexts import HISTORY, context_rows
from corpus import SHARES, Corpus, held_out_lanes
from evaluate import by_kind, held_out_bits
from model import Net, Shape
from reference import Reference
from train import DEFAULT_CORPUS, ROOT

CONTRACT = 1
LARGEST_BYTES = 24_000_000
TRAINING_OPTIONS = "lanes steps window rates table_slowest mix_share clip warm_up seed threads decay".split()


def load(path):
    content = torch.load(path, weights_only=False)
    net = Net(Shape.from_json(content["options"]["shape"]))
    net.load_state_dict(content["net"])
    return net, content


def check_training_graph(net, reference, corpus, lanes=6, steps=256):
    """The training graph's logits on real text, from nothing, are the reference's."""
    data = numpy.concatenate([held_out_lanes(corpus, kind, 1) for kind in SHARES])[:lanes, : HISTORY + steps]
    rows = context_rows(data, net.shape.table_bits)
    with torch.no_grad():
        embedded = net.embed(torch.from_numpy(rows).view(-1, net.shape.orders), True).view(lanes, steps, -1)
        z, ends = net.sums(embedded, net.start(lanes), net.used_weights(True), True)
    trained = torch.floor(z * 64).clamp(-2048, 2047).numpy()
    states = reference.start(lanes)
    for t in range(steps):
        logits, states = reference.step(rows[:, t], states)
        if not numpy.array_equal(logits, trained[:, t]):
            raise ValueError(f"the training graph's logits are not the reference's at step {t}")
    if not all(numpy.array_equal(a, b.numpy()) for a, b in zip(states, ends)):
        raise ValueError("the training graph's states are not the reference's")


def exported_bits(folder, shape, corpus, lanes):
    """Bits a byte of held-out text, lanes of 8 KiB, by the integer graph in ONNX Runtime."""
    step = runtime.Runtime(folder, "integer").step
    pieces = {kind: held_out_lanes(corpus, kind, lanes) for kind in SHARES}
    data = numpy.concatenate(list(pieces.values()))
    states = [numpy.zeros((len(data), r), numpy.float32) for r, _ in shape.blocks]
    total, length = numpy.zeros(len(data)), data.shape[1] - HISTORY
    for begin in range(0, length, 256):
        rows = context_rows(data[:, begin : begin + HISTORY + 256], shape.table_bits)
        for t in range(rows.shape[1]):
            logits, states = step(numpy.ascontiguousarray(rows[:, t]), states)
            total += runtime.bits_of(logits, data[:, HISTORY + begin + t])
    return by_kind(pieces, total / length)


def write_json(path, values):
    path.write_text(json.dumps(values, indent=2) + "\n")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def export(checkpoint, folder, identity, corpus, lanes):
    net, content = load(checkpoint)
    folder.mkdir(parents=True, exist_ok=True)
    entries = weights_file.sections(net)
    largest_sum = weights_file.check_sums(entries)
    layout = weights_file.write(folder / "weights.bin", entries)
    nodes = {}
    for name, file in runtime.GRAPHS.items():
        nodes[name] = graph.save(graph.build(net.shape, layout, name == "integer"), folder / file)
    reference = Reference(net.shape, entries)
    check_training_graph(net, reference, corpus)
    write_json(folder / "self-test.json", self_test.record(reference, entries, net.shape))
    files = ["weights.bin", *runtime.GRAPHS.values(), "self-test.json"]
    options = content["options"]
    model = {
        "contract": CONTRACT,
        "codec": "neural",
        "id": identity,
        "shape": net.shape.to_json(),
        "parameters": sum(array.size for name, array in entries.items() if name == "table" or name.endswith((".weight", ".offset"))),
        "multiplyAccumulates": net.shape.dense_weights(),
        "nodes": nodes,
        "largestSum": largest_sum,
        "logitUnit": 1 / 64,
        "rows": contexts.__doc__,
        "product": weights_file.__doc__,
        "selfTest": self_test.__doc__,
        "trainingBytes": content["bytes"],
        "trainingSteps": content["step"],
        "trainingOptions": {name: options[name] for name in TRAINING_OPTIONS},
        "madeWith": {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__, "numpy": numpy.__version__},
        "shares": SHARES,
        "corpusManifestSha256": corpus.manifest_sha256(),
        "files": {name: {"bytes": (folder / name).stat().st_size, "sha256": sha256(folder / name)} for name in files},
        "layout": layout,
    }
    write_json(folder / "model.json", model)
    checked = runtime.check(folder)
    begun = time.monotonic()
    model["heldOutBits"] = {
        "exported": exported_bits(folder, net.shape, corpus, lanes),
        "trainingGraph": held_out_bits(net, corpus, lanes, True),
        "float": held_out_bits(net, corpus, lanes, False),
        "lanesOf64KiB": held_out_bits(net, corpus, 2, True, 65536),
        "lanesOfEachKind": lanes,
    }
    write_json(folder / "model.json", model)
    size = sum(path.stat().st_size for path in folder.iterdir())
    if size > LARGEST_BYTES:
        raise ValueError(f"{size} bytes are more than a model may have")
    print(json.dumps({"bytes": size, "nodes": nodes, "largestSum": largest_sum, **checked, **model["heldOutBits"]}, indent=1))
    print(f"held-out text took {time.monotonic() - begun:.0f} s")


def main(arguments):
    parser = argparse.ArgumentParser(description="Exports a checkpoint as a model, checks it bit for bit, and measures it on held-out text.")
    parser.add_argument("checkpoint")
    parser.add_argument("--id", default="byte-1")
    parser.add_argument("--folder", default=str(ROOT / "native-models"), help="where the model's folder is made")
    parser.add_argument("--corpus", default=DEFAULT_CORPUS)
    parser.add_argument("--held-out-lanes", type=int, default=16)
    parser.add_argument("--limit", type=int, default=None)
    options = parser.parse_args(arguments)
    corpus = Corpus(options.corpus + "/train", options.limit)
    export(options.checkpoint, Path(options.folder) / options.id, options.id, corpus, options.held_out_lanes)


if __name__ == "__main__":
    main(sys.argv[1:])
