// Paths where one issuer of a name leads nowhere and another one does: which are found, and for how
// much work.
#include "x509/path_builder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <list>

#include "support/paths.hpp"

namespace tunnel::x509 {
namespace {

using test::already_over;
using test::authority;
using test::Certificate;
using test::der_of;
using test::has;
using test::Identity;
using test::leaf_by;
using test::List;
using test::make_certificate;
using test::not_trusted_here;
using test::parsed;
using test::rules_for;
using test::verdict;
using test::verdict_by;
using test::Wish;

TEST_CASE("of several issuers with one name the one that leads to an authority is found") {
  const Certificate root = authority("Root");
  const Certificate unknown = authority("Unknown");
  const Identity middle{"CN=Middle"};
  const Certificate good = middle.by(&root);

  SUBCASE("the other is by nobody that is trusted") {
    const Certificate dead_end = middle.by(&unknown);
    const Certificate leaf = leaf_by(good);
    CHECK_EQ(verdict({&leaf, &dead_end, &good}, {&root}), "");
    CHECK_EQ(verdict({&leaf, &dead_end, &unknown, &good}, {&root}), "");
    CHECK_EQ(verdict({&leaf, &good, &dead_end}, {&root}), "");
  }
  SUBCASE("the other has another key") {
    const Certificate impostor = authority("Middle", &root);
    const Certificate leaf = leaf_by(good);
    CHECK_EQ(verdict({&leaf, &impostor, &good}, {&root}), "");
    CHECK_EQ(verdict({&leaf, &impostor, &impostor, &good, &good}, {&root}), "");
  }
  SUBCASE("the other has expired") {
    const Certificate expired = middle.by(&root, {.until = already_over});
    const Certificate leaf = leaf_by(good);
    CHECK_EQ(verdict({&leaf, &expired, &good}, {&root}), "");
  }
  SUBCASE("the other may not vouch for the name") {
    const Certificate limited =
        middle.by(&root, {.extensions = {test::limits({test::dns_name("other.example")})}});
    const Certificate leaf = leaf_by(good);
    CHECK_EQ(verdict({&leaf, &limited, &good}, {&root}), "");
  }
  SUBCASE("the other is signed too weakly") {
    const Certificate weak = middle.by(&root, {.digest = MBEDTLS_MD_SHA1});
    const Certificate leaf = leaf_by(good);
    CHECK_EQ(verdict({&leaf, &weak, &good}, {&root}), "");
  }
  SUBCASE("the other is not for servers") {
    const Certificate other = middle.by(&root, {.usage = Wish::Usage::clients});
    const Certificate leaf = leaf_by(good);
    CHECK_EQ(verdict({&leaf, &other, &good}, {&root}), "");
  }
}

TEST_CASE("an authority that is trusted is found behind a cross-signature of an expired one") {
  const Identity new_root{"CN=New Root"};
  const Certificate old_root = authority("Old Root", nullptr, {.until = already_over});
  const Certificate crossed = new_root.by(&old_root);
  const Certificate trusted = new_root.by(nullptr);
  const Certificate middle = authority("Middle", &crossed);
  const Certificate leaf = leaf_by(middle);
  CHECK_EQ(verdict({&leaf, &middle, &crossed}, {&trusted}), "");
  CHECK_EQ(verdict({&leaf, &middle, &crossed}, {&old_root, &trusted}), "");
  CHECK_EQ(verdict({&leaf, &middle, &crossed, &old_root}, {&old_root, &trusted}), "");
}

TEST_CASE("a trusted authority that leads to a refusal is no obstacle to another") {
  const Identity middle{"CN=Middle"};
  const Certificate root = authority("Root");
  const Certificate expired = middle.by(&root, {.until = already_over});
  const Certificate good = middle.by(&root);
  const Certificate leaf = leaf_by(good);
  // mbedTLS seeks among those that it trusts first, and doesn't come back
  CHECK_EQ(verdict({&leaf, &good}, {&expired, &root}), "");
}

TEST_CASE("two trusted authorities of one name are both tried") {
  const Certificate one = authority("Root");
  const Certificate other = authority("Root");
  const Certificate leaf = leaf_by(other);
  CHECK_EQ(verdict({&leaf}, {&one, &other}), "");
  const Certificate middle = authority("Middle", &other);
  const Certificate below = leaf_by(middle);
  CHECK_EQ(verdict({&below, &one, &other, &middle}, {&one, &other}), "");
}

TEST_CASE("path lengths may grow, and an authority that renewed its key takes no part of them") {
  const Certificate root = authority("Root", nullptr, {.path_length = 1});
  const Certificate growing = authority("Middle", &root, {.path_length = 7});
  const Certificate leaf = leaf_by(growing);
  CHECK_EQ(verdict({&leaf, &growing}, {&root}), "");

  const Certificate strict = authority("Strict", nullptr, {.path_length = 0});
  const Certificate renewed = authority("Strict", &strict);
  const Certificate below = leaf_by(renewed);
  CHECK_EQ(verdict({&below, &renewed}, {&strict}), "");
  const Certificate again = authority("Strict", &renewed, {.path_length = 0});
  const Certificate lowest = leaf_by(again);
  CHECK_EQ(verdict({&lowest, &again, &renewed}, {&strict}), "");

  const Certificate one_more = authority("Root", nullptr, {.path_length = 1});
  const Certificate middle = authority("Middle", &one_more, {.path_length = 0});
  const Certificate new_middle = authority("Middle", &middle, {.path_length = 0});
  const Certificate last = leaf_by(new_middle);
  CHECK_EQ(verdict({&last, &new_middle, &middle}, {&one_more}), "");
}

TEST_CASE("what a path does not need does not spoil it") {
  const Certificate root = authority("Root");
  const Certificate middle = authority("Middle", &root);
  const Certificate leaf = leaf_by(middle);
  const Certificate stranger = authority("Stranger");
  const Certificate other_leaf = make_certificate({.names = {"other.example"}}, &stranger);
  const Certificate same_name = make_certificate({.subject = "CN=Middle", .names = {"x"}}, &root);
  const Certificate expired = authority("Old", &stranger, {.until = already_over});
  const Certificate odd =
      authority("Middle", &root, {.extensions = {{"\x2a\x03\x04", "\x05", true}}});
  CHECK_EQ(verdict({&leaf, &stranger, &other_leaf, &expired, &odd, &middle, &root}, {&root}), "");
  CHECK_EQ(verdict({&leaf, &same_name, &middle, &leaf}, {&root}), "");
}

TEST_CASE("many certificates of an issuer's name don't hide the one that has issued") {
  const Certificate root = authority("Root");
  const Certificate middle = authority("Middle", &root);
  const Certificate leaf = leaf_by(middle);
  std::vector<Certificate> others;
  for (int i = 0; i < 20; ++i) others.push_back(authority("Middle"));
  List presented{&leaf};
  for (const Certificate& one : others) presented.push_back(&one);
  presented.push_back(&middle);
  CHECK_EQ(verdict(presented, {&root}), "");
}

TEST_CASE("a long way beside a short one is no obstacle") {
  const Certificate root = authority("Root");
  const Identity middle{"CN=Middle"};
  std::vector<Certificate> chain;
  chain.reserve(12);
  for (int i = 0; i < 12; ++i)
    chain.push_back(authority(std::to_string(i), chain.empty() ? &root : &chain.back()));
  const Certificate far = middle.by(&chain.back());
  const Certificate near = middle.by(&root);
  const Certificate leaf = leaf_by(far);
  List presented{&leaf, &far};
  for (std::size_t i = chain.size(); i-- > 0;) presented.push_back(&chain[i]);
  CHECK(has(verdict(presented, {&root}), "is too long; eight authorities"));
  presented.push_back(&near);
  CHECK_EQ(verdict(presented, {&root}), "");
}

TEST_CASE("authorities that have signed each other are no endless path") {
  const Identity one{"CN=One"};
  const Identity two{"CN=Two"};
  const Certificate own_one = one.by(nullptr);
  const Certificate own_two = two.by(nullptr);
  const Certificate one_by_two = one.by(&own_two);
  const Certificate two_by_one = two.by(&own_one);
  const Certificate root = authority("Root");
  const Certificate leaf = leaf_by(own_one);
  CHECK(has(verdict({&leaf, &one_by_two, &two_by_one, &own_one, &own_two}, {&root}),
            not_trusted_here));
  const Certificate way_out = two.by(&root);
  CHECK_EQ(verdict({&leaf, &one_by_two, &two_by_one, &way_out}, {&root}), "");
}

TEST_CASE("names that differ in the case of letters are the same") {
  const Certificate root = authority("Root");
  Certificate middle = authority("Middle", &root);
  middle.subject = "CN=MIDDLE";  // as the leaf will write it
  const Certificate leaf = leaf_by(middle);
  const Certificate dead_end = authority("middle");
  CHECK_EQ(verdict({&leaf, &dead_end, &middle}, {&root}), "");
}

TEST_CASE("clients have other paths, too") {
  const Certificate root = authority("Root");
  const Identity middle{"CN=Middle"};
  const Certificate expired = middle.by(&root, {.until = already_over});
  const Certificate good = middle.by(&root);
  const Certificate client =
      make_certificate({.subject = "CN=laptop", .usage = Wish::Usage::clients}, &good);
  Rules rules = rules_for({&root});
  rules.peer_is_client = true;
  CHECK_EQ(verdict_by(rules, {&client, &expired, &good}), "");
  CHECK(has(verdict_by(rules, {&client, &expired}), "\"CN=Middle\""));
}

TEST_CASE("a path that the system has built may have a renewed key") {
  const Certificate root = authority("System Root", nullptr, {.path_length = 0});
  const Certificate renewed = authority("System Root", &root);
  const Certificate leaf = leaf_by(renewed);
  Rules rules = rules_for({});
  rules.named = nullptr;
  rules.system = [&](const os::Chain&, bool) -> Result<os::Chain> {
    return os::Chain{der_of(leaf), der_of(renewed), der_of(root)};
  };
  CHECK_EQ(verdict_by(rules, {&leaf}), "");
}

// Four authorities below a root, each certified by all the others and by the root: sixteen paths
// lead from the first to the root, and one at a time is sound.
struct Graph {
  static constexpr std::size_t root = 4;
  using Path = std::vector<std::size_t>;  // from the authority that has issued the leaf: 0

