"""The workflows: what they name is there, and each script of theirs is one that bash can read."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RUNNER_HAS = {"docker", "make", "python", "python3", "sudo", ".venv/bin/python"}     # or a step before has made it


def jobs(path):
    """The jobs of a workflow by name."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


STEPS = [pytest.param(step, id=f"{path.stem}-{name}-{number}") for path in WORKFLOWS
         for name, job in jobs(path).items() for number, step in enumerate(job["steps"])]


def commands(script):
    """The lines of a step's script, with a value in place of GitHub's expressions."""
    return re.sub(r"\$\{\{.*?\}\}", "value", script).strip().splitlines()


def test_there_are_workflows():
    assert {path.stem for path in WORKFLOWS} >= {"book", "test", "colab"}
    assert len(STEPS) > 20


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_says_when_and_with_which_rights_and_every_job_ends(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(workflow) == {"name", True, "permissions", "concurrency", "jobs"}       # YAML reads "on" as true
    assert workflow["name"] == path.stem
    assert workflow["permissions"] == {"contents": "read"}
    for cron in (entry["cron"] for entry in workflow[True].get("schedule", [])):
        assert re.fullmatch(r"[0-5]?\d ([01]?\d|2[0-3]) \* \* [0-6]", cron)             # once a week
    for name, job in workflow["jobs"].items():
        assert "timeout-minutes" in job or name == "publish"
        assert set([job["needs"]] if "needs" in job else []) <= set(workflow["jobs"])


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_an_action_of_a_stated_version_or_a_script(step):
    if "uses" in step:
        assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])
    else:
        assert commands(step["run"])


@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step.values[0]])
def test_all_that_a_script_names_is_there(step):
    lines = commands(step["run"])
    assert {line.split()[0] for line in lines} <= RUNNER_HAS
    named = re.findall(r"(?<![\w/])(?:tools|tests|notebooks)(?:/[\w*.-]+)?", "\n".join(lines))
    assert [name for name in named if not list(ROOT.glob(name))] == []
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set(re.findall(r"^make ([a-z]+)", "\n".join(lines), re.M)) <= targets


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step.values[0]])
def test_bash_can_read_a_script(step):
    done = subprocess.run(["bash", "-n"], input="\n".join(commands(step["run"])), text=True, capture_output=True,
                          check=False)
    assert done.returncode == 0, done.stderr


def test_the_weekly_run_takes_all_chapters_in_colab_s_image_at_quick():
    (script,) = [step["run"] for step in jobs(ROOT / ".github" / "workflows" / "colab.yml")["chapters"]["steps"]
                 if "docker" in step.get("run", "")]
    assert "AVATARLIB_PRESET=quick" in script
    assert script.endswith('"$IMAGE" tools/in_colab.sh notebooks/*.ipynb')
