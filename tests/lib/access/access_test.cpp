// A request, two approvals, and one envelope that opens for the requester.
#include <doctest/doctest.h>

#include <chrono>

#include "access/approval.hpp"
#include "envelope/open.hpp"
#include "envelope/seal.hpp"
#include "support/errors.hpp"
#include "support/streams.hpp"

namespace trackier::access {
namespace {

using namespace std::chrono_literals;
using test::contains;
using test::error_of;

const Time now{std::chrono::seconds{1'764'000'000}};

/// Two officers, an envelope that needs both, and a request for it.
struct House {
  std::vector<crypto::Secret> keys;
  std::vector<Officer> officers;
  std::string envelope;
  crypto::Secret one_time = crypto::new_x25519_key();
  Request request;

  House() {
    std::vector<crypto::X25519Public> publics;
    for (const char* name : {"chief", "engineer"}) {
      keys.push_back(crypto::new_x25519_key());
      officers.push_back(officer_of(name, keys.back()));
      publics.push_back(officers.back().opens);
    }
    test::MemorySource plain{"secret"};
    test::MemorySink sealed;
    envelope::seal_stream(plain, sealed, {envelope::officers_recipient(publics, 2)},
                          envelope::Origin::random(), {}, {}, {});
    envelope = sealed.content();
    request = {.envelope = block().id,
               .set = block().stanzas.front().arguments[1],
               .file = "clicks.tke",
               .requester = "Ana Example",
               .reason = "a customer asks",
               .made = now,
               .expires = now + 24h,
               .one_time = crypto::x25519_public(one_time)};
  }

  [[nodiscard]] envelope::Block block() const {
    return envelope::parse_head(as_bytes(envelope).first(envelope::head_bytes), "e").current();
  }
  [[nodiscard]] Approval approval(std::size_t officer) const {
    return approve(request, block(), officers[officer].name, keys[officer], now + 1h);
  }
  [[nodiscard]] envelope::OfficerShare share(const Approval& approval, Time when = now + 2h) const {
    return open_approval(approval, request, one_time, officers, when, "a.txt");
  }
};

bool opens(const House& house, std::vector<envelope::OfficerShare> shares) {
  test::MemorySource source{house.envelope};
  test::MemorySink plain;
  try {
    const auto opening = envelope::Opening::of_stream(
        source, {envelope::officer_shares_identity(std::move(shares))}, "e");
    envelope::open_stream(source, opening, plain, {.name = "e"}, {}, {});
  } catch (const Error& error) {
    CHECK(error.code() == Code::no_permission);
    return false;
  }
  return plain.content() == "secret";
}

TEST_CASE("two approvals open the envelope, one alone does not") {
  const House house;
  std::vector<envelope::OfficerShare> one;
  one.push_back(house.share(house.approval(0)));
  CHECK_FALSE(opens(house, std::move(one)));
  std::vector<envelope::OfficerShare> both;
  both.push_back(house.share(house.approval(0)));
  both.push_back(house.share(house.approval(1)));
  CHECK(opens(house, std::move(both)));
}

TEST_CASE("texts are read back the same, and an approval says what was released") {
  const House house;
  CHECK(parse_request(to_text(house.request), "r") == house.request);
  const std::string text = to_text(house.approval(0));
  CHECK(to_text(parse_approval(text, "a")) == text);
  CHECK(contains(text,
                 "I release my share of envelope " + envelope::to_text(house.request.envelope)));
  CHECK(contains(text, "Ana Example"));
  CHECK(contains(text, "a customer asks"));
  CHECK(parse_officer(to_text(house.officers[0])) == house.officers[0]);
}

TEST_CASE("every line of an approval is under the signature") {
  const House house;
  const std::string text = to_text(house.approval(0));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    if (changed == text) {
      continue;
    }
    CAPTURE(at);
    CHECK_THROWS_AS((void)house.share(parse_approval(changed, "a.txt")), Error);
  }
}

TEST_CASE("an approval is for one request, one requester and a time") {
  const House house;
  const Approval approval = house.approval(0);
  CHECK(error_of([&] { (void)house.share(approval, now + 25h); }).code() == Code::no_permission);
  CHECK(error_of([&] { (void)house.share(approval, now - 2h); }).code() == Code::no_permission);

  Request other = house.request;
  other.reason = "curiosity";
  CHECK(contains(error_of([&] {
                   open_approval(approval, other, house.one_time, house.officers, now, "a");
                 }).what(),
                 "another request"));
  CHECK(contains(error_of([&] {
                   open_approval(approval, house.request, crypto::new_x25519_key(), house.officers,
                                 now, "a");
                 }).what(),
                 "not the one the request was made with"));
  const std::vector<Officer> strangers{officer_of("stranger", crypto::new_x25519_key())};
  CHECK(contains(error_of([&] {
                   open_approval(approval, house.request, house.one_time, strangers, now, "a");
                 }).what(),
                 "not an officer"));
}

TEST_CASE("an officer approves only what is asked, in time, and what there is a share for") {
  const House house;
  const auto why = [&](const Request& request, const crypto::Secret& key, Time when) {
    return error_of([&] { approve(request, house.block(), "chief", key, when); });
  };
  CHECK(contains(why(house.request, house.keys[0], now + 25h).what(), "expired"));
  CHECK(contains(why(house.request, crypto::new_x25519_key(), now).what(), "no share"));
  Request other = house.request;
  other.envelope[0] ^= std::byte{1};
  CHECK(contains(why(other, house.keys[0], now).what(), "the request is for envelope"));
}

TEST_CASE("texts that are not exactly as written are refused, naming the line") {
  const House house;
  const std::string text = to_text(house.request);
  for (const std::string& wrong : {text + "\n", text.substr(0, text.size() - 1), "x" + text,
                                   std::string{}, text + "more x\n", "\n" + text}) {
    CHECK(error_of([&] { parse_request(wrong, "r.txt"); }).code() == Code::data);
  }
  std::string crlf = text;
  crlf.insert(crlf.find('\n'), "\r");
  CHECK(contains(error_of([&] { parse_request(crlf, "r.txt"); }).what(), "r.txt:1:"));
  std::string upper = text;
  upper.replace(upper.find("requester"), 9, "Requester");
  CHECK(contains(error_of([&] { parse_request(upper, "r.txt"); }).what(), "r.txt:5:"));

  for (const char* line : {"tko1 a b", "tko2 chief x y", "", "tko1  x y"}) {
    CHECK(error_of([&] { parse_officer(line); }).code() == Code::data);
  }
  CHECK(error_of([&] { officer_of("no spaces", house.keys[0]); }).code() == Code::usage);
}

TEST_CASE("a request that cannot be put before people is not written") {
  const House house;
  const auto refused = [&](auto change) {
    Request request = house.request;
    change(request);
    return error_of([&] { to_text(request); }).code() == Code::usage;
  };
  CHECK(refused([](Request& r) { r.reason = ""; }));
  CHECK(refused([](Request& r) { r.reason = "two\nlines"; }));
  CHECK(refused([](Request& r) { r.requester = std::string(501, 'x'); }));
  CHECK(refused([](Request& r) { r.expires = r.made; }));
  CHECK(refused([](Request& r) { r.expires = r.made + std::chrono::days{32}; }));
}

}  // namespace
}  // namespace trackier::access
