"""Later checkpoints of a run, as safetensors in three types of floats: what test/bench/delta.ts measures.

`python checkpoints.py RUN.pt FOLDER --after 20 100` goes on from a checkpoint at the full rate; with `--late`, as in the last 1,000 of 12,000 steps in which
the rates fall to nothing. Writes `0-whole-f32.safetensors`, `20-whole-f32.safetensors`, ..., and `dense` without the table of n-gram rows. Other options are train.py's.
"""

import argparse
import json
import struct
from pathlib import Path

import torch

import train
from corpus import Corpus
from model import Shape

TYPES = {"f32": (torch.float32, "F32"), "bf16": (torch.bfloat16, "BF16"), "f16": (torch.float16, "F16")}


def write_safetensors(path, tensors, kind):
    header, data, at = {}, [], 0
    for name, tensor in tensors:
        content = tensor.contiguous().flatten().view(torch.uint8).numpy().tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [at, at + len(content)]}
        at += len(content)
        data.append(content)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))


def write_net(net, folder, name):
    """Weights and biases; the gains never change."""
    trained = [(key, value) for key, value in net.state_dict().items() if not key.endswith("gain") and value.dtype == torch.float32]
    dense = [(key, value) for key, value in trained if key != "table"]
    for part, tensors in (("whole", trained), ("dense", dense)):
        for short, (dtype, kind) in TYPES.items():
            write_safetensors(folder / f"{name}-{part}-{short}.safetensors", [(key, value.to(dtype)) for key, value in tensors], kind)


def main():
    parser = argparse.ArgumentParser(description="Later checkpoints of a run, as safetensors.")
    parser.add_argument("checkpoint")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--after", type=int, nargs="+", default=[20, 100], help="steps")
    parser.add_argument("--late", action="store_true")
    chosen, others = parser.parse_known_args()
    options = train.parse([*others, *(["--decay", "12000"] if chosen.late else [])])
    torch.set_num_threads(1)
    content = torch.load(chosen.checkpoint, weights_only=False)
    train.prepare(options)
    options.shape = Shape.from_json(content["options"]["shape"])
    trainer = train.Trainer(options, Corpus(options.corpus + "/train", options.limit, options.mix_said))
    trainer.restore(content)
    if chosen.late:
        trainer.decay_from = trainer.step - 11000
    chosen.folder.mkdir(parents=True, exist_ok=True)
    write_net(trainer.net, chosen.folder, "0")
    for step in range(1, max(chosen.after) + 1):
        trainer.train_step()
        if step in chosen.after:
            write_net(trainer.net, chosen.folder, str(step))


if __name__ == "__main__":
    main()
