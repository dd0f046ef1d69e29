"""One process that reads damaged files of one kind, and says after each how it went: `python -m tests.fuzz.worker`."""

import itertools
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

SECONDS = 5
"""Of the processor: on a busy machine the clock would tell of others."""
MEMORY = 1 << 30
LINE = 5000
"""A message may list all names there are, but not a stranger's file."""
_ROOM = 4 << 30


class TooSlow(BaseException):
    """No Exception, so that nothing in a reader catches it."""


def main():
    """Run the cases of a reader from `first` on, those in `numbers` before, until the time or the count is over."""
    name, first, last, until, numbers = json.loads(sys.argv[1])
    from tests.fuzz.readers import open_reader

    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        place = Path(folder) / "case"
        place.mkdir()
        read = open_reader(name, Path(folder))
        _quietly(read, random.Random(0), place)  # what is loaded once is no case's
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + _ROOM
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        signal.signal(signal.SIGPROF, _too_slow)
        for number in itertools.chain(numbers, range(first, last)):
            if time.time() > until:
                break
            print(f"at {number}", flush=True)
            for kind, said in run_case(read, name, number, place):
                print(f"fault {json.dumps([number, kind, said])}", flush=True)
        print("done", flush=True)


def run_case(read, name, number, place):
    """The faults of one case: (kind, words)."""
    for left in place.iterdir():
        _remove(left)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _kilobytes("VmRSS")
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    faults = []
    try:
        unexpected = _quietly(read, random.Random(f"{name}/{number}"), place)
        if unexpected:
            faults.append(("unexpected", unexpected))
    except TooSlow:
        faults.append(("slow", "".join(traceback.format_exc().splitlines()[-4:])))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    halves = [str(path.name) for path in place.rglob("*") if path.name.endswith(".part") and path.name[:1] == "."]
    if halves:
        faults.append(("half", ", ".join(halves)))
    if (_kilobytes("VmHWM") - before) << 10 > MEMORY:
        faults.append(("memory", f"{(_kilobytes('VmHWM') - before) >> 10} MiB"))
    return faults


def _quietly(read, rng, place):
    """What a reader raised that ptk does not raise on purpose, or said in a way that cannot be printed; else None."""
    from ptk.errors import PtkError

    try:
        read(rng, place)
    except PtkError as error:
        longest = max(str(error).split("\n"), key=len)
        if len(longest) > LINE:
            return f"a line of {len(longest)} characters: {longest[:200]}"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-3:]
        lines = "; ".join(f"{Path(one.filename).name}:{one.lineno}" for one in where)
        return f"{type(error).__name__}: {str(error)[:200]!r} ({lines})"
    return None


def _too_slow(*_):
    raise TooSlow


def _kilobytes(name):
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0])


def _remove(path):
    import shutil

    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


if __name__ == "__main__":
    main()
