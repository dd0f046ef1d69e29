"""The Ray cluster that does the work: the one that the user named, else one of this machine alone."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from typing import Any

import ray
from ray._private import ray_constants
from ray._private.services import find_bootstrap_address

from ptk.errors import PtkError

__all__ = ["join_cluster"]

_INSIDE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "http_proxy": "http://127.0.0.1:9"}
"""What keeps a Ray cluster of this machine on this machine.

It binds to 127.0.0.1 alone. Whatever one says of statistics, it asks 169.254.169.254 and metadata.google.internal which
cloud it is in, by http: it does so by way of a port on which nothing listens.
"""

_VARIABLE = "RAY_ADDRESS"
_PATIENCE = 10
"""Seconds that a cluster has to answer. Ray itself would ask one that has ended for minutes."""


def join_cluster(cores: int) -> None:
    """Join the cluster that RAY_ADDRESS or `ray start` names; start one of `cores` on this machine where none is named.

    Clusters that other programs of this machine started for themselves are left alone, for they end with them. Raises
    PtkError where the named one does not answer.
    """
    # As a client's, the job does not send actors to look for modules in the current folder first.
    searched = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    job = ray.job_config.JobConfig(_client_job=True, _py_driver_sys_path=searched)
    options: dict[str, Any] = {"job_config": job, "log_to_driver": False, "logging_level": logging.ERROR}
    address = os.environ.get(_VARIABLE) or find_bootstrap_address(None)
    if address in (None, "local"):
        _start_cluster(num_cpus=cores, **options)
        return
    _check_answers(address)
    ray.init(**options)  # finds the same address, and the token of a cluster that asks for one


def _check_answers(address: str) -> None:
    """Raise PtkError where nothing listens at `address`, HOST:PORT."""
    host, _, port = address.rpartition(":")
    if "://" in address or not (host and port.isdigit()):
        return  # Ray's to judge: a client's address, or "auto"
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        by_variable = f"{_VARIABLE} names it: unset it"
        named = by_variable if os.environ.get(_VARIABLE) else "`ray start` noted it: run `ray stop`"
        raise PtkError(f"no Ray cluster answers at {address} ({error}); {named}, or start the cluster again") from error


def _start_cluster(**options: Any) -> None:
    """Start a cluster of this machine, which listens and looks nowhere else, with options of ray.init."""
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # else it leaves one in the home folder
    ray_constants.ENABLE_RAY_CLUSTER = False  # what _INSIDE says to the processes that it starts, to this one
    before = {name: os.environ.get(name) for name in _INSIDE}
    os.environ.update(_INSIDE)
    try:
        ray.init(address="local", include_dashboard=False, **options)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
