"""The image as the Containerfile describes it, without a container engine: built by umoci, run by crun without root."""
import json
import pathlib
import platform
import re
import shlex
import subprocess

from . import peers

CONTAINERFILE = pathlib.Path(__file__).resolve().parents[3] / "packaging/container/Containerfile"
_ARCHITECTURES = {"x86_64": ("amd64", "SCMP_ARCH_X86_64"), "aarch64": ("arm64", "SCMP_ARCH_AARCH64")}


def settings(version):
    """What the last stage of the Containerfile sets: {"user", "entrypoint", "cmd", "labels", "health"}."""
    text = CONTAINERFILE.read_text().rpartition("\nFROM scratch\n")[2]
    text = text.replace("\\\n", " ").replace("${VERSION}", version)
    lines = dict(re.findall(r"(?m)^(USER|ENTRYPOINT|CMD|LABEL|HEALTHCHECK) +(.*)$", text))
    return {"user": lines["USER"], "entrypoint": json.loads(lines["ENTRYPOINT"]), "cmd": json.loads(lines["CMD"]),
            "labels": shlex.split(lines["LABEL"]), "health": json.loads(lines["HEALTHCHECK"].partition(" CMD ")[2])}


def build_image(scenario, rootfs, chosen):
    """An OCI image with these files and settings; returns its name for umoci."""
    layout = scenario.folder / "image"
    image = f"{layout}:latest"

    def umoci(*words):
        done = peers.run("umoci", *words, stderr=subprocess.STDOUT)
        scenario.assertEqual(done.returncode, 0, done.stdout)

    umoci("init", "--layout", layout)
    umoci("new", "--image", image)
    umoci("insert", "--rootless", "--image", image, rootfs, "/")
    umoci("config", "--image", image, f"--config.user={chosen['user']}",
          *(f"--config.{key}={word}" for key in ("entrypoint", "cmd") for word in chosen[key]),
          *(f"--config.label={label}" for label in chosen["labels"]))
    return image


def unpack_bundle(scenario, image, profile, etc_tunnel):
    """Unpacks the image for crun, confined as Kubernetes' restricted profile asks: a read-only root, no capabilities, no
    new privileges, and this seccomp profile. Returns the folder and the settings that umoci has read from the image."""
    bundle = scenario.folder / "bundle"
    done = peers.run("umoci", "unpack", "--rootless", "--image", image, bundle, stderr=subprocess.STDOUT)
    scenario.assertEqual(done.returncode, 0, done.stdout)
    config = json.loads((bundle / "config.json").read_text())
    process = config["process"]
    user = process["user"]
    process.update(terminal=False, noNewPrivileges=True,
                   capabilities={kind: [] for kind in ("bounding", "effective", "inheritable", "permitted", "ambient")})
    config["root"]["readonly"] = True
    config["mounts"] = [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=65536k"]},
        {"destination": "/etc/tunnel", "type": "bind", "source": str(etc_tunnel), "options": ["bind", "ro"]}]
    config["linux"] = {
        # the machine's network: clients and devices are on its loopback
        "namespaces": [{"type": kind} for kind in ("user", "mount", "pid", "ipc", "uts")],
        "uidMappings": [{"containerID": user["uid"], "hostID": 0, "size": 1}],
        "gidMappings": [{"containerID": user["gid"], "hostID": 0, "size": 1}],
        "seccomp": profile}
    (bundle / "config.json").write_text(json.dumps(config))
    return bundle, process


def dockers_profile():
    """Docker's default list for a container without capabilities on this machine, in the form that crun reads."""
    source = json.loads(pathlib.Path(peers.find("seccomp profile")).read_text())
    architecture, name = _ARCHITECTURES[platform.machine()]

    def applies(rule):
        includes, excludes = rule.get("includes") or {}, rule.get("excludes") or {}
        return (not includes.get("caps") and architecture in (includes.get("arches") or [architecture])
                and architecture not in (excludes.get("arches") or []))

    rules = [{key: rule[key] for key in ("names", "action", "args", "errnoRet") if rule.get(key) is not None}
             for rule in source["syscalls"] if applies(rule)]
    return {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": [name], "syscalls": rules}


class Machine:
    """Namespaces in which crun needs no root: a user who is root there, and a cgroup tree that it can read."""

    _ENTER = ["unshare", "--map-root-user", "--mount", "--cgroup", "sh", "-c"]
    _MOUNT = "mount -t cgroup2 none /sys/fs/cgroup"

    @classmethod
    def is_possible(cls):
        return subprocess.run([*cls._ENTER, cls._MOUNT], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def __init__(self, scenario):
        self.state = scenario.folder / "crun"
        self.holder = scenario.start("machine", [*self._ENTER, f"{self._MOUNT} && echo up && exec sleep 3000"])
        self.holder.wait_log("up")

    def crun(self, *words):
        """The command line."""
        return ["nsenter", f"--target={self.holder.pid}", "--user", "--preserve-credentials", "--mount", "--cgroup",
                peers.find("crun"), "--cgroup-manager=disabled", f"--root={self.state}", *words]

    def run(self, *words):
        return subprocess.run(self.crun(*words), env=peers.environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=peers.PATIENCE)


def confinement(pid):
    """{field: value} of what the kernel says about a process: seccomp, capabilities, no new privileges."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(re.findall(r"(?m)^(\w+):\s+(.*)$", text))


def children(pid):
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


