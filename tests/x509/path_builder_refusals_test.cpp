// Peers that are refused whichever path is tried, and in which words.
#include <doctest/doctest.h>

#include "support/paths.hpp"
#include "support/revocation_list.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::x509 {
namespace {

using test::already_over;
using test::authority;
using test::Certificate;
using test::has;
using test::Identity;
using test::leaf_by;
using test::List;
using test::make_certificate;
using test::not_trusted_here;
using test::rules_for;
using test::verdict;
using test::verdict_by;
using test::Wish;

TEST_CASE("no path is accepted that breaks the rules of its authorities") {
  const Certificate root = authority("Root");
  const Identity middle{"CN=Middle"};
  const Certificate dead_end = middle.by(nullptr);  // the first that is tried
  const auto refused = [&](const Certificate& issuer) {
    const Certificate leaf = leaf_by(issuer);
    const std::string one = verdict({&leaf, &dead_end, &issuer}, {&root});
    const std::string other = verdict({&leaf, &issuer, &dead_end}, {&root});
    return !one.empty() && !other.empty();
  };
  const auto made = [&](Wish wish) {
    wish.subject = middle.subject;
    wish.key = middle.key;
    return make_certificate(wish, &root);
  };
  CHECK_FALSE(refused(made({.authority = true})));

  CHECK(refused(made({})));                                               // CA:FALSE
  CHECK(refused(made({.key_usage = 0x04, .basic_constraints = false})));  // says nothing of it
  CHECK(refused(made({.version_3 = false})));                             // could not say it
  CHECK(refused(made({.authority = true, .key_usage = 0x80 | 0x02})));    // may not sign others
  CHECK(refused(made({.authority = true, .until = already_over})));
  CHECK(refused(made({.authority = true, .from = "20980101000000"})));
  CHECK(refused(made({.authority = true, .digest = MBEDTLS_MD_SHA1})));
  CHECK(refused(made({.authority = true, .usage = Wish::Usage::clients})));
  CHECK(refused(made({.authority = true, .extensions = {{"\x2a\x03\x04", "\x05", true}}})));
}

TEST_CASE("a version 1 authority counts where it is trusted, and nowhere else") {
  const Identity old{"CN=Old"};
  Wish wish{.subject = old.subject, .version_3 = false, .key = old.key};
  const Certificate root = authority("Root");
  const Certificate trusted = make_certificate(wish);
  const Certificate sent = make_certificate(wish, &root);
  const Certificate leaf = leaf_by(trusted);
  CHECK_EQ(verdict({&leaf}, {&trusted}), "");
  CHECK(has(verdict({&leaf, &sent}, {&root}), not_trusted_here));
}

TEST_CASE("path lengths are kept on every path") {
  const Certificate root = authority("Root");
  const Certificate short_one = authority("Short", &root, {.path_length = 0});
  const Certificate below = authority("Below", &short_one);
  const Certificate leaf = leaf_by(below);
  const Certificate dead_end = authority("Below");
  CHECK(has(verdict({&leaf, &dead_end, &below, &short_one}, {&root}), "is not trusted here"));
  CHECK(has(verdict({&leaf, &below, &short_one}, {&root}), not_trusted_here));

  // the renewed key takes no part of the length, and the next authority does
  const Certificate renewed = authority("Short", &short_one);
  const Certificate lower = authority("Lower", &renewed);
  const Certificate last = leaf_by(lower);
  CHECK(has(verdict({&last, &lower, &renewed, &short_one}, {&root}), not_trusted_here));

  // the limit of a trusted one holds as well
  const Certificate strict = authority("Strict", nullptr, {.path_length = 0});
  const Certificate one = authority("One", &strict);
  const Certificate end = leaf_by(one);
  CHECK(has(verdict({&end, &one}, {&strict}), "that one must not issue it"));
}

TEST_CASE("limits of names that are broken on every path are told") {
  const Certificate root = authority("Root");
  const Identity middle{"CN=Middle"};
  const auto limited = [&](const char* name) {
    return middle.by(&root, {.extensions = {test::limits({test::dns_name(name)})}});
  };
  const Certificate one = limited("one.example");
  const Certificate two = limited("two.example");
  const Certificate dead_end = middle.by(nullptr);
  const Certificate leaf = leaf_by(one);
  for (const List& presented : {List{&leaf, &one, &two}, List{&leaf, &dead_end, &one, &two}})
    CHECK(has(verdict(presented, {&root}), "\"CN=Middle\" may not vouch for relay.example"));
}

TEST_CASE("a revoked certificate is not believed by another path") {
  const test::TemporaryFolder folder;
  const Certificate root = authority("Root");
  const Identity middle{"CN=Middle"};
  const Certificate one = middle.by(&root);
  const Certificate two = middle.by(&root);
  const Certificate leaf = leaf_by(one);
  const auto with_lists = [&](const std::string& lists) {
    Rules rules = rules_for({&root});
    auto loaded = load_revocation_lists(folder.write("lists.pem", lists));
    REQUIRE(loaded);
    rules.lists = *loaded;
    return rules;
  };
  const std::string good = test::make_list(one);
  CHECK(has(verdict_by(with_lists(test::make_list(one, {.revoked = {&leaf}})), {&leaf, &one, &two}),
            "was revoked"));
  CHECK(
      has(verdict_by(with_lists(good + test::make_list(root, {.revoked = {&one}})), {&leaf, &one}),
          "was revoked"));
  CHECK(has(verdict_by(with_lists(good + test::make_list(root, {.revoked = {&one, &two}})),
                       {&leaf, &one, &two}),
            "was revoked"));
  // one that nobody has revoked leads there as well
  CHECK_EQ(verdict_by(with_lists(good + test::make_list(root, {.revoked = {&one}})),
                      {&leaf, &one, &two}),
           "");
}

TEST_CASE("a leaf that is refused for itself is refused on every path") {
  const Certificate root = authority("Root");
  const Identity middle{"CN=Middle"};
  const Certificate dead_end = middle.by(nullptr);
  const Certificate good = middle.by(&root);
  const auto words = [&](const Wish& wish) {
    const Certificate leaf = make_certificate(wish, &good);
    return verdict({&leaf, &dead_end, &good}, {&root});
  };
  CHECK(has(words({.names = {"other.example"}}), "is for other.example"));
  CHECK(has(words({.names = {"relay.example"}, .until = already_over}), " expired on "));
  CHECK(has(words({.names = {"relay.example"}, .usage = Wish::Usage::clients}),
            "is not for servers"));
  CHECK(has(words({.names = {"relay.example"}, .authority = true}), "CA:TRUE"));
}

}  // namespace
}  // namespace tunnel::x509
