"""Makes a small net that knows nothing, with all its files: `python untrained.py FOLDER`. The runtime's tests use it (test/unit/models/nets)."""

import sys
from pathlib import Path

import torch

import graph
import runtime
import self_test
import weights_file
from export import CONTRACT, sha256, write_json
from model import Net, Shape
from reference import Reference

SHAPE = Shape(width=32, blocks=((16, 32), (32, 16)), row_width=16, table_bits=(8, 8, 8))


def untrained(seed):
    """A net whose values reach their limits now and then."""
    torch.manual_seed(seed)
    net = Net(SHAPE)
    with torch.no_grad():
        net.table.normal_(0, 0.7)
        for product in net.all_products():
            product.weight.mul_(1.5)
            product.bias.add_(torch.randn_like(product.bias) * 0.2)
        net.head.weight.mul_(2)
    return net


def main(folder):
    net = untrained(5)
    folder.mkdir(parents=True, exist_ok=True)
    entries = weights_file.sections(net)
    weights_file.check_sums(entries)
    layout = weights_file.write(folder / "weights.bin", entries)
    for name, file in runtime.GRAPHS.items():
        graph.save(graph.build(SHAPE, layout, name == "integer"), folder / file)
    write_json(folder / "self-test.json", self_test.record(Reference(SHAPE, entries), entries, SHAPE))
    files = ["weights.bin", *runtime.GRAPHS.values(), "self-test.json"]
    sizes = {name: {"bytes": (folder / name).stat().st_size, "sha256": sha256(folder / name)} for name in files}
    write_json(
        folder / "model.json",
        {"contract": CONTRACT, "codec": "neural", "id": folder.name, "shape": SHAPE.to_json(), "files": sizes, "layout": layout},
    )
    print(runtime.check(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
