"""Failures in one line."""

import logging

import pytest

from pulumi_signa.hosting.kinds import WEBHOOK_ENDPOINT
from pulumi_signa.hosting.one_line import OneLineError, in_one_line
from pulumi_signa.hosting.values import Bag
from pulumi_signa.lifecycle.errors import InterruptedRunError, LifecycleError, PartlyDoneError
from pulumi_signa.settings import Settings, load

API_KEY = "sig_" + "5e" * 24


class FakeCalls:
    """Calls of which one fails as it is told."""

    kind = WEBHOOK_ENDPOINT
    worded = staticmethod(str)

    def __init__(self, error: BaseException) -> None:
        self.settings = load({}, {"SIGNA_API_KEY": API_KEY})
        self.error = error

    def settings_of(self, _account: str | None) -> Settings:
        """Return the settings of the only organization."""
        return self.settings

    @in_one_line("create")
    def create(self, _bag: Bag) -> None:
        """Fail."""
        raise self.error


def test_failure_says_what_was_tried_and_has_no_cause() -> None:
    with pytest.raises(OneLineError) as caught:
        FakeCalls(LifecycleError("said so")).create(Bag({}))

    assert str(caught.value) == "cannot create webhook endpoint: said so"
    assert caught.value.__suppress_context__


def test_log_has_the_traceback_without_the_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="pulumi_signa")

    with pytest.raises(OneLineError):
        FakeCalls(ValueError(f"s3cret and {API_KEY}")).create(Bag({"secret": "s3cret"}))
    with pytest.raises(OneLineError):
        FakeCalls(InterruptedRunError()).create(Bag({}))

    assert caplog.text.count("Traceback") == 1
    assert "[secret] and [secret]" in caplog.text


def test_failure_after_steps_that_were_carried_out_reads_as_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="pulumi_signa")
    shown = []
    for cause in (LifecycleError("said so"), InterruptedRunError()):
        for error in (cause, PartlyDoneError(None, cause)):
            with pytest.raises(OneLineError) as caught:
                FakeCalls(error).create(Bag({}))
            shown.append(str(caught.value))

    assert shown[0] == shown[1] == "cannot create webhook endpoint: said so"
    assert shown[2] == shown[3]
    assert caplog.text.count("Traceback") == 2


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_end_of_the_process_is_no_failure(stop: type[BaseException]) -> None:
    with pytest.raises(stop):
        FakeCalls(stop()).create(Bag({}))
