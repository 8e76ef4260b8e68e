"""Makes parts of chunks with Ray Data: each actor keeps one `mobilenets worker --stdio`, and so one model in memory.

Usage: extract.py CHUNKS.jsonl WORKERS THREADS. The chunks are what `mobilenets queue add --print` prints.
The variable MOBILENETS is the command, `npx mobilenets` by default.
"""

import json
import os
import shlex
import subprocess
import sys

import ray


class Worker:
    def __init__(self, threads):
        command = shlex.split(os.environ.get("MOBILENETS", "npx mobilenets"))
        arguments = ["worker", "--stdio", "--quiet", "--threads", str(threads)]
        self.process = subprocess.Popen(
            [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, row):
        self.process.stdin.write(row["text"] + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the worker has ended: its standard error says why")
        result = json.loads(answer)
        if "error" in result:
            # This ends the run. The next run makes only the missing parts.
            raise RuntimeError(f"{result['name']}: {result['error']}")
        return result


def main():
    chunks, workers, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    ray.init(num_cpus=workers * threads, include_dashboard=False, log_to_driver=True)
    with open(chunks) as lines:
        rows = [{"text": line} for line in lines.read().splitlines() if line]
    # A block for each chunk: Ray schedules blocks, and repeats a block if an actor or a machine dies.
    dataset = ray.data.from_items(rows, override_num_blocks=max(1, len(rows)))
    pool = ray.data.ActorPoolStrategy(size=workers)
    done = dataset.map(
        Worker, fn_constructor_args=[threads], compute=pool, num_cpus=threads
    ).take_all()
    pictures = sum(row["pictures"] for row in done)
    failed = sum(row["failed"] for row in done)
    print(json.dumps({"parts": len(done), "pictures": pictures, "failed": failed}))


main()
