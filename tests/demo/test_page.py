"""What the demo prints of Pulumi's output."""

import pytest
from demo.page import COLUMNS, Page, summary

URN = "pulumi-python:dynamic/signa:WebhookEndpoint"
PREVIEW_AND_RUN = f"""\
Previewing update (demo):

 ~  {URN} alerts update [diff: ~url]
 ~  pulumi-python:dynamic/signa:SecretsManagerSecret stored update
Resources:
    ~ 2 to update
Updating (demo):

    {URN} alerts  rotates the secret: rotate_trigger has changed
 ~  {URN} alerts updating (0s) [diff: +rotate_trigger]; rotates the secret: rotate_trigger has changed
 ~  {URN} alerts updated (0.06s) [diff: +rotate_trigger]; rotates the secret: rotate_trigger has changed
@ updating....
    pulumi:pulumi:Stack pulumi-signa-demo
Diagnostics:
  {URN} (alerts):
    rotates the secret: rotate_trigger has changed
    rotates the secret: rotate_trigger has changed

Outputs:
    secret_arn    : "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/demo/webhook-endpoint-{"z" * 60}"
  ~ secret_version: 1 => 2

Resources:
    ~ 1 updated
    2 unchanged

Duration: 1s
"""
FAILED = f"""\
Previewing update (demo):
    {URN} alerts  error: cannot update
Diagnostics:
  pulumi:pulumi:Stack (pulumi-signa-demo):
    error: Resource monitor has terminated, shutting down
  {URN} (alerts):
    error: cannot update

Resources:
    2 errored
"""


def test_summary_of_a_run_has_what_was_done_and_each_message_once() -> None:
    assert summary(PREVIEW_AND_RUN) == [
        "~ signa:WebhookEndpoint alerts updated (0.06s) [diff: +rotate_trigger]",
        "rotates the secret: rotate_trigger has changed",
        "~ secret_version: 1 => 2",
        "~ 1 updated, 2 unchanged",
    ]


def test_summary_of_a_failure_has_its_error_once() -> None:
    assert summary(FAILED) == ["error: cannot update", "2 errored"]


def test_output_that_is_no_update_is_shown_whole() -> None:
    assert summary("Created stack 'demo'\n") == ["Created stack 'demo'"]


@pytest.mark.parametrize("full", [False, True])
def test_every_line_fits_a_small_terminal(capsys: pytest.CaptureFixture[str], *, full: bool) -> None:
    page = Page(full=full)

    page.title("word " * 30)
    page.command("pulumi " + "word " * 30)
    page.output(PREVIEW_AND_RUN)
    page.output("x" * 300)
    page.proved("word " * 30)
    page.say("word " * 30)

    assert max(map(len, capsys.readouterr().out.splitlines())) == COLUMNS


def test_full_page_has_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    Page(full=True).output(PREVIEW_AND_RUN)

    words = capsys.readouterr().out.replace("|", " ").split()
    assert words.count("secret_arn") == 1
    assert words.count("rotates") == 5
