#include "keyring/recipient_line.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "crypto/random.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::keyring {
namespace {

using crypto::Secret;
using test::contains;
using test::error_of;
using test::message_of;

RecipientLine sample_line() {
  RecipientLine line{.name = parse_key_name("acme/encrypt/3").value(),
                     .key = crypto::x25519_public(crypto::random_secret(32)),
                     .not_after = parse_rfc3339("2027-01-01T00:00:00Z")};
  return line;
}

TEST_CASE("a line is read as it was written, signed or not, with an end or without") {
  const Secret signer = crypto::random_secret(32);
  for (const bool is_signed : {true, false}) {
    for (const bool has_end : {true, false}) {
      RecipientLine line = sample_line();
      if (!has_end) {
        line.not_after.reset();
      }
      if (is_signed) {
        sign(line, signer);
      }
      CHECK(parse_recipient_line(to_text(line)) == line);
      CHECK(is_signed_by(line, crypto::ed25519_public(signer)) == is_signed);
      CHECK_FALSE(is_signed_by(line, crypto::ed25519_public(crypto::random_secret(32))));
    }
  }
}

TEST_CASE("whatever is changed in a signed line, it is refused or no longer signed") {
  const Secret signer = crypto::random_secret(32);
  RecipientLine line = sample_line();
  sign(line, signer);
  const std::string text = to_text(line);
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char letter : {'A', 'a', '0', '1', ' ', '-', '\n', '\0'}) {
      std::string changed = text;
      if (std::exchange(changed[at], letter) == letter) {
        continue;
      }
      bool good = false;
      try {
        good = is_signed_by(parse_recipient_line(changed), crypto::ed25519_public(signer));
      } catch (const Error& error) {
        CHECK(error.code() == Code::data);
      }
      CHECK_FALSE(good);
    }
  }
}

TEST_CASE("a signature covers name and time, not the key alone") {
  const Secret signer = crypto::random_secret(32);
  RecipientLine line = sample_line();
  sign(line, signer);
  RecipientLine other = line;
  other.name.tenant = "beta";
  CHECK_FALSE(is_signed_by(other, crypto::ed25519_public(signer)));
  other = line;
  other.not_after.reset();
  CHECK_FALSE(is_signed_by(other, crypto::ed25519_public(signer)));
}

TEST_CASE("what is no line, and why") {
  const std::string good = to_text(sample_line());
  const auto why = [](const std::string& text) {
    const Error error = error_of([&] { parse_recipient_line(text); });
    CHECK(error.code() == Code::data);
    return message_of(error);
  };
  CHECK(contains(why(""), "six fields"));
  CHECK(contains(why(good + " "), "six fields"));
  CHECK(contains(why(" " + good), "six fields"));
  CHECK(contains(why(good.substr(0, good.size() - 2)), "six fields"));
  CHECK(contains(why("tkr2" + good.substr(4)), "tkr1"));
  const std::string id = good.substr(5, 16);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = good;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  CHECK(contains(why(with(id, "0123456789abcdef")), "id is not that"));
  CHECK(contains(why(with("acme/encrypt/3", "acme/encrypt")), "the name"));
  CHECK(contains(why(with("acme/encrypt/3", "acme/audit-sign/3")), "the name"));
  CHECK(contains(why(with("2027-01-01T00:00:00Z", "2027-01-01")), "the time"));
  CHECK(contains(why(good.substr(0, good.size() - 1) + "x"), "the signature"));
  CHECK(contains(why(with(" 2027", "= 2027")), "43 characters"));
}

TEST_CASE("a file of lines has comments, and errors name the line") {
  const std::string one = to_text(sample_line());
  const std::string two = to_text(sample_line());
  const auto lines = parse_recipient_file("# ours\r\n\n" + one + "\r\n" + two, "r.txt");
  REQUIRE(lines.size() == 2);
  CHECK(to_text(lines[0]) == one);
  CHECK(to_text(lines[1]) == two);
  CHECK(contains(message_of(error_of([&] { parse_recipient_file(one + "\nx\n", "r.txt"); })),
                 "r.txt:2: recipient line: "));
  CHECK(message_of(error_of([] { parse_recipient_file("# none\n\n", "r.txt"); })) ==
        "r.txt: no recipient line in it");
}

// Its key, in words of samples/recipients.txt: RFC 8032, section 7.1, test 1.
TEST_CASE("the lines among the samples are signed by the key they say") {
  const auto signer =
      test::array_from_hex<32>("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const auto lines = parse_recipient_file(
      test::content_of(TRACKIER_SOURCE_DIR "/samples/recipients.txt"), "recipients.txt");
  REQUIRE(lines.size() == 2);
  for (const RecipientLine& line : lines) {
    CHECK(is_signed_by(line, signer));
  }
}

TEST_CASE("a line ends after the second it names") {
  const RecipientLine line = sample_line();
  CHECK_FALSE(is_expired(line, *line.not_after));
  CHECK(is_expired(line, *line.not_after + std::chrono::seconds{1}));
  RecipientLine endless = line;
  endless.not_after.reset();
  CHECK_FALSE(is_expired(endless, *line.not_after + std::chrono::hours{1'000'000}));
}

TEST_CASE("the key to pin is read as it was written") {
  const auto signer = crypto::ed25519_public(crypto::random_secret(32));
  CHECK(signer_text(signer).size() == 43);
  CHECK(parse_signer(signer_text(signer)) == signer);
  CHECK_FALSE(parse_signer(""));
  CHECK_FALSE(parse_signer(signer_text(signer) + "="));
}

}  // namespace
}  // namespace trackier::keyring
