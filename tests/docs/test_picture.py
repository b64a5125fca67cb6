"""The README's picture of the dashboard is drawn from what is planned."""

import json

import pytest

from sandbox.__main__ import PROJECT
from tests.components.recorded import recorded
from tests.docs.picture import SAMPLES, picture
from tests.settings.support import as_data, changed

PICTURE = PROJECT / "docs" / "dashboard.svg"


def test_the_picture_is_current(request: pytest.FixtureRequest) -> None:
    (inputs,) = (
        inputs
        for (type_, _), inputs in recorded(changed(as_data("production"), {}), stack="production").items()
        if type_ == "aws:cloudwatch/dashboard:Dashboard"
    )
    drawn = picture(str(inputs["dashboardName"]), json.loads(str(inputs["dashboardBody"])))
    assert all(sample.shown in drawn for sample in SAMPLES.values())
    if request.config.getoption("--update-golden"):
        PICTURE.write_text(drawn)
    assert PICTURE.read_text() == drawn, "`make golden` draws it anew"