  std::list<Certificate> signers;
  std::vector<Identity> all = {{"CN=A"}, {"CN=B"}, {"CN=C"}, {"CN=D"}, {"CN=Root"}};
  Certificate top = all[root].by(nullptr);
  Certificate leaf = make_certificate({.names = {"relay.example"}}, &issuer(0));

  // Enough of a certificate to sign with.
  const Certificate& issuer(std::size_t index) {
    signers.push_back({"", all[index].subject, all[index].key});
    return signers.back();
  }
  static std::vector<Path> paths(const Path& begun = {0}) {
    if (begun.back() == root) return {begun};
    std::vector<Path> out;
    for (std::size_t next = 1; next <= root; ++next) {
      if (std::ranges::find(begun, next) != begun.end()) continue;
      Path longer = begun;
      longer.push_back(next);
      for (Path& one : paths(longer)) out.push_back(std::move(one));
    }
    return out;
  }
  // Only the links of `path` are sound, but for the one that begins with `broken`.
  std::string verdict_with(const Path& path, Wish flaw, std::size_t broken = root) {
    std::list<Certificate> made;
    List presented;
    for (std::size_t subject = 0; subject < root; ++subject)
      for (std::size_t by = 1; by <= root; ++by) {
        if (by == subject) continue;
        const auto at = std::ranges::find(path, subject);
        const bool sound = at != path.end() && *(at + 1) == by && subject != broken;
        Wish wish = sound ? Wish{.authority = true} : flaw;
        wish.subject = all[subject].subject;
        wish.key = all[subject].key;
        made.push_back(make_certificate(wish, &issuer(by)));
        presented.push_back(&made.back());
      }
    const auto first = presented.begin() + static_cast<std::ptrdiff_t>(path.size());
    std::rotate(presented.begin(), first, presented.end());
    presented.insert(presented.begin(), &leaf);
    return verdict(presented, {&top});
  }
};

TEST_CASE("the one sound path among many is found, and none where there is none") {
  const std::vector<std::pair<const char*, Wish>> flaws = {
      {"expired", {.authority = true, .until = already_over}},
      {"CA:FALSE", {}},
      {"may not sign certificates", {.authority = true, .key_usage = 0x80 | 0x02}},
      {"SHA-1", {.authority = true, .digest = MBEDTLS_MD_SHA1}},
      {"not for servers", {.authority = true, .usage = Wish::Usage::clients}},
      {"other names",
       {.authority = true, .extensions = {test::limits({test::dns_name("other.example")})}}}};
  Graph graph;
  const auto paths = Graph::paths();
  CHECK_EQ(paths.size(), 16);
  for (const auto& flaw : flaws)
    for (const Graph::Path& path : paths) {
      CAPTURE(flaw.first);
      CHECK_EQ(graph.verdict_with(path, flaw.second), "");
      for (std::size_t i = 0; i + 1 < path.size(); ++i)
        CHECK_NE(graph.verdict_with(path, flaw.second, path[i]), "");
    }
}

// --- the work

struct Search {
  std::size_t signatures = 0;
  std::size_t judged = 0;
  BuiltPath path;
};

Search search(const List& presented, const List& trusted, bool accepts = false) {
  const auto sent = parsed(presented);
  const auto authorities = parsed(trusted);
  PathBuilder builder(sent->chain, &authorities->chain, nullptr);
  Search out;
  out.path = builder.find([&](std::span<const PathItem>) {
    ++out.judged;
    return accepts ? std::nullopt : std::optional(Refusal{});
  });
  out.signatures = builder.signatures_checked();
  return out;
}

TEST_CASE("the number of signatures has a limit, and the likely ones come first") {
  const std::string key_identifier = "0123456789";
  const test::RawExtension issuer_key{
      {"\x55\x1d\x23", 3}, test::sequence(test::der(0x80, key_identifier)), false};
  const test::RawExtension own_key{{"\x55\x1d\x0e", 3}, test::der(0x04, key_identifier), false};
  const Certificate root = authority("Root");
  const Certificate middle = authority("Middle", &root, {.extensions = {own_key}});
  const Certificate leaf = leaf_by(middle, {.extensions = {issuer_key}});
  const Certificate plain = leaf_by(middle);
  std::vector<Certificate> decoys;
  for (int i = 0; i < 40; ++i) decoys.push_back(authority("Middle"));
  List presented{&leaf};
  for (const Certificate& one : decoys) presented.push_back(&one);
  presented.push_back(&middle);

  CHECK_EQ(search(presented, {&root}, true).signatures, 2);
  presented[0] = &plain;
  const Search blind = search(presented, {&root}, true);
  CHECK_EQ(blind.signatures, PathBuilder::most_signatures);
  CHECK_FALSE(blind.path.reaches_authority);
}

TEST_CASE("neither links nor paths through them multiply the work") {
  // two certificates of each of eight keys, each by the one above: 256 paths
  const Certificate root = authority("Root");
  std::vector<Certificate> all;
  const Certificate* issuer = &root;
  all.reserve(16);
  for (int i = 0; i < 8; ++i) {
    const Identity one{"CN=" + std::to_string(i)};
    all.push_back(one.by(issuer));
    all.push_back(one.by(issuer));
    issuer = &all.back();
  }
  const Certificate leaf = leaf_by(*issuer);
  List presented{&leaf};
  for (const Certificate& one : all) presented.push_back(&one);
  const Search many = search(presented, {&root});
  CHECK(many.path.reaches_authority);
  CHECK_EQ(many.path.items.size(), 10);
  CHECK_LE(many.signatures, PathBuilder::most_signatures);
  CHECK_LE(many.judged, 512);

  const Search none = search(presented, {&leaf});
  CHECK_FALSE(none.path.reaches_authority);
  CHECK_LE(none.judged, presented.size());
}

TEST_CASE("a path has eight intermediates at most") {
  const Certificate root = authority("Root");
  std::vector<Certificate> chain;
  chain.reserve(9);
  for (int i = 0; i < 9; ++i)
    chain.push_back(authority(std::to_string(i), chain.empty() ? &root : &chain.back()));
  const auto reaches = [&](std::size_t count) {
    const Certificate leaf = leaf_by(chain[count - 1]);
    List presented{&leaf};
    for (std::size_t i = count; i-- > 0;) presented.push_back(&chain[i]);
    return search(presented, {&root}).path.reaches_authority;
  };
  CHECK(reaches(8));
  CHECK_FALSE(reaches(9));
}

}  // namespace
}  // namespace tunnel::x509
