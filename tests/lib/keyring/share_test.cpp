#include "keyring/share.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "crypto/random.hpp"
#include "support/errors.hpp"

namespace trackier::keyring {
namespace {

using crypto::Secret;
using test::contains;
using test::error_of;
using test::message_of;

std::vector<NamedShare> named(const std::vector<Share>& shares,
                              const std::vector<unsigned>& which) {
  std::vector<NamedShare> chosen;
  for (const unsigned x : which) {
    const Share& share = shares.at(x - 1);
    chosen.push_back({.name = "share-" + std::to_string(x) + ".txt",
                      .share = {.set = share.set,
                                .threshold = share.threshold,
                                .shares = share.shares,
                                .x = share.x,
                                .y = Secret::copy_of(share.y.bytes())}});
  }
  return chosen;
}

std::string text_of(const Share& share) {
  return std::string{as_text(to_text(share).bytes())};
}

Share parsed(const std::string& text) {
  return parse_share(as_bytes(text), "share.txt");
}

TEST_CASE("every choice of as many shares as are needed, or more, gives the key back") {
  for (const auto& [threshold, count] :
       {std::pair{2U, 2U}, {2U, 3U}, {3U, 5U}, {5U, 5U}, {4U, 7U}}) {
    const Secret key = crypto::random_secret(32);
    const auto shares = split(key, threshold, count);
    REQUIRE(shares.size() == count);
    for (unsigned chosen = 1; chosen < 1U << count; ++chosen) {
      std::vector<unsigned> which;
      for (unsigned x = 1; x <= count; ++x) {
        if ((chosen >> (x - 1) & 1U) != 0) {
          which.push_back(x);
        }
      }
      if (which.size() >= threshold) {
        CHECK(combine(named(shares, which)) == key);
      } else {
        const Error error = error_of([&] { combine(named(shares, which)); });
        CHECK(error.code() == Code::data);
        CHECK(contains(message_of(error), std::to_string(which.size()) + " of the " +
                                              std::to_string(threshold) + " shares"));
      }
    }
  }
}

TEST_CASE("the order of shares does not matter") {
  const Secret key = crypto::random_secret(32);
  const auto shares = split(key, 3, 4);
  CHECK(combine(named(shares, {4, 1, 3})) == key);
}

TEST_CASE("a share of another set is named") {
  const Secret key = crypto::random_secret(32);
  const auto ours = split(key, 2, 3);
  const auto others = split(key, 2, 3);  // of the same key, and no help all the same
  auto mixed = named(ours, {1});
  mixed.push_back(std::move(named(others, {2})[0]));
  CHECK(message_of(error_of([&] { combine(mixed); })) ==
        "share-2.txt is of another set than share-1.txt");
}

TEST_CASE("a share given twice is named") {
  const auto shares = split(crypto::random_secret(32), 2, 3);
  auto twice = named(shares, {2, 2});
  twice[1].name = "copy.txt";
  CHECK(message_of(error_of([&] { combine(twice); })) ==
        "copy.txt is the same share as share-2.txt");
}

TEST_CASE("a forged share is named when there are enough others, and noticed when there are not") {
  const Secret key = crypto::random_secret(32);
  const auto shares = split(key, 3, 5);
  auto five = named(shares, {1, 2, 3, 4, 5});
  five[1].share.y.writable()[7] ^= std::byte{1};
  CHECK(message_of(error_of([&] { combine(five); })) == "wrong: share-2.txt");
  five[3].share.y.writable()[0] ^= std::byte{128};
  CHECK(message_of(error_of([&] { combine(five); })) == "wrong: share-2.txt, share-4.txt");
  auto three = named(shares, {1, 2, 3});
  three[2].share.y.writable()[31] ^= std::byte{4};
  CHECK(contains(message_of(error_of([&] { combine(three); })), "at least one of 3 is wrong"));
}

TEST_CASE("no share at all") {
  CHECK(error_of([] { combine({}); }).code() == Code::data);
}

TEST_CASE("what cannot be shared so") {
  const Secret key = crypto::random_secret(32);
  for (const auto& [threshold, count] :
       {std::pair{1U, 3U}, {0U, 0U}, {3U, 2U}, {2U, 17U}, {17U, 17U}}) {
    CHECK(error_of([&, k = threshold, n = count] { split(key, k, n); }).code() == Code::usage);
  }
  CHECK(split(key, 16, 16).size() == 16);
}

TEST_CASE("a share is read as it was written, with white space around it") {
  const auto shares = split(crypto::random_secret(32), 2, 16);
  for (const Share& share : shares) {
    const std::string text = text_of(share);
    CHECK(std::ranges::count(text, ' ') == 6);
    CHECK(text.ends_with('\n'));
    for (const std::string& around : {text, " \t" + text + "\r\n\n"}) {
      const Share again = parsed(around);
      CHECK(again.set == share.set);
      CHECK(again.threshold == share.threshold);
      CHECK(again.shares == share.shares);
      CHECK(again.x == share.x);
      CHECK(again.y == share.y);
    }
  }
}

TEST_CASE("every letter that is changed, missing or too many is noticed") {
  const std::string text = text_of(split(crypto::random_secret(32), 2, 3)[1]);
  const std::string line = text.substr(0, text.size() - 1);
  for (std::size_t at = 0; at < line.size(); ++at) {
    std::string changed = line;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK(error_of([&] { parsed(changed); }).code() == Code::data);
    changed = line;
    changed.erase(at, 1);
    CHECK(error_of([&] { parsed(changed); }).code() == Code::data);
    changed = line;
    changed.insert(at, 1, line[at]);
    CHECK(error_of([&] { parsed(changed); }).code() == Code::data);
  }
  const Error error = error_of([&] { parsed(line.substr(0, line.size() - 1)); });
  CHECK(message_of(error) == "share.txt is damaged: its checksum does not agree");
  CHECK(message_of(error_of([] { parsed("hello"); })) ==
        "share.txt is no share: it does not begin with tks1");
  CHECK(error_of([] { parsed(""); }).code() == Code::data);
  CHECK(error_of([] { parsed("tks1"); }).code() == Code::data);
}

}  // namespace
}  // namespace trackier::keyring
