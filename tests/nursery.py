"""`ptk` in processes of its own without the price of importing torch in each: forks of one that has imported it.

Run as a program it is that one: it reads orders, a line of JSON each, and forks for every one.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


class Started:
    """A process that has been started: what subprocess.Popen offers, as far as tests need it."""

    def __init__(self, pid, folder):
        self.pid, self.returncode = pid, None
        self._folder = folder

    def poll(self):
        """The status it ended with, or None while it runs."""
        status = self._folder / "status"
        if self.returncode is None and status.exists():
            self.returncode = int(status.read_text())
        return self.returncode

    def alive(self):
        return self.poll() is None

    def send_signal(self, number):
        """As subprocess does: what has ended gets none."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout=300):
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"it did not end in {timeout} s; it said:\n{(self._folder / 'err').read_text()}")
            time.sleep(0.01)
        return self.returncode

    def communicate(self, timeout=300):
        """What it printed on stdout and on stderr, once it has ended."""
        self.wait(timeout)
        return (self._folder / "out").read_text(), (self._folder / "err").read_text()


class Nursery:
    """Starts `ptk` with arguments; the environment is that of the moment, and `threads` are torch's.

    What the processes print goes to files in `folder`.
    """

    def __init__(self, folder):
        self._folder, self._count = folder, 0
        # Threads that spin while they wait would take many times as long beside other tests.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def start(self, *words, cwd=None, threads=1):
        folder = self._folder / str(self._count)
        folder.mkdir()
        self._count += 1
        order = {
            **{"words": ["ptk", *map(str, words)], "folder": str(folder), "cwd": str(cwd or Path.cwd())},
            **{"environment": dict(os.environ), "threads": threads},
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Started(int(self._process.stdout.readline()), folder)

    def run(self, *words, **options):
        """Start it and wait: the process, what it printed on stdout, and on stderr."""
        started = self.start(*words, **options)
        return started, *started.communicate()

    def end(self):
        self._process.stdin.close()
        self._process.wait(60)


def _obey(order):
    """Become `ptk`: never returns."""
    import torch

    from ptk.cli.main import main

    for descriptor, name, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, f"{order['folder']}/out", os.O_WRONLY | os.O_CREAT),
        (2, f"{order['folder']}/err", os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(name, flags)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["cwd"])
    torch.set_num_threads(order["threads"])
    sys.argv = order["words"]
    main()


def _serve():
    """Fork for every order: a process that is `ptk`, and one that waits for it and writes its status down."""
    # What ptk train and ptk eval import. Nothing that starts threads: these would be missing in a fork.
    import torch._dynamo
    import torch._subclasses.fake_tensor
    import torch.fx.experimental.symbolic_shapes
    import torch.utils.tensorboard  # noqa: F401

    from ptk.compat import mend_torchvision

    mend_torchvision()
    import timm  # noqa: F401
    import torchmetrics.image  # noqa: F401

    import ptk.cost.forecast
    import ptk.training.loop
    import ptk.training.run  # noqa: F401

    for line in sys.stdin:
        if os.fork():
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            continue
        order = json.loads(line)
        child = os.fork()
        if not child:
            _obey(order)
        print(child, flush=True)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        folder = Path(order["folder"])
        (folder / "status.part").write_text(str(status))
        os.replace(folder / "status.part", folder / "status")
        os._exit(0)
    os._exit(0)  # what torch does at its end takes a second, and nobody needs it here


if __name__ == "__main__":
    _serve()
