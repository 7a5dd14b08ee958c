// The table of names.
#include "config/foreign_names.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tunnel::config {

namespace {

constexpr std::string_view fixed_suites =
    "remove it: only AEAD suites with forward secrecy are ever used";
constexpr std::string_view no_starttls =
    "remove it: tunnel starts TLS with the first byte, and has no STARTTLS";
constexpr std::string_view no_counterpart = "remove it: tunnel has no counterpart";
constexpr std::string_view always_foreground =
    "remove it: tunnel stays in the foreground; tunnel install sets up a service";
constexpr std::string_view no_revocation_services =
    "remove it: revocation is checked with crl, a file of PEM or DER";
constexpr std::string_view fixed_group = "remove it: tunnel chooses the key exchange";
constexpr std::string_view fixed_resumption = "remove it: resume = true or false is all there is";
constexpr std::string_view only_modern =
    "remove it: tunnel speaks nothing older than TLS 1.2, and never renegotiates or compresses";
constexpr std::string_view needs_client_ca =
    "client_ca = \"ca.pem\" admits only clients with a certificate";

constexpr ForeignName all[] = {
    // where to listen
    {Kind::listener, "", "",
     "listen listenaddress listenaddr listenon bind bindaddress bindaddr local localaddress "
     "frontend source from in input src accepts listener entrypoint"},
    {Kind::listener_part, "", "",
     "listenport localport bindport acceptport listenhost localhost bindhost accepthost"},
    // where to connect
    {Kind::target, "", "",
     "target targets remote remoteaddress backend upstream proxypass server destination dest dst "
     "to out forward forwardto relay address addr endpoint url uri connectto dial"},
    {Kind::target_part, "", "",
     "remotehost targethost connecthost serverhost serveraddress relayhost backendhost desthost "
     "remoteport targetport connectport serverport relayport backendport destport"},
    {Kind::host_or_port, "", "", "host hostname ip port"},
    {Kind::fixed, "balance", "\"order\"", "failover"},
    {Kind::fixed, "balance", "\"round-robin\"", "loadbalance loadbalancing"},
    // trust
    {Kind::authorities, "", "",
     "cafile capath cadir cacert cacerts cabundle cacertificate cacertfile rootca rootcas "
     "trustedca truststore sslca tlsca castore ssltrustedcertificate"},
    {Kind::copied, "ca", "", "proxyssltrustedcertificate"},
    {Kind::copied, "client_ca", "", "sslclientcertificate clientcafile"},
    {Kind::copied, "server_name", "",
     "checkhost sni tlsservername sslservername proxysslname verifyhost"},
    {Kind::copied, "server_name", "\"192.0.2.7\"", "checkip"},
    {Kind::words, "", "client_names checks the names in clients' certificates", "checkemail"},
    {Kind::words, "", "remove it: the server's name is always sent; server_name gives another one",
     "proxysslservername"},
    {Kind::words, "", "verify = \"full\" checks the name too, and is the default",
     "verifyhostname"},
    {Kind::chain, "", "", "verifychain"},
    {Kind::pinned, "", "",
     "verifypeer fingerprint pinnedkey pins pinnedpubkey thumbprint certfingerprint"},
    {Kind::words, "", "remove it: the length of a chain is limited already",
     "verifydepth proxysslverifydepth"},
    {Kind::words, "", needs_client_ca, "requirecert sslverifyclient verifyclient clientauth"},
    {Kind::verification, "", "",
     "verifymode sslverify tlsverify verifyssl verifytls proxysslverify verification "
     "checkcertificate validate verifycert verifycertificate rejectunauthorized"},
    {Kind::fixed, "verify", "none", "insecure insecureskipverify skipverify tlsskipverify"},
    {Kind::fixed, "verify", "first-use", "allowselfsigned selfsigned tofu"},
    {Kind::copied, "crl", "", "crlfile sslcrl proxysslcrl"},
    {Kind::words, "", "crl takes one file: join the lists in PEM, then crl = \"lists.pem\"",
     "crlpath"},
    {Kind::words, "", no_revocation_services,
     "ocsp ocspaia ocspflag ocspnonce ocsprequire sslstapling timeoutocsp"},
    // its own identity
    {Kind::copied, "cert", "",
     "crt certfile certificate certificatefile certpath certchain pem pemfile sslcert tlscert "
     "sslcertificate keystore"},
    {Kind::copied, "cert", "\"client.pem\"", "proxysslcertificate clientcert"},
    {Kind::copied, "key", "",
     "keyfile keypath privatekey privkey privatekeyfile pkey sslkey tlskey certkey "
     "sslcertificatekey"},
    {Kind::copied, "key", "\"client.key\"", "clientkey proxysslcertificatekey"},
    {Kind::copied, "key_password_file", "", "sslpasswordfile passwordfile passphrasefile"},
    {Kind::words, "", "key_password_file = \"password.txt\" names a file that holds it",
     "keypassword keypass passphrase password"},
    {Kind::words, "", "remove it: tunnel has no pre-shared keys; pin trusts one key",
     "psksecrets pskidentity"},
    // modes
    {Kind::yes_or_no, "client", "", "clientmode isclient"},
    {Kind::words, "", "client = true makes it a client; without it the service is a server",
     "mode role"},
    {Kind::yes_or_no, "tls", "", "ssl usetls usessl enabletls secure proxyssl"},
    {Kind::fixed, "tls", "false", "plain notls"},
    {Kind::words, "", no_starttls,
     "protocol starttls protocolhost protocolusername protocolpassword protocolauthentication "
     "protocoldomain protocolheader"},
    // TLS
    {Kind::words, "", fixed_suites,
     "ciphers ciphersuites cipher cipherlist sslciphers proxysslciphers tlsciphers "
     "sslpreferserverciphers"},
    {Kind::words, "", fixed_group, "curve curves sslecdhcurve ecdhe dhparam ssldhparam"},
    {Kind::version, "", "", "sslversion"},
    {Kind::version, "min_version", "",
     "sslversionmin sslminver tlsversion tlsminversion mintlsversion mintls sslprotocols "
     "proxysslprotocols tlsprotocols"},
    {Kind::version, "max_version", "", "sslversionmax sslmaxver tlsmaxversion maxtlsversion"},
    {Kind::words, "", only_modern, "options renegotiation compression securitylevel"},
    {Kind::words, "", fixed_resumption,
     "session sessions sessioncachesize sessioncachetimeout sslsessioncache sslsessiontimeout"},
    {Kind::yes_or_no, "resume", "", "sessionresume sessiontickets sslsessiontickets"},
    {Kind::fixed, "resume", "false", "nosession"},
    {Kind::words, "", "remove it: ticket keys are generated in memory",
     "ticketkeysecret ticketmacsecret"},
    // times and numbers
    {Kind::duration, "idle_timeout", "",
     "timeout timeoutidle idle proxytimeout timeoutclient timeoutserver timeouttunnel"},
    {Kind::duration, "connect_timeout", "", "timeoutconnect proxyconnecttimeout"},
    {Kind::duration, "handshake_timeout", "", "timeoutbusy sslhandshaketimeout"},
    {Kind::duration, "close_timeout", "", "timeoutclose"},
    {Kind::duration, "keepalive", "", "keepaliveinterval tcpkeepalive"},
    {Kind::duration, "open_for", "", "duration lifetime"},
    {Kind::count, "max_connections", "", "maxconn maxconns maxclients limitconn connections"},
    {Kind::words, "", "keepalive = \"60s\" probes a silent peer; other socket options can't be set",
     "socket"},
    {Kind::words, "", "remove it: a name is looked up again for each connection", "delay"},
    {Kind::words, "", "remove it: each new client tries every target of connect again", "retry"},
    {Kind::words, "", "unclean_end = \"reset\" or \"close\" says how an unclean end is passed on",
     "reset"},
    {Kind::words, "", "remove it: tunnel starts no programs; connect to one that listens",
     "exec execargs pty"},
    {Kind::words, "", "allow = \"192.0.2.0/24\" names the addresses that may connect", "libwrap"},
    {Kind::copied, "allow", "", "allowlist whitelist allowfrom allowed"},
    {Kind::copied, "deny", "", "denylist blacklist denyfrom"},
    // the process
    {Kind::log_level, "level", "", "debug loglevel verbose verbosity"},
    {Kind::words, "", "write the log's settings below [log]", "log"},
    {Kind::copied, "file", "", "output logfile errorlog"},
    {Kind::copied, "format", "", "logformat"},
    {Kind::words, "",
     "remove it: syslog = \"unix:/dev/log\" in [log] sends the log to the system's daemon",
     "syslog"},
    {Kind::words, "", always_foreground,
     "pid pidfile foreground daemon daemonize background service"},
    {Kind::copied, "user", "", "setuid"},
    {Kind::copied, "group", "", "setgid"},
    {Kind::words, "", "remove it: the sandbox, on by default, does more", "chroot"},
    {Kind::count, "workers", "", "workerprocesses threads nbthread"},
    {Kind::words, "", no_counterpart,
     "caengine engine engineid enginenum enginectrl enginedefault provider fips transparent logid "
     "redirect"},
};

}  // namespace

const ForeignName* find_foreign(std::string_view name) {
  const std::string bare = bare_name(name);
  const auto* at = std::find_if(std::begin(all), std::end(all),
                                [&](const ForeignName& one) { return has_word(one.names, bare); });
  return at == std::end(all) ? nullptr : at;
}

std::string bare_name(std::string_view key) {
  std::string out = lower_case(key);
  std::erase_if(out, [](char c) { return c == '-' || c == '_' || c == ' '; });
  return out;
}

}  // namespace tunnel::config
