"""The manifests in packaging/kubernetes: read by PyYAML, put together here as kustomize does it, and by kubectl."""
import json
import pathlib
import re
import shutil
import subprocess
import sys

from . import peers

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "packaging/kubernetes"
BASE, EXAMPLE = FOLDER / "base", FOLDER / "overlays/example"


def _yaml():
    folder = str(pathlib.Path(peers.find("yaml")).parents[1])
    if folder not in sys.path:
        sys.path.append(folder)
    import yaml
    return yaml


def documents(text):
    """The YAML documents; a key that appears twice is an error."""
    yaml = _yaml()

    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        keys = [loader.construct_object(key) for key, _ in node.value]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise ValueError(f"{doubled} twice, line {node.start_mark.line + 1}")
        return {loader.construct_object(key): loader.construct_object(value, deep=True) for key, value in node.value}

    Strict.add_constructor("tag:yaml.org,2002:map", mapping)
    return [document for document in yaml.load_all(text, Strict) if document is not None]


def resolve(folder):
    """The resources of a kustomization, as far as the ones here need it: [resource]. A file that is missing, or that no
    kustomization names, is an error."""
    kustomization, = documents((folder / "kustomization.yaml").read_text())
    resources, named = [], {"kustomization.yaml"}
    for name in kustomization.get("resources", []):
        path = folder / name
        if path.is_dir():
            resources += resolve(path.resolve())
        else:
            named.add(name)
            resources += documents(path.read_text())
    for maker in kustomization.get("configMapGenerator", []):
        named.update(maker["files"])
        data = {name: (folder / name).read_text() for name in maker["files"]}
        resources = [resource for resource in resources
                     if (resource["kind"], resource["metadata"]["name"]) != ("ConfigMap", maker["name"])]
        resources.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": maker["name"]}, "data": data})
    for patch in kustomization.get("patches", []):
        named.add(patch["path"])
        change, = documents((folder / patch["path"]).read_text())
        target, = [resource for resource in resources if _identity(resource) == _identity(change)]
        _merge(target, change)
    for setting in kustomization.get("labels", []):
        for resource in resources:
            _label(resource, setting["pairs"])
    for replicas in kustomization.get("replicas", []):
        target, = [resource for resource in resources
                   if (resource["kind"], resource["metadata"]["name"]) == ("Deployment", replicas["name"])]
        target["spec"]["replicas"] = replicas["count"]
    unnamed = {path.name for path in folder.iterdir() if path.is_file()} - named
    if unnamed:
        raise ValueError(f"{folder.name}: kustomization.yaml doesn't name {sorted(unnamed)}")
    return resources


def _identity(resource):
    return resource["apiVersion"], resource["kind"], resource["metadata"]["name"]


def _merge(target, change):
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        else:
            target[key] = value


def _label(resource, pairs):
    """With includeSelectors, which every kustomization here has; it leaves other kinds' selectors alone."""
    resource["metadata"].setdefault("labels", {}).update(pairs)
    spec = resource.get("spec", {})
    if resource["kind"] == "Deployment":
        spec.setdefault("selector", {}).setdefault("matchLabels", {}).update(pairs)
        spec["template"].setdefault("metadata", {}).setdefault("labels", {}).update(pairs)
    elif resource["kind"] == "Service":
        spec.setdefault("selector", {}).update(pairs)


def kubectl(*words, **options):
    """The output of kubectl, which must succeed."""
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    done = subprocess.run(["kubectl", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=peers.PATIENCE, **options)
    if done.returncode != 0:
        raise AssertionError(f"kubectl {' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


def kubectl_version():
    """The minor version of the kubectl here; 0 without one."""
    if not shutil.which("kubectl"):
        return 0
    version = json.loads(kubectl("version", "--client", "-o", "json"))["clientVersion"]
    return int(re.match(r"\d+", version["minor"]).group(0))


def unknown_fields(given, known, at=""):
    """The paths in `given` that `known`, the same object as kubectl has read it, has lost."""
    if isinstance(given, dict):
        return [path for key, value in given.items()
                for path in ([f"{at}/{key}"] if key not in known else unknown_fields(value, known[key], f"{at}/{key}"))]
    if isinstance(given, list):
        return [path for n, pair in enumerate(zip(given, known)) for path in unknown_fields(*pair, f"{at}/{n}")]
    return []
