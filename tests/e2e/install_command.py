# ctest: one_record_path
# `tunnel install` writes a unit that systemd accepts or a valid property list, and uninstall removes it.
import grp
import os
import pathlib
import plistlib
import pwd
import re
import shutil
import subprocess

from harness import Scenario, main, peers, toml
from harness.programs import tunnel_command


class Verifies(Scenario):
    """Has systemd verify units."""

    def verify(self, unit, *options):
        """Checks that systemd has no complaints about the unit."""
        done = peers.run("systemd-analyze", *options, "verify", "--man=no", unit, stderr=subprocess.STDOUT,
                         env={"SYSTEMD_UNIT_PATH": unit_path(), "XDG_RUNTIME_DIR": str(self.folder)})
        ours = [line for line in done.stdout.splitlines() if unit.name in line or "tunnel" in line]
        self.assertEqual((ours, done.returncode), ([], 0), done.stdout)


class InstallCommand(Verifies):
    def setUp(self):
        self.config = self.folder / "relay.toml"
        toml.write(self.config, {}, {"relay": self.plain_service("127.0.0.1:9", accept=5999)})
        self.root = self.folder / "root"

    def tunnel_output(self, *words, status=0, env=None):
        done = self.run_tunnel(*words, env=env, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def test_what_it_writes_it_may_write(self):
        toml.write(self.config, {"log": {"file": "log/relay.log"}, "status": {"listen": "unix:/srv/x/status.sock"}},
                   {"relay": self.plain_service("127.0.0.1:9", accept="unix:/srv/y/relay.sock")})
        (self.folder / "log").mkdir()
        said = self.tunnel_output("install", "--config", "relay.toml", "--print")
        for folder in (self.folder / "log", "/srv/x", "/srv/y"):
            self.assertIn(f'ReadWritePaths=-"{folder}"', said)

    def test_in_an_image(self):
        inside = self.root / "etc/tunnel/relay.toml"
        inside.parent.mkdir(parents=True)
        inside.write_bytes(self.config.read_bytes())
        said = self.tunnel_output("install", "--config", str(inside), "--root", str(self.root), "--print")
        self.assertIn(' --config "/etc/tunnel/relay.toml"\n', said)

    def test_a_unit_of_the_system(self):
        said = self.tunnel_output("install", "--config", "relay.toml", "--root", str(self.root))
        unit = self.root / "etc/systemd/system/tunnel-relay.service"
        link = unit.parent / "multi-user.target.wants" / unit.name
        self.assertIn(str(unit), said)
        self.assertIn("systemctl daemon-reload && systemctl start tunnel-relay", said)
        self.assertEqual(link.resolve(), unit)
        text = unit.read_text()
        program = os.path.realpath(tunnel_command()[-1])
        self.assertIn(f'\nExecStart="{program}" --config "{self.config}"\n', text)
        for line in ("Type=notify", "User=tunnel", "NoNewPrivileges=yes", "ProtectSystem=strict",
                     "WatchdogSec=30s", "WantedBy=multi-user.target", "Description=TLS tunnel relay"):
            self.assertIn(f"\n{line}\n", text)
        self.assertNotIn("%i", text)
        self.verify(unit)
        # installing again changes nothing, and uninstall leaves nothing behind
        self.tunnel_output("install", "--config", "relay.toml", "--root", str(self.root))
        self.assertEqual(unit.read_text(), text)
        said = self.tunnel_output("uninstall", "relay", "--root", str(self.root))
        self.assertIn("systemctl stop tunnel-relay && systemctl daemon-reload", said)
        self.assertEqual([path for path in self.root.rglob("*") if not path.is_dir()], [])
        self.assertIn("there is no ", self.tunnel_output("uninstall", "relay", "--root", str(self.root), status=1))

    def test_a_unit_of_one_user(self):
        where = self.folder / "xdg config"
        env = {"XDG_CONFIG_HOME": str(where)}
        said = self.tunnel_output("install", "--user", "--config", "relay.toml", "--name", "mine", env=env)
        unit = where / "systemd/user/tunnel-mine.service"
        self.assertIn("systemctl --user daemon-reload && systemctl --user start tunnel-mine", said)
        self.assertTrue((where / "systemd/user/default.target.wants/tunnel-mine.service").is_symlink())
        text = unit.read_text()
        self.assertIn("\nWantedBy=default.target\n", text)
        for key in ("User", "Group", "CapabilityBoundingSet", "AmbientCapabilities", "ProtectSystem", "After",
                    "StateDirectory"):
            self.assertNotRegex(text, rf"(?m)^{key}=")
        self.assertIn("\nNoNewPrivileges=yes\n", text)
        self.verify(unit, "--user")
        self.tunnel_output("uninstall", "--user", "mine", env=env)
        self.assertFalse(unit.exists())

    def test_paths_with_all_that_systemd_would_read_otherwise(self):
        odd = self.folder / 'a "b" $c %d'
        odd.mkdir()
        config = odd / "r.toml"
        toml.write(config, {"log": {"file": "logs/a.log"}}, {
            "relay": self.plain_service("127.0.0.1:9", accept=f"unix:{self.folder}/run/a.sock")})
        self.tunnel_output("install", "--config", str(config), "--root", str(self.root))
        unit = self.root / "etc/systemd/system/tunnel-r.service"
        text = unit.read_text()
        self.assertIn(f'--config "{self.folder}' + r'/a \"b\" $$c %%d/r.toml"', text)
        self.assertIn('\nReadWritePaths=-"%s/run"\n' % self.folder, text)
        self.verify(unit)

    def test_what_is_not_ours_stays(self):
        unit = self.root / "etc/systemd/system/tunnel-relay.service"
        unit.parent.mkdir(parents=True)
        unit.write_text("[Service]\nExecStart=/bin/true\n")
        said = self.tunnel_output("install", "--config", "relay.toml", "--root", str(self.root), status=1)
        self.assertIn("is there already, and not of this command's making", said)
        self.assertIn("is not of tunnel install's making",
                      self.tunnel_output("uninstall", "relay", "--root", str(self.root), status=1))
        self.assertEqual(unit.read_text(), "[Service]\nExecStart=/bin/true\n")

    def test_mistakes_come_before_anything_is_written(self):
        toml.write(self.config, {}, {"relay": dict(tls=False, accept=5999)})
        said = self.tunnel_output("install", "--config", "relay.toml", "--root", str(self.root), status=2)
        self.assertIn("connect is missing", said)
        self.tunnel_output("install", "--config", "relay.toml", "--name", "../x", status=2)
        self.assertFalse(self.root.exists())
        toml.write(self.config, {}, {"relay": self.plain_service("127.0.0.1:9", accept=5999)})
        said = self.tunnel_output("install", "--config", "relay.toml", "--as", "no-such-account", status=1)
        self.assertIn('there is no user "no-such-account" on this system', said)

    def test_an_account_that_cannot_read_what_the_service_needs(self):
        if os.geteuid() != 0:
            return self.not_tried("only root can tell what another account may read")
        self.tunnel_output("keygen", "relay")
        config = self.folder / "server.toml"
        toml.write(config, {}, {"relay": dict(accept=5999, connect="127.0.0.1:9", cert="relay.pem", key="relay.key")})
        for folder in (self.folder, *self.folder.parents):
            if not folder.stat().st_mode & 1:
                folder.chmod(folder.stat().st_mode | 0o711)
        config.chmod(0o644)
        program = self.folder / "bin/tunnel"
        program.parent.mkdir()
        shutil.copy(os.path.realpath(tunnel_command()[-1]), program)

        def install(status, *words):
            done = subprocess.run([program, "install", "--config", config, "--root", self.root, *words],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.assertEqual(done.returncode, status, done.stdout)
            return done.stdout

        key = self.folder / "relay.key"
        said = install(1, "--as", "nobody")
        self.assertIn(f'the service runs as "nobody", which cannot read {key}', said)
        group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name
        fix = f"sudo chgrp {group} {key} && sudo chmod g+r {key}"
        self.assertIn(fix, said)
        self.assertIn("--as NAME", said)
        self.assertFalse(self.root.exists(), "nothing is written")
        install(0, "--as", "root")
        config.chmod(0o600)
        said = install(1, "--as", "nobody")
        self.assertIn(f"sudo chgrp {group} {config} {key} && sudo chmod g+r {config} {key}", said)
        config.chmod(0o644)
        subprocess.run(fix.replace("sudo ", ""), shell=True, check=True)
        install(0, "--as", "nobody")
        program.parent.chmod(0o700)
        self.assertIn(f"cannot enter {program.parent}", install(1, "--as", "nobody"))
        program.parent.chmod(0o755)
        program.chmod(0o744)
        self.assertIn(f"cannot run {program}", install(1, "--as", "nobody"))
        program.chmod(0o755)
        (self.folder / "log").mkdir(mode=0o755)
        toml.write(config, {"log": {"file": "log/relay.log"}}, {"relay": self.plain_service("127.0.0.1:9", accept=5999)})
        self.assertIn(f"sudo chown nobody {self.folder}/log", install(1, "--as", "nobody"))

    def test_a_property_list_of_launchd(self):
        odd = self.folder / "a & <b> -- c"
        odd.mkdir()
        config = odd / "relay.toml"
        config.write_text(self.config.read_text())
        for options, account in (((), "tunnel"), (("--user",), None)):
            done = self.tunnel_output("install", "--manager", "launchd", "--print", "--config", str(config), *options)
            parsed = plistlib.loads(done.encode())
            self.assertEqual(parsed["Label"], "tunnel.relay")
            self.assertEqual(parsed["ProgramArguments"],
                             [os.path.realpath(tunnel_command()[-1]), "--config", str(config)])
            self.assertEqual((parsed["RunAtLoad"], parsed["KeepAlive"]), (True, {"SuccessfulExit": False}))
            self.assertEqual(parsed.get("UserName"), account)
            self.assertRegex(parsed["StandardErrorPath"], r"/Library/Logs/tunnel\.relay\.log$")
        self.tunnel_output("install", "--manager", "launchd", "--config", "relay.toml", "--root", str(self.root))
        self.assertTrue((self.root / "Library/LaunchDaemons/tunnel.relay.plist").exists())
        said = self.tunnel_output("uninstall", "--manager", "launchd", "relay", "--root", str(self.root))
        self.assertIn("launchctl bootout system/tunnel.relay", said)


def unit_path():
    """The paths of systemd's own units, including those of an unpacked package."""
    root = peers.unpacked_root()
    places = ["/lib/systemd/system", "/usr/lib/systemd/system", "/usr/lib/systemd/user"]
    return ":".join(places + [f"{root}{place}" for place in places if root])


class UnitsOfTheExamples(Verifies):
    """The units in conf/."""

    conf = pathlib.Path(__file__).resolve().parents[2] / "conf"

    def test_the_units_in_conf(self):
        for name in ("tunnel@.service", "tunnel@.socket"):
            text = (self.conf / name).read_text()
            text = text.replace("/usr/bin/tunnel", os.path.realpath(tunnel_command()[-1]))
            (self.folder / name).write_text(text)
        for name in ("tunnel@relay.service", "tunnel@relay.socket"):
            self.verify(self.folder / name)

    def test_how_exposed_the_service_is(self):
        (self.folder / "tunnel@.service").write_text((self.conf / "tunnel@.service").read_text())
        done = peers.run("systemd-analyze", "security", "--offline=yes", "--no-pager",
                         self.folder / "tunnel@relay.service", stderr=subprocess.STDOUT,
                         env={"SYSTEMD_UNIT_PATH": unit_path()})
        level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        self.assertTrue(level, done.stdout)
        self.assertLessEqual(float(level.group(1)), 2.0, done.stdout)


main()
