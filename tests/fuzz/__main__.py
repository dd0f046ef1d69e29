"""Read damaged files of every kind for a while: ``python -m tests.fuzz --seconds 600``, or ``make fuzz SECONDS=600``.

A case is a number: its file is made by the random generator with that seed, so `--reader recipes --case 17` makes it
again. Cases that once failed are kept in seeds.json and come first. Counted are cases, exceptions that ptk does not
raise on purpose, over 5 s of the processor, over 1 GB, and files half written; any but the first ends with status 1.
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.fuzz.readers import READERS

FAULTS = ("unexpected", "slow", "half", "memory")
SEEDS = Path(__file__).with_name("seeds.json")
_SILENCE = 120  # seconds of the clock: what no signal ends, such as a loop inside compiled code
_SHOWN = 20
_BLOCK = 1_000_000_000


def main():
    """Share the time among readers, print a table, and end with 1 where a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="for all readers together")
    parser.add_argument("--cases", type=int, default=_BLOCK, help="at most so many of each reader")
    parser.add_argument("--reader", action="append", choices=list(READERS), help="this one alone; may be repeated")
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    parser.add_argument("--case", type=int, help="one case, such as one that failed")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    given = parser.parse_args()
    if given.case is not None:
        given.first, given.cases = given.case, 1
    names = given.reader or list(READERS)
    share = given.seconds * given.jobs / len(names)
    kept = json.loads(SEEDS.read_text()) if given.case is None else {}
    waiting, results = queue.Queue(), {}
    for name in names:
        waiting.put(name)

    def work():
        while True:
            try:
                name = waiting.get_nowait()
            except queue.Empty:
                return
            results[name] = run_reader(name, given.first, given.first + given.cases, share, kept.get(name, []))

    threads = [threading.Thread(target=work) for _ in range(given.jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit(report({name: results[name] for name in names}))


def run_reader(name, first, last, seconds, kept):
    """(cases, faults) of one reader; a process that dies or hangs is a fault, and another goes on behind it."""
    until, cases, faults = time.time() + seconds, 0, []
    while time.time() < until and first < last:
        command = [sys.executable, "-m", "tests.fuzz.worker", json.dumps([name, first, last, until, kept])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            at, ended, errors = _listen(process, name, faults)
        cases += at[0]
        if ended:
            break
        said = " ".join(errors[-3:])[-300:]
        if at[1] is None:
            print(f"{name}: its process cannot start: {said}", flush=True)
            return 0, [[-1, "unexpected", said]]
        faults.append((at[1], "unexpected" if process.returncode != -9 else "slow", f"ended: {said}"))
        kept, first = [], max(first, at[1] + 1)
    return cases, faults


def _listen(process, name, faults):
    at, ended, errors = [0, None], False, []
    drain = threading.Thread(target=lambda: errors.extend(process.stderr))
    drain.start()
    watch = threading.Timer(_SILENCE, process.kill)
    watch.start()
    for line in process.stdout:
        word, _, rest = line.partition(" ")
        if word == "at":
            at = [at[0] + 1, int(rest)]
            watch.cancel()
            watch = threading.Timer(_SILENCE, process.kill)
            watch.start()
        elif word == "fault":
            fault = json.loads(rest)
            faults.append(fault)
            if len(faults) <= _SHOWN:
                print(f"{name} case {fault[0]}: {fault[1]}: {fault[2]}", flush=True)
        ended = line.strip() == "done"
    process.wait()
    watch.cancel()
    drain.join()
    return at, ended, errors


def report(results):
    """Print a table; the exit status."""
    print(f"{'reader':12}{'cases':>8}" + "".join(f"{fault:>12}" for fault in FAULTS))
    wrong = 0
    for name, (cases, faults) in results.items():
        counts = [len({number for number, kind, _ in faults if kind == fault}) for fault in FAULTS]
        wrong += sum(counts)
        print(f"{name:12}{cases:8}" + "".join(f"{count:12}" for count in counts))
    return 1 if wrong else 0


if __name__ == "__main__":
    main()
