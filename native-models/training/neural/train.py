"""Trains the net: `python train.py --help`. See README.md."""

import argparse
import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import torch

from contexts import HISTORY, context_rows
from corpus import SHARES, Corpus, Lanes
from evaluate import held_out_bits
from model import Net, Shape
from optimiser import Optimiser

ROOT = Path(__file__).resolve().parents[3]
DEFAULT_CORPUS = os.environ.get("LMZ_CORPUS", str(ROOT.parent / "shared/corpus"))


class Trainer:
    def __init__(self, options, corpus):
        torch.manual_seed(options.seed)
        self.options, self.corpus = options, corpus
        self.net = Net(options.shape)
        self.optimiser = Optimiser(self.net, options.muon > 0, options.table_slowest)
        self.lanes = Lanes(corpus, options.lanes, options.steps, options.window, options.seed)
        self.states = self.net.start(options.lanes)
        self.pool = ThreadPoolExecutor(options.threads, initializer=torch.set_num_threads, initargs=(1,))
        self.step = 0
        self.bytes = 0
        self.seconds = 0.0
        self.decay_from = None

    def factor(self):
        """Warm-up, then constant; with `--decay` steps, linearly to nothing from where the checkpoint was."""
        warm = min(1.0, (self.step + 1) / self.options.warm_up)
        if self.decay_from is None:
            return warm
        return warm * max(0.0, 1 - (self.step - self.decay_from) / self.options.decay)

    def train_step(self):
        """-> (number of the kind, bits a byte) of each lane, and the norm of the gradient.

        Each thread takes a share of the lanes from start to end; they meet twice a step. On a machine whose cores others use too,
        threads that wait for each other at every product would stand still most of the time.
        """
        options = self.options
        data, fresh, kinds, said = self.lanes.next()
        weights = [(weight.requires_grad_(), bias.requires_grad_(), whole) for weight, bias, whole in self.net.used_weights(options.exact)]
        flat = [part for weight, bias, _ in weights for part in (weight, bias)]
        share = options.lanes // (2 * options.threads)

        def differentiate(begin):
            part = slice(begin, begin + share)
            rows = torch.from_numpy(context_rows(data[part], options.shape.table_bits)).view(-1, options.shape.orders)
            targets = torch.from_numpy(numpy.ascontiguousarray(data[part, HISTORY:]))
            keep = torch.from_numpy(~fresh[part]).float()[:, None]
            embedded = self.net.embed(rows, options.exact).view(share, options.steps, -1).requires_grad_()
            states = [state[part] * keep for state in self.states]
            loss, bits, ends = self.net.loss(embedded, states, targets, weights, options.exact, torch.from_numpy(said[part]), options.mix_share)
            gradients = torch.autograd.grad(loss, [*flat, embedded])
            return bits.mean(dim=1).tolist(), ends, rows, gradients

        parts = list(self.pool.map(differentiate, range(0, options.lanes, share)))
        bits, ends, rows, gradients = zip(*parts)
        self.states = [torch.cat(each) for each in zip(*ends)]
        parameters = [part for product in self.net.all_products() for part in (product.weight, product.bias)]
        for parameter, *each in zip(parameters, *gradients):
            parameter.grad = sum(each) / len(parts)
        for product in self.net.all_products():
            product.weight.grad *= product.gain
        norm = torch.nn.utils.clip_grad_norm_(parameters, options.clip)
        # The loss of a part is a mean over its bytes; rows are given the gradient of the sum of bits.
        row_gradients = torch.cat([each[-1].view(len(rows[0]), options.shape.orders, -1) for each in gradients]) * (share * options.steps)
        calls = self.optimiser.steps(torch.cat(rows), row_gradients, self.factor(), options.rates)
        self._run(calls)
        if self.lanes.at_end_of_window():
            self._run(self.optimiser.table.rare_steps(options.rates["table"] * self.factor()))
        self.step += 1
        self.bytes += options.lanes * options.steps
        return list(zip(kinds, (each for part in bits for each in part))), norm.item()

    def _run(self, calls):
        for each in [self.pool.submit(call) for call in calls]:
            each.result()

    def save(self, path):
        content = {
            "options": {**vars(self.options), "shape": self.options.shape.to_json()},
            "net": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "lanes": self.lanes.state(),
            "states": self.states,
            "step": self.step,
            "bytes": self.bytes,
            "seconds": self.seconds,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        torch.save(content, partial)
        os.replace(partial, path)

    def take_rows(self, content):
        self.net.table.copy_(content["net"]["table"])
        self.optimiser.table.load_state_dict(content["optimiser"]["table"])

    def restore(self, content):
        self.net.load_state_dict(content["net"])
        self.optimiser.load_state_dict(content["optimiser"])
        self.step, self.bytes, self.seconds = content["step"], content["bytes"], content["seconds"]
        self.lanes.restore(content["lanes"])
        self.states = content["states"]


def train(trainer, folder, name):
    """Until the steps or minutes are over, or a signal comes; then a checkpoint. The log is JSON lines."""
    options = trainer.options
    stopped = []
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.append(True))
    folder.mkdir(parents=True, exist_ok=True)
    log = open(folder / f"{name}.jsonl", "a", buffering=1)
    last = trainer.step + options.decay if trainer.decay_from is not None else trainer.step + options.max_steps
    begun = time.monotonic()
    reported, reported_bytes = begun, trainer.bytes
    spent = {}  # kind -> bits a byte of each lane and step since the last report
    evaluated = saved = begun

    def evaluate():
        started = time.monotonic()
        bits = held_out_bits(trainer.net, trainer.corpus, options.held_out_lanes, options.exact)
        write({"held_out": bits, "held_out_seconds": round(time.monotonic() - started, 1)})

    def write(values):
        line = {"step": trainer.step, "megabytes": round(trainer.bytes / 1e6, 2), "seconds": round(trainer.seconds), **values}
        log.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)

    while trainer.step < last and not stopped and time.monotonic() - begun < options.minutes * 60:
        started = time.monotonic()
        lanes, norm = trainer.train_step()
        for kind, bits in lanes:
            spent.setdefault(trainer.lanes.kinds[kind], []).append(bits)
        now = time.monotonic()
        trainer.seconds += now - started
        if now - reported > options.report_seconds:
            speed = (trainer.bytes - reported_bytes) / (now - reported) / 1000
            every = [bits for each in spent.values() for bits in each]
            of_kinds = {kind: round(sum(each) / len(each), 3) for kind, each in sorted(spent.items())}
            mean = round(sum(every) / len(every), 4)
            write({"bits": mean, "kilobytes_a_second": round(speed, 1), "norm": round(norm, 3), "of_kinds": of_kinds})
            spent = {}
            reported, reported_bytes = time.monotonic(), trainer.bytes
        if now - evaluated > options.evaluate_minutes * 60:
            evaluate()
            evaluated = reported = time.monotonic()
            reported_bytes = trainer.bytes
        if now - saved > options.save_minutes * 60:
            trainer.save(folder / f"{name}.pt")
            saved = time.monotonic()
    trainer.save(folder / f"{name}.pt")
    if not stopped:
        evaluate()
    write({"ended": "stopped" if stopped else "done"})


