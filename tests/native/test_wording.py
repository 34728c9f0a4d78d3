"""Messages in the words of every language."""

from pulumi_signa.native.wording import worded


def test_settings_of_the_stack_have_the_keys_that_a_plugin_is_shown() -> None:
    assert worded("run `pulumi config set aws:region …`, or set AWS_REGION") == (
        "run `pulumi config set signa:awsRegion …`, or set AWS_REGION"
    )


def test_properties_have_their_names_in_the_schema_and_other_words_stay() -> None:
    assert worded('set on_stale_secret="rotate" (invalid_request, tags aws:x)') == (
        'set onStaleSecret="rotate" (invalid_request, tags aws:x)'
    )
