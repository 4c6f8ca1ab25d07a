"""The training text: one array of bytes a kind, its last fiftieth held out, and lanes that read pieces of it."""

import hashlib
from pathlib import Path

import numpy
import zstandard

from contexts import HISTORY

HELD_OUT_PIECE = 8192

# How much of the training text each kind gives: about as much as it has of what is hard to compress. Structured kinds repeat themselves and
# need less.
SHARES = {
    "en_books": 0.36,
    "en_docs": 0.22,
    "code": 0.18,
    "other_languages": 0.08,
    "json": 0.03,
    "csv": 0.02,
    "xml_html": 0.05,
    "logs": 0.02,
    "yaml_config": 0.02,
    "latex": 0.02,
}


class Corpus:
    """`training[kind]` and `held_out[kind]` are arrays of bytes; held-out text is whole pieces of 8 KiB from the end of a file. `said[kind]` is what
    mix said of the training text's bits, [bytes, 8] of sixteenths of a logit, where mix_said.mjs has left that in a folder."""

    def __init__(self, folder, limit=None, said=None):
        self.folder = Path(folder)
        self.training, self.held_out = {}, {}
        self.said = said and {kind: numpy.memmap(Path(said) / f"{kind}.i8", numpy.int8, "r").reshape(-1, 8) for kind in SHARES}
        for kind in SHARES:
            data = _read(self.folder / f"{kind}.txt.zst", limit)
            held = max(1, int(len(data) * 0.02) // HELD_OUT_PIECE) * HELD_OUT_PIECE
            self.training[kind], self.held_out[kind] = data[:-held], data[-held:]

    def manifest_sha256(self):
        """Hash of the manifest that lists the hashes of the corpus files."""
        return hashlib.sha256((self.folder / "SHA256SUMS").read_bytes()).hexdigest()

    def training_bytes(self):
        return sum(len(data) for data in self.training.values())


def _read(path, limit):
    with open(path, "rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        return numpy.frombuffer(reader.read(-1 if limit is None else limit), numpy.uint8)


class Lanes:
    """Lanes that read pieces side by side. A piece starts anywhere in the training text of a kind, with zero state and zero history.

    All lanes begin new text with each `window` of so many steps, and once more at a step of their own inside it: so the text of a window is
    done with when its end comes. Where the next bytes come from depends on the random generator alone, so that its saved state resumes a run.
    """

    def __init__(self, corpus, lanes, steps, window, seed, shares=SHARES):
        self.corpus, self.steps, self.window = corpus, steps, window
        self.kinds = list(shares)
        weights = numpy.array([shares[kind] for kind in self.kinds])
        self.weights = weights / weights.sum()
        self.random = numpy.random.Generator(numpy.random.PCG64(seed))
        self.step = 0  # of the window
        self.cut = numpy.zeros(lanes, numpy.int64)  # the step of the window with which a lane begins anew
        self.kind = [0] * lanes
        self.begin = numpy.zeros(lanes, numpy.int64)
        self.position = numpy.zeros(lanes, numpy.int64)

    def at_end_of_window(self):
        return self.step == 0

    def _open_piece(self, lane, steps):
        kind = int(self.random.choice(len(self.kinds), p=self.weights))
        self.kind[lane] = kind
        self.begin[lane] = self.random.integers(0, len(self.corpus.training[self.kinds[kind]]) - steps * self.steps)
        self.position[lane] = self.begin[lane]

    def next(self):
        """-> history and targets [lanes, HISTORY + steps], lanes that start anew [lanes] (bool), kind of each lane, and what mix said of the
        targets [lanes, steps, 8], or nothing."""
        lanes = len(self.kind)
        if self.step == 0:
            self.cut = self.random.integers(1, self.window, lanes) if self.window > 1 else numpy.zeros(lanes, numpy.int64)
        data = numpy.zeros((lanes, HISTORY + self.steps), numpy.uint8)
        fresh = numpy.zeros(lanes, bool)
        said = numpy.zeros((lanes if self.corpus.said else 0, self.steps, 8), numpy.int8)
        for lane in range(lanes):
            cut = int(self.cut[lane])
            if self.step == 0 or self.step == cut:
                self._open_piece(lane, (self.window if self.step == cut else cut) - self.step)
                fresh[lane] = True
            position, begin = int(self.position[lane]), int(self.begin[lane])
            known = min(HISTORY, position - begin)
            text = self.corpus.training[self.kinds[self.kind[lane]]]
            data[lane, HISTORY - known :] = text[position - known : position + self.steps]
            if self.corpus.said:
                said[lane] = self.corpus.said[self.kinds[self.kind[lane]]][position : position + self.steps]
            self.position[lane] += self.steps
        self.step = (self.step + 1) % self.window
        return data, fresh, list(self.kind), said

    def state(self):
        return {
            "step": self.step,
            "cut": self.cut.tolist(),
            "kind": list(self.kind),
            "begin": self.begin.tolist(),
            "position": self.position.tolist(),
            "random": self.random.bit_generator.state,
        }

    def restore(self, state):
        self.step, self.kind = state["step"], list(state["kind"])
        for name in ("cut", "begin", "position"):
            setattr(self, name, numpy.array(state[name], numpy.int64))
        self.random.bit_generator.state = state["random"]


def held_out_lanes(corpus, kind, lanes, length=HELD_OUT_PIECE):
    """Pieces spread evenly over a kind's held-out text: [lanes, HISTORY + length], zeros before the start; fewer where there is less text."""
    data = corpus.held_out[kind]
    pieces = len(data) // length
    if pieces == 0:
        return numpy.zeros((0, HISTORY + length), numpy.uint8)
    chosen = sorted({int(i * pieces / lanes) for i in range(min(lanes, pieces))})
    out = numpy.zeros((len(chosen), HISTORY + length), numpy.uint8)
    for row, piece in enumerate(chosen):
        out[row, HISTORY:] = data[piece * length : (piece + 1) * length]
    return out
