"""Options of metrics, behind their names."""

import pytest

from ptk.errors import PluginError
from ptk.evaluation.evaluate import Metrics
from ptk.registry.registry import load_registry


def test_an_option_behind_the_name_goes_before_what_the_data_says():
    pytest.importorskip("dlib", reason="dlib is an extra")
    pytest.importorskip("mediapipe", reason="mediapipe is an extra")
    by_data, by_name = (
        Metrics.built(load_registry(), [word], "mediapipe68").parts["mouth_error"]._look
        for word in ("mouth_error", "mouth_error:detector=dlib68")
    )
    named = (type(look._detector).__name__ for look in (by_data, by_name))
    assert list(named) == ["MediaPipe68", "Dlib68"]


def test_an_option_that_there_is_not_is_named():
    with pytest.raises(PluginError, match="metric ssim: no such option: window"):
        Metrics.built(load_registry(), ["ssim:window=3"], "mediapipe68")
