"""The whole way in small, in under two minutes: kernels, training, resuming, finishing, export, and every check. Its text is this
repository's own. `python tiny.py`; the last line says what was checked."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zstandard

import kernel_checks
import runtime
from corpus import SHARES

ROOT = Path(__file__).resolve().parents[3]
BYTES_OF_A_KIND = 120_000
SMALL = "--width 64 --blocks 32+64,64+32 --table-bits 16,12,12 --row-width 16 --lanes 8 --held-out-lanes 1 --muon 0.02 --warm-up 20 --window 8".split()


def write_corpus(folder):
    text = b""
    for path in sorted([*ROOT.glob("docs/*.md"), *ROOT.glob("src-main/**/*.ts"), *ROOT.glob("build/*.mjs")]):
        text += path.read_bytes()
    step = max(1, (len(text) - BYTES_OF_A_KIND) // len(SHARES))
    folder.mkdir(parents=True)
    (folder / "SHA256SUMS").write_text("the repository's own text\n")
    for i, kind in enumerate(SHARES):
        part = text[i * step : i * step + BYTES_OF_A_KIND]
        (folder / f"{kind}.txt.zst").write_bytes(zstandard.compress(part))


def run(*arguments):
    here = Path(__file__).parent
    done = subprocess.run([sys.executable, *map(str, arguments)], cwd=here, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{arguments[0]} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def main():
    begun = time.monotonic()
    kernel_checks.check()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_corpus(folder / "corpus/train")
        said = folder / "mix"
        subprocess.run([ROOT / "node_modules/.bin/node", "mix_said.mjs", folder / "corpus", said], cwd=Path(__file__).parent, check=True)
        common = ["--corpus", folder / "corpus", "--folder", folder, "--mix-said", said]
        run("train.py", *common, *SMALL, "--max-steps", 40)
        resumed = run("train.py", *common, *SMALL, "--max-steps", 40)
        assert "step 40" in resumed, resumed
        finished = run("train.py", *common, *SMALL, "--decay", 20)
        bits = json.loads(finished.splitlines()[-2])["held_out"]["mean"]
        assert bits < 6, f"{bits} bits a byte: the net has not learnt anything"
        exported = ["--corpus", folder / "corpus", "--folder", folder / "models", "--id", "tiny", "--held-out-lanes", 1]
        run("export.py", folder / "run-finished.pt", *exported)
        model = json.loads((folder / "models/tiny/model.json").read_text())
        checked = runtime.check(folder / "models/tiny")
        measured = model["heldOutBits"]
        assert abs(measured["exported"]["mean"] - measured["trainingGraph"]["mean"]) < 1e-3, measured
    result = {**checked, "heldOut": measured["exported"]["mean"], "float": measured["float"]["mean"]}
    print(json.dumps({"tiny": "ok", **result, "seconds": round(time.monotonic() - begun)}))


if __name__ == "__main__":
    main()
