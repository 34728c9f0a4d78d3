"""Fixtures: an emulator, a receiver, and the documentation's samples."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.harness import API_KEY, KEY_WITHOUT_SCOPE, Api, Sample, StartEmulator
from signa_emulator.server import EmulatorServer
from signa_emulator.settings import Settings

_SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def start_emulator() -> Iterator[StartEmulator]:
    """Yield a function that starts emulators; its arguments are the settings that differ from the defaults."""
    apis: list[Api] = []

    def start(**settings: Any) -> Api:
        emulator = EmulatorServer(
            [API_KEY], api_keys_without_scope=[KEY_WITHOUT_SCOPE], settings=Settings().changed(settings)
        )
        emulator.start()
        apis.append(Api(emulator.base_url, emulator))
        return apis[-1]

    yield start
    for api in apis:
        api.close()
        api.emulator.stop()


@pytest.fixture
def api(start_emulator: StartEmulator) -> Api:
    """Return plain calls to an emulator with default settings."""
    return start_emulator()


@pytest.fixture
def sample() -> Sample:
    """Return a function that loads a sample of the documentation by its name."""

    def load(name: str) -> Any:
        return json.loads((_SAMPLES / f"{name}.json").read_text(encoding="utf-8"))["sample"]

    return load
