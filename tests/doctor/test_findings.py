"""Whatever a check does, what it found before stays, and what it raises is a finding."""

import json

from ptk.doctor.findings import Finding, checked, one_line


def test_what_a_check_raises_is_one_more_finding():
    def check():
        yield Finding("disk", "is there")
        raise OSError(5, "Input/output error", "/dev/old")

    there, last = checked("disk", check, core=True)
    assert (there.state, there.core) == ("good", False)
    assert (last.name, last.state, last.core) == ("disk", "broken", True)
    assert last.text == "cannot be checked: OSError: [Errno 5] Input/output error: '/dev/old'"


def test_an_error_becomes_a_line_of_moderate_length():
    assert one_line(ValueError("no\n  luck")) == "ValueError: no luck"
    assert one_line(KeyboardInterrupt()) == "KeyboardInterrupt"
    assert len(one_line(ValueError("long " * 1000))) < 320


def test_a_finding_can_be_written_as_json():
    plain = Finding("disk", "full", "broken", "free some", core=True, values={"free": 0}).plain()
    assert json.loads(json.dumps(plain)) == {
        "name": "disk",
        "text": "full",
        "state": "broken",
        "mend": "free some",
        "core": True,
        "values": {"free": 0},
    }