def parse(arguments):
    parser = argparse.ArgumentParser(description="Trains the neural codec's net; goes on from its checkpoint if there is one.")
    parser.add_argument("--corpus", default=DEFAULT_CORPUS)
    parser.add_argument("--folder", default=str(ROOT / "out/neural-training"), help="checkpoints and logs")
    parser.add_argument("--name", default="run")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--blocks", default="208+32,208+32,128+192", help="recurrent + squared channels of each block")
    parser.add_argument("--row-width", type=int, default=32)
    parser.add_argument("--table-bits", default="16,17,17,17,17", help="of orders 2, 3, ...")
    parser.add_argument("--lanes", type=int, default=32)
    parser.add_argument("--steps", type=int, default=256)
    parser.add_argument("--window", type=int, default=16, help="steps after which all lanes begin new text and rows of rare n-grams learn")
    parser.add_argument("--adam", type=float, default=0.002)
    parser.add_argument("--muon", type=float, default=0.0, help="rate of Muon for the matrices, 0: AdamW for all")
    parser.add_argument("--table", type=float, default=0.2)
    parser.add_argument("--table-slowest", type=float, default=1000.0, help="visits after which a row's step falls no more")
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--clip", type=float, default=4.0)
    parser.add_argument("--warm-up", type=int, default=300)
    parser.add_argument("--float", action="store_true", help="train without quantisation")
    parser.add_argument("--mix-said", default=None, help="folder in which mix_said.mjs has left what mix says of the training text")
    parser.add_argument("--mix-share", type=float, default=0.85, help="of the loss: what a byte costs with mix beside the net")
    parser.add_argument("--rows-from", default=None, help="a checkpoint whose n-gram rows a new run begins with: other blocks over them learn in minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--max-steps", type=int, default=10**9)
    parser.add_argument("--decay", type=int, default=0, help="finish: this many steps with a falling rate, saved under another name")
    parser.add_argument("--report-seconds", type=float, default=30)
    parser.add_argument("--evaluate-minutes", type=float, default=15)
    parser.add_argument("--save-minutes", type=float, default=10)
    parser.add_argument("--held-out-lanes", type=int, default=8)
    parser.add_argument("--limit", type=int, default=None, help="bytes of each kind that are read, for a try")
    return parser.parse_args(arguments)


def prepare(options):
    """Makes the shape, the rates and the exactness of what the command line says."""
    if options.lanes % (2 * options.threads) != 0:
        raise SystemExit("--lanes must be a multiple of twice --threads")
    options.shape = Shape(
        options.width,
        tuple(tuple(int(n) for n in block.split("+")) for block in options.blocks.split(",")),
        options.row_width,
        tuple(int(n) for n in options.table_bits.split(",")),
    )
    options.rates = {"muon": options.muon, "adam": options.adam, "table": options.table, "decay": options.weight_decay}
    options.exact = not options.float


def main(arguments):
    options = parse(arguments)
    torch.set_num_threads(1)
    folder = Path(options.folder)
    path = folder / f"{options.name}.pt"
    content = torch.load(path, weights_only=False) if path.exists() else None
    prepare(options)
    if content is not None:
        options.shape = Shape.from_json(content["options"]["shape"])
    trainer = Trainer(options, Corpus(options.corpus + "/train", options.limit, options.mix_said))
    if content is not None:
        trainer.restore(content)
    elif options.rows_from is not None:
        trainer.take_rows(torch.load(options.rows_from, weights_only=False))
    print(f"{trainer.net.shape.dense_weights()} multiply-accumulates a byte, {trainer.net.table.numel()} table entries, step {trainer.step}")
    name = options.name
    if options.decay > 0:
        trainer.decay_from = trainer.step
        name += "-finished"
    train(trainer, folder, name)


if __name__ == "__main__":
    main(sys.argv[1:])
