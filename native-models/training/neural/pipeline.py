"""From the corpus to a model in one command: has mix read the training text, trains for some hours (going on from a checkpoint if there is one),
finishes, exports and checks.

    python pipeline.py --hours 10 --finish-steps 10000 --id byte-1      other options are train.py's
"""

import argparse
import subprocess
import sys
from pathlib import Path

from train import DEFAULT_CORPUS, ROOT

HERE = Path(__file__).parent


def run(*arguments):
    if subprocess.run([sys.executable, *map(str, arguments)], cwd=HERE, check=False).returncode != 0:
        raise SystemExit(f"{arguments[0]} failed")


def run_node(*arguments):
    """With the Node of the project, which its set-up installs."""
    node = ROOT / "node_modules/.bin/node"
    if subprocess.run([node, *map(str, arguments)], cwd=HERE, check=False).returncode != 0:
        raise SystemExit(f"{arguments[0]} failed")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, required=True)
    parser.add_argument("--finish-steps", type=int, default=10000)
    parser.add_argument("--id", default="byte-1")
    parser.add_argument("--folder", default=str(ROOT / "out/neural-training"))
    parser.add_argument("--models", default=str(ROOT / "native-models"))
    parser.add_argument("--name", default="run")
    parser.add_argument("--corpus", default=DEFAULT_CORPUS)
    options, others = parser.parse_known_args(arguments)
    said = Path(options.folder) / "mix"
    if not said.exists():
        unfinished = said.with_suffix(".partial")
        run_node("mix_said.mjs", options.corpus, unfinished)
        unfinished.rename(said)
    common = ["--folder", options.folder, "--name", options.name, "--corpus", options.corpus, "--mix-said", said, *others]
    run("train.py", *common, "--minutes", options.hours * 60)
    run("train.py", *common, "--decay", options.finish_steps)
    finished = Path(options.folder) / f"{options.name}-finished.pt"
    run("export.py", finished, "--id", options.id, "--folder", options.models, "--corpus", options.corpus)


if __name__ == "__main__":
    main(sys.argv[1:])
