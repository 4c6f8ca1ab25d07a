"""The training text: one array of bytes a kind, its last fiftieth held out, and lanes that read pieces of it."""

import hashlib
from pathlib import Path

import numpy
import zstandard

from contexts import HISTORY

HELD_OUT_PIECE = 8192
PIECES = (8192, 8192, 16384, 16384, 65536)  # lengths that are drawn from: short lanes, and long ones that have left their start far behind

# How much of the training text each kind gives. The big kinds get the most; structured kinds repeat themselves and need less.
SHARES = {
    "en_books": 0.22,
    "en_docs": 0.21,
    "code": 0.22,
    "other_languages": 0.08,
    "json": 0.05,
    "csv": 0.05,
    "xml_html": 0.06,
    "logs": 0.05,
    "yaml_config": 0.04,
    "latex": 0.02,
}


class Corpus:
    """`training[kind]` and `held_out[kind]` are arrays of bytes; held-out text is whole pieces of 8 KiB from the end of a file."""

    def __init__(self, folder, limit=None):
        self.folder = Path(folder)
        self.training, self.held_out = {}, {}
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

    Where the next bytes come from depends on the random generator alone, so that its saved state resumes a run.
    """

    def __init__(self, corpus, lanes, steps, seed, shares=SHARES, pieces=PIECES):
        self.corpus, self.steps, self.pieces = corpus, steps, pieces
        self.kinds = list(shares)
        weights = numpy.array([shares[kind] for kind in self.kinds])
        self.weights = weights / weights.sum()
        self.random = numpy.random.Generator(numpy.random.PCG64(seed))
        self.kind = [0] * lanes
        self.begin = numpy.zeros(lanes, numpy.int64)
        self.end = numpy.zeros(lanes, numpy.int64)
        self.position = numpy.zeros(lanes, numpy.int64)
        for lane in range(lanes):
            self._open_piece(lane)
            # First pieces end at different times, so that lanes do not all restart at once.
            part = int(self.random.integers(1, (self.end[lane] - self.begin[lane]) // steps + 1))
            self.end[lane] = self.begin[lane] + part * steps

    def _open_piece(self, lane):
        kind = int(self.random.choice(len(self.kinds), p=self.weights))
        length = int(self.random.choice(self.pieces)) // self.steps * self.steps
        begin = int(self.random.integers(0, len(self.corpus.training[self.kinds[kind]]) - length))
        self.kind[lane] = kind
        self.begin[lane] = self.position[lane] = begin
        self.end[lane] = begin + length

    def next(self):
        """-> history and targets [lanes, HISTORY + steps], lanes that start anew [lanes] (bool), kind of each lane."""
        lanes = len(self.kind)
        data = numpy.zeros((lanes, HISTORY + self.steps), numpy.uint8)
        fresh = numpy.zeros(lanes, bool)
        for lane in range(lanes):
            if self.position[lane] == self.end[lane]:
                self._open_piece(lane)
            position, begin = int(self.position[lane]), int(self.begin[lane])
            fresh[lane] = position == begin
            known = min(HISTORY, position - begin)
            text = self.corpus.training[self.kinds[self.kind[lane]]]
            data[lane, HISTORY - known :] = text[position - known : position + self.steps]
            self.position[lane] += self.steps
        return data, fresh, list(self.kind)

    def state(self):
        return {
            "kind": list(self.kind),
            "begin": self.begin.tolist(),
            "end": self.end.tolist(),
            "position": self.position.tolist(),
            "random": self.random.bit_generator.state,
        }

    def restore(self, state):
        self.kind = list(state["kind"])
        for name in ("begin", "end", "position"):
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
