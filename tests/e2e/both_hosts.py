"""
The stories that `make test` plays on both hosts; those of one host it plays there, all others on the dynamic host.

They cover each verb of each resource, secrecy, the deaths and faults that tell most, and what a host does by itself:
settings, errors, interruptions, names of properties. `make test HOST=native` plays all stories on the native host.
"""

from itertools import groupby

import pytest

_STORIES = {
    "test_accounts": ("test_another_account_replaces_the_endpoint_and_back",),
    "test_adoption": ("test_given_secret_is_nowhere_in_plain_text",),
    "test_component": ("test_component_makes_an_endpoint_and_stores_its_secret_once",),
    "test_declarations": (
        "test_every_field_reaches_signa_and_comes_back_out",
        "test_name_belongs_to_one_secret",
    ),
    "test_delivery_check": ("test_test_is_sent_when_the_check_is_new_and_when_a_trigger_changes",),
    "test_destinations": ("test_run_that_cannot_store_is_made_up_for_by_the_next",),
    "test_errors": (
        "test_bad_inputs_are_all_reported_at_preview[endpoint]",
        "test_settings_of_the_stack_work_and_are_named",
    ),
    "test_fault_matrix": (
        "test_permanent_fault_is_one_clear_line_and_loses_nothing[access-denied]",
        "test_permanent_fault_is_one_clear_line_and_loses_nothing[dropped-after-commit-for-ever]",
        "test_transient_fault_is_overcome_in_the_same_run[503-after-commit]",
    ),
    "test_interruptions": ("test_interrupted_run_ends_and_the_next_one_finishes",),
    "test_kill_matrix": (
        "test_death_loses_nothing[calls to Signa-before the answer-engine and plugin]",
        "test_death_loses_nothing[calls to Signa-before the state is written-engine alone]",
        "test_death_between_signa_and_destination_loses_nothing[calls to Signa-before the answer-engine and plugin]",
    ),
    "test_lifecycle": (
        "test_destroy_leaves_nothing_and_up_begins_anew",
        "test_edits_are_made_in_place_and_those_of_others_undone",
        "test_up_makes_what_the_preview_shows_and_then_nothing",
    ),
    "test_rotation": ("test_changed_trigger_rotates_once_and_hands_over",),
    "test_secrecy": (
        "test_key_and_secret_are_nowhere_in_plain_text",
        "test_servers_that_quote_what_they_were_sent_are_not_quoted",
    ),
    "test_stacks": (
        "test_moved_resources_are_no_longer_their_first_stacks",
        "test_renamed_stack_keeps_what_it_has",
    ),
    "test_stored_secrecy": ("test_stored_secret_stands_nowhere_else",),
    "test_upgrades": ("test_state_of_earlier_code_needs_no_call[before_destinations]",),
}
"""By module."""


def mark_stories_of_both_hosts(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the stories among items; fail where a story that is listed is none in a module that was collected whole."""
    modules = {
        name: {item.name: item for item in group}
        for name, group in groupby(items, lambda item: item.path.stem if "/e2e/" in item.path.as_posix() else "")
    }
    is_whole = not any("::" in argument for argument in config.args)
    for module, stories in _STORIES.items():
        for story in stories if module in modules else ():
            item = modules[module].get(story)
            if item is not None:
                item.add_marker("both_hosts")
            elif is_whole:
                raise pytest.UsageError(f"{module} has no story {story}")
