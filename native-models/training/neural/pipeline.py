"""From the corpus to a model in one command: trains for some hours (going on from a checkpoint if there is one), finishes, exports and checks.

    python pipeline.py --hours 10 --finish-steps 2000 --id byte-1      other options are train.py's
"""

import argparse
import subprocess
import sys
from pathlib import Path

from train import ROOT

HERE = Path(__file__).parent


def run(*arguments):
    if subprocess.run([sys.executable, *map(str, arguments)], cwd=HERE, check=False).returncode != 0:
        raise SystemExit(f"{arguments[0]} failed")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, required=True)
    parser.add_argument("--finish-steps", type=int, default=2000)
    parser.add_argument("--id", default="byte-1")
    parser.add_argument("--folder", default=str(ROOT / "out/neural-training"))
    parser.add_argument("--models", default=str(ROOT / "native-models"))
    parser.add_argument("--name", default="run")
    options, others = parser.parse_known_args(arguments)
    common = ["--folder", options.folder, "--name", options.name, *others]
    run("train.py", *common, "--minutes", options.hours * 60)
    run("train.py", *common, "--decay", options.finish_steps)
    corpus = [each for i, each in enumerate(others) if each == "--corpus" or others[i - 1 : i] == ["--corpus"]]
    run("export.py", Path(options.folder) / f"{options.name}-finished.pt", "--id", options.id, "--folder", options.models, *corpus)


if __name__ == "__main__":
    main(sys.argv[1:])
