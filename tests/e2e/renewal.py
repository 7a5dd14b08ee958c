# ctest: cost=35 one_record_path
# Certificates, keys, authorities and revocation lists that change on disk are taken without a signal or a gap.
import os
import pwd
import shutil
import ssl

from harness import Authority, Scenario, connect, main


class Renewal(Scenario):
    def setUp(self):
        super().setUp()
        self.live = self.folder / "live"
        self.live.mkdir()

    def put(self, identity, folder=None):
        """Replaces certificate and key as a careful script does: a new file beside it, renamed."""
        for source, name in ((identity.cert, "relay.pem"), (identity.key, "relay.key")):
            self.replace(source, (folder or self.live) / name)

    @staticmethod
    def replace(source, target):
        fresh = target.with_suffix(".new")
        shutil.copy(source, fresh)
        fresh.rename(target)

    def relay(self, **keys):
        return self.server_service(self.device().address, cert=self.live / "relay.pem", key=self.live / "relay.key",
                                   **keys)

    def served(self, tunnel):
        context = ssl.create_default_context(cafile=self.authority.ca)
        with connect(tunnel.port()) as sock, context.wrap_socket(sock, server_hostname="localhost") as tls:
            return [name for _, name in tls.getpeercert()["subjectAltName"]][-1]

    def assert_taken(self, tunnel, name, times=1):
        tunnel.wait_for(lambda: len(tunnel.events("renewed")) >= times, f"it takes the files of {name}")
        self.assertEqual(self.served(tunnel), name)

    def test_files_that_are_replaced(self):
        self.put(self.authority.issue("localhost", "one.example"))
        tunnel = self.tunnel(relay=self.relay())
        self.assertEqual(self.served(tunnel), "one.example")
        for n, name in enumerate(("two.example", "three.example"), 1):
            self.put(self.authority.issue("localhost", name))
            self.assert_taken(tunnel, name, n)
        tunnel.wait_log(r'relay\.pem and .*relay\.key have changed: new connections use them; the certificate '
                        r'\\"CN=localhost\\" is valid until \d{4}-')

    def test_links_that_lead_elsewhere(self):
        """As certbot does it, and scripts that link a whole folder."""
        for kind in ("each file", "the folder"):
            with self.subTest(kind):
                shutil.rmtree(self.live)
                archive = [self.folder / f"{kind} {n}" for n in (1, 2)]
                for folder, name in zip(archive, ("one.example", "two.example")):
                    folder.mkdir()
                    self.put(self.authority.issue("localhost", name), folder)
                self.link(kind, archive[0])
                tunnel = self.tunnel(relay=self.relay())
                self.assertEqual(self.served(tunnel), "one.example")
                self.link(kind, archive[1])
                self.assert_taken(tunnel, "two.example")
                tunnel.stop()
                if self.live.is_symlink():
                    self.live.unlink()
                    self.live.mkdir()

    def link(self, kind, archive):
        if kind == "the folder":
            fresh = self.folder / "next"
            fresh.symlink_to(archive)
            fresh.rename(self.live)
            return
        self.live.mkdir(exist_ok=True)
        for name in ("relay.pem", "relay.key"):
            fresh = self.live / f"{name}.new"
            fresh.symlink_to(archive / name)
            fresh.rename(self.live / name)

    def test_a_volume_of_kubernetes(self):
        """Files are links through ..data to a folder with the time in its name. The kubelet makes a new folder, puts a
        link to it in the place of ..data, and removes the old folder."""
        self.volume("one.example")
        for name in ("relay.pem", "relay.key"):
            (self.live / name).symlink_to(f"..data/{name}")
        tunnel = self.tunnel(relay=self.relay())
        self.assertEqual(self.served(tunnel), "one.example")
        for n, name in enumerate(("two.example", "three.example"), 1):
            self.volume(name)
            self.assert_taken(tunnel, name, n)
        self.assertEqual(tunnel.events("renewal"), [], "certificate and key changed in the same moment")

    def volume(self, name):
        fresh, data, swapped = self.live / f"..2026_11_30_{name}", self.live / "..data", self.live / "..data_tmp"
        fresh.mkdir()
        self.put(self.authority.issue("localhost", name), fresh)
        swapped.symlink_to(fresh.name)
        old = data.resolve() if data.is_symlink() else None
        swapped.rename(data)
        if old:
            shutil.rmtree(old)

    def test_a_pair_waits_for_its_other_half(self):
        self.put(self.authority.issue("localhost", "one.example"))
        tunnel = self.tunnel(relay=self.relay())
        new = self.authority.issue("localhost", "two.example")
        self.replace(new.cert, self.live / "relay.pem")
        tunnel.wait_log("relay.pem has changed, but can't be used: .*relay.key.*; the previous files stay in "
                        "use until one changes again")
        self.assertEqual(self.served(tunnel), "one.example")
        self.replace(new.key, self.live / "relay.key")
        self.assert_taken(tunnel, "two.example")
        self.assertEqual(len(tunnel.events("renewal")), 1, "what is wrong is said once")

    def test_a_file_that_is_damaged_or_gone_changes_nothing(self):
        self.put(self.authority.issue("localhost", "one.example"))
        tunnel = self.tunnel(relay=self.relay())
        (self.live / "relay.pem").write_text("-----BEGIN CERTIFICATE-----\n")
        tunnel.wait_log("relay.pem has changed, but can't be used: ")
        (self.live / "relay.pem").unlink()
        tunnel.wait_for(lambda: len(tunnel.events("renewal")) == 2, "it says that the file is gone")
        self.assertEqual(self.served(tunnel), "one.example")
        self.put(self.authority.issue("localhost", "two.example"))
        self.assert_taken(tunnel, "two.example")

    def test_open_connections_and_other_services_stay(self):
        self.put(self.authority.issue("localhost", "one.example"))
        far = self.tunnel(name="far", relay=self.relay(), other=self.plain_service())
        near = self.tunnel(name="near", viewer=self.client_service(f"localhost:{far.port('relay')}"))
        stream = self.connect(near.port())
        self.assert_echoes(stream, b"before")
        self.put(self.authority.issue("localhost", "two.example"))
        far.wait_event("renewed", service="relay")
        self.assert_echoes(stream, b"after")
        self.assertEqual(far.events("renewed", service="other"), [])

    def test_an_authority_and_a_revocation_list(self):
        other = Authority(self.folder, "Other Root")
        identity = self.authority.issue("localhost", "one.example")
        self.put(identity)
        far = self.tunnel(name="far", relay=self.relay())
        ca, crl = self.folder / "trust.pem", self.folder / "revoked.pem"
        shutil.copy(self.authority.ca, ca)
        shutil.copy(self.authority.revocation_list(), crl)
        near = self.tunnel(name="near", viewer=self.client_service(f"localhost:{far.port()}", ca=ca, crl=crl))
        self.assert_echoes(self.connect(near.port()), b"trusted")
        self.replace(self.authority.revocation_list(identity), crl)
        near.wait_event("renewed")
        self.connect(near.port())
        near.wait_log("revoked")
        self.replace(self.authority.revocation_list(), crl)
        near.wait_for(lambda: len(near.events("renewed")) == 2, "the list without it")
        self.assert_echoes(self.connect(near.port()), b"no longer revoked")
        self.replace(other.ca, ca)
        near.wait_for(lambda: len(near.events("renewed")) == 3, "the other authority")
        before = len(near.events("failed"))
        self.connect(near.port())
        near.wait_for(lambda: len(near.events("failed")) > before, "it is not trusted any more")

    def test_not_where_it_is_turned_off(self):
        self.put(self.authority.issue("localhost", "one.example"))
        tables = {"log": {"format": "json", "level": "debug"}, "process": {"watch": False}}
        tunnel = self.tunnel(tables=tables, relay=self.relay())
        watching = self.tunnel(relay=self.relay())
        self.put(self.authority.issue("localhost", "two.example"))
        self.assert_taken(watching, "two.example")
        self.assertEqual(self.served(tunnel), "one.example")
        tunnel.reload(tables={**tables, "process": {"watch": True}}, relay=self.relay())
        self.put(self.authority.issue("localhost", "three.example"))
        self.assert_taken(tunnel, "three.example")

    def test_a_key_that_another_user_may_not_read(self):
        """As certbot leaves it. The process that keeps root's rights reads it, if there is one."""
        if os.geteuid() != 0:
            print("not root: that a key is for root alone is not shown", flush=True)
            return
        self.folder.chmod(0o755)
        tables = {"log": {"format": "json"}, "process": {"user": "nobody"}}
        for kind in ("kept rights", "one process"):
            with self.subTest(kind):
                self.put_for_root(self.authority.issue("localhost", "one.example"))
                tables["process"]["sandbox"] = kind == "kept rights"
                tunnel = self.tunnel(tables=tables, relay=self.relay())
                self.put_for_root(self.authority.issue("localhost", "two.example"))
                if kind == "kept rights":
                    self.assert_taken(tunnel, "two.example")
                    continue
                tunnel.wait_log("have changed, but can't be used: .*relay.key.* permission denied; the tunnel gave "
                                "root up")
                self.assertEqual(self.served(tunnel), "one.example")
                os.chown(self.live / "relay.key", pwd.getpwnam("nobody").pw_uid, -1)
                self.replace(self.live / "relay.pem", self.live / "relay.pem")
                self.assert_taken(tunnel, "two.example")

    def put_for_root(self, identity):
        identity.key.chmod(0o600)
        self.put(identity)
        (self.live / "relay.key").chmod(0o600)


if __name__ == "__main__":
    main()
