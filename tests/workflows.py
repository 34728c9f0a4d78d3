"""The workflows of `examples/ci`, and the shell steps that they hold."""

from pathlib import Path
from typing import Any

import yaml

CI = Path(__file__).resolve().parents[1] / "examples" / "ci"


def load(name: str) -> dict[str, Any]:
    """Return a workflow; its triggers are under `on`, which YAML 1.1 takes for true."""
    workflow = yaml.safe_load((CI / name).read_text())
    return {"on" if key is True else key: value for key, value in workflow.items()}


def scripts(name: str, job: str) -> dict[str, str]:
    """Return the shell steps of a job by their names, in order."""
    return {step["name"]: step["run"] for step in load(name)["jobs"][job]["steps"] if "run" in step}
