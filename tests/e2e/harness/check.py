"""Runs `tunnel check` with text and with JSON output, which must agree."""
import json
import re
import subprocess
import sys

from . import toml
from .net import PATIENCE

LABELS = {"certificate": "cert", "resolve": "lookup", "connect": "tcp", "handshake": "tls", "chain": "chain",
          "name": "name", "greeting": "greeting"}
MARKS = {"ok": "ok", "skipped": "skipped", "warning": "warn", "failed": "failed"}
STEP = re.compile(r"^  (ok|skipped|warn|failed) +(\w+)", re.MULTILINE)


def run_check(scenario, *words, env=None, before=()):
    """(exit status, stdout, stderr) of one check."""
    done = scenario.run_tunnel("check", *words, env=env, before=before)
    return done.returncode, done.stdout, done.stderr


def parse_json(text):
    """The parsed document; json.tool must accept it too."""
    subprocess.run([sys.executable, "-m", "json.tool"], input=text.encode(), stdout=subprocess.DEVNULL, check=True,
                   timeout=PATIENCE)
    return json.loads(text)


class Checked:
    """The result of a check, in both forms."""

    def __init__(self, scenario, *words, **options):
        self.status, self.text, errors = run_check(scenario, *words, **options)
        again, document, _ = run_check(scenario, *words, "--json", **options)
        scenario.assertIn(self.status, (0, 1), errors)
        scenario.assertEqual((self.status, errors), (again, ""))
        self.document = parse_json(document)
        self.services = {service["service"]: service for service in self.document["services"]}
        steps = [step for service in self.services.values()
                 for step in service["steps"] + sum((target["steps"] for target in service["targets"]), [])]
        scenario.assertEqual(STEP.findall(self.text), [(MARKS[step["status"]], LABELS[step["step"]]) for step in steps],
                             self.text)
        scenario.assertEqual(self.document["works"], self.status == 0)
        flat = flatten(self.text)
        for service in self.services.values():
            partly = any(target["works"] for target in service["targets"]) and len(service["targets"]) > 1
            works = "works" if service["works"] else "works in part" if partly else "does not work"
            scenario.assertIn(f"{service['service']}: it {works}: {flatten(service['verdict'])}", flat)
            if service["next"]:
                scenario.assertIn("next: " + flatten(service["next"]), flat)
        for line in self.text.splitlines():
            scenario.assertLessEqual(len(line), 80, line)

    def service(self, name=None):
        """The document's entry for one service."""
        return self.services[name or next(iter(self.services))]

    def target(self, index=0, service=None):
        return self.service(service)["targets"][index]

    def marks(self, index=0, service=None):
        """[(step, status)] of one target."""
        return [(step["step"], step["status"]) for step in self.target(index, service)["steps"]]

    def step(self, name, index=0, service=None):
        """The last step with that name of one target."""
        return [step for step in self.target(index, service)["steps"] if step["step"] == name][-1]


def flatten(text):
    """Undoes line wrapping and replaces the time of day."""
    return re.sub(r"\d\d:\d\d:\d\d UTC", "00:00:00 UTC", " ".join(text.split()))


def write_config(scenario, name="check.toml", **services):
    """Writes a configuration with these services; returns its path."""
    path = scenario.folder / name
    toml.write(path, {}, services)
    return path
