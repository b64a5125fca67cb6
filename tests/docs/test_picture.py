"""The picture of the dashboard is drawn from the planned one."""

import json

import pytest

from sandbox.__main__ import PROJECT
from tests.components.recorded import record_resources
from tests.docs.picture import SAMPLES, draw_dashboard
from tests.settings.support import as_data, changed

PICTURE = PROJECT / "docs" / "dashboard.svg"


def test_picture_is_current(request: pytest.FixtureRequest) -> None:
    (inputs,) = (
        inputs
        for (type_, _), inputs in record_resources(changed(as_data("production"), {}), stack="production").items()
        if type_ == "aws:cloudwatch/dashboard:Dashboard"
    )
    drawn = draw_dashboard(str(inputs["dashboardName"]), json.loads(str(inputs["dashboardBody"])))
    assert all(sample.text in drawn for sample in SAMPLES.values())
    if request.config.getoption("--update-golden"):
        PICTURE.write_text(drawn)
    assert PICTURE.read_text() == drawn, "run `make golden` to draw it again"
