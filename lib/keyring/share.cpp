#include "keyring/share.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <span>
#include <string_view>

#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/mac.hpp"
#include "crypto/random.hpp"
#include "crypto/shamir.hpp"
#include "envelope/stanza.hpp"

namespace trackier::keyring {
namespace {

using crypto::Secret;
using crypto::ShamirPoint;

constexpr std::string_view kind = "tks1";
constexpr std::size_t key_bytes = 32;
constexpr std::size_t digest_bytes = 4;
constexpr std::size_t checksum_bytes = 6;
constexpr std::size_t fields = 7;
constexpr std::uint8_t digest_at = 254;  // as in SLIP-39
constexpr std::uint8_t key_at = 255;

/// The digest share: four bytes of HMAC-SHA-256 of the key, and the random bytes that were its key.
Secret digest_share(Bytes random, const Secret& key) {
  Secret share{key_bytes};
  const crypto::Mac mac = crypto::MacKey{random}.mac(key.bytes());
  std::ranges::copy(Bytes{mac}.first(digest_bytes), share.writable().begin());
  std::ranges::copy(random, share.writable().subspan(digest_bytes).begin());
  return share;
}

ShamirPoint copy_of(unsigned x, const Secret& y) {
  return {.x = static_cast<std::uint8_t>(x), .y = Secret::copy_of(y.bytes())};
}

std::array<std::byte, checksum_bytes> checksum_of(std::string_view text) {
  std::array<std::byte, checksum_bytes> checksum{};
  const crypto::Sha256Digest digest = crypto::sha256(as_bytes(text));
  std::ranges::copy(Bytes{digest}.first(checksum_bytes), checksum.begin());
  return checksum;
}

void wipe_text(std::string& text) {
  crypto::wipe(std::as_writable_bytes(std::span{text}));
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(white);
  return begin == std::string_view::npos
             ? std::string_view{}
             : text.substr(begin, text.find_last_not_of(white) - begin + 1);
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && text.front() != '0' && value <= most_shares ? std::optional{value} : std::nullopt;
}

/// False when the text breaks a rule.
bool read_fields(const std::array<std::string_view, fields>& parts, Share& share) {
  const auto threshold = number(parts[2]);
  const auto shares = number(parts[3]);
  const auto x = number(parts[4]);
  if (!threshold || !shares || !x || *threshold < 2 || *threshold > *shares || *x > *shares) {
    return false;
  }
  share.threshold = *threshold;
  share.shares = *shares;
  share.x = *x;
  share.y = Secret{key_bytes};
  return envelope::parse_id(parts[1], share.set) &&
         crypto::from_base64(parts[5], share.y.writable());
}

/// The key, if the digest agrees.
std::optional<Secret> recovered(const std::vector<ShamirPoint>& points) {
  Secret key = crypto::shamir_interpolate(points, key_at);
  const Secret digest = crypto::shamir_interpolate(points, digest_at);
  const Secret expected = digest_share(digest.bytes().subspan(digest_bytes), key);
  return digest == expected ? std::optional{std::move(key)} : std::nullopt;
}

std::vector<ShamirPoint> chosen(const std::vector<NamedShare>& shares,
                                const std::vector<bool>& choice) {
  std::vector<ShamirPoint> points;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (choice[i]) {
      points.push_back(copy_of(shares[i].share.x, shares[i].share.y));
    }
  }
  return points;
}

void check_set(const std::vector<NamedShare>& shares) {
  if (shares.empty()) {
    throw Error{Code::data, "there is no share"};
  }
  const NamedShare& first = shares.front();
  std::map<unsigned, std::string> seen;
  for (const auto& [name, share] : shares) {
    if (share.set != first.share.set || share.threshold != first.share.threshold ||
        share.shares != first.share.shares) {
      throw Error{Code::data, fmt::format("{} is of another set than {}", name, first.name),
                  "combine shares that were made by one split"};
    }
    const auto [other, is_new] = seen.emplace(share.x, name);
    if (!is_new) {
      throw Error{Code::data, fmt::format("{} is the same share as {}", name, other->second)};
    }
  }
  if (shares.size() < first.share.threshold) {
    throw Error{Code::data, fmt::format("{} of the {} shares that are needed; set {} has {}",
                                        shares.size(), first.share.threshold,
                                        envelope::to_text(first.share.set), first.share.shares)};
  }
}

/// Names of the shares that are not on the polynomial through `points`.
std::string strangers(const std::vector<NamedShare>& shares,
                      const std::vector<ShamirPoint>& points) {
  std::string names;
  for (const auto& [name, share] : shares) {
    if (!(crypto::shamir_interpolate(points, static_cast<std::uint8_t>(share.x)) == share.y)) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    }
  }
  return names;
}

}  // namespace

std::vector<Share> split(const Secret& key, unsigned threshold, unsigned shares) {
  if (threshold < 2 || threshold > shares || shares > most_shares) {
    throw Error{
        Code::usage,
        fmt::format("cannot split into {} shares of which {} are needed", shares, threshold),
        "2 to 16 shares, and a threshold from 2 to their number"};
  }
  if (key.size() != key_bytes) {
    throw Error{Code::bug, "an unlock key of another length"};
  }
  std::array<std::byte, 8> set{};
  crypto::random_bytes(set);
  // threshold points make the polynomials: the first shares at random, the digest, the key.
  std::vector<ShamirPoint> points;
  for (unsigned x = 1; x + 2 <= threshold; ++x) {
    points.push_back({.x = static_cast<std::uint8_t>(x), .y = crypto::random_secret(key_bytes)});
  }
  const Secret random = crypto::random_secret(key_bytes - digest_bytes);
  points.push_back({.x = digest_at, .y = digest_share(random.bytes(), key)});
  points.push_back(copy_of(key_at, key));

  std::vector<Share> made;
  for (unsigned x = 1; x <= shares; ++x) {
    made.push_back({.set = set,
                    .threshold = threshold,
                    .shares = shares,
                    .x = x,
                    .y = crypto::shamir_interpolate(points, static_cast<std::uint8_t>(x))});
  }
  return made;
}

Secret to_text(const Share& share) {
  std::string digits = crypto::base64(share.y.bytes());
  std::string body = fmt::format("{} {} {} {} {} {}", kind, envelope::to_text(share.set),
                                 share.threshold, share.shares, share.x, digits);
  std::string line = fmt::format("{} {}\n", body, crypto::base64(checksum_of(body)));
  Secret text = Secret::copy_of(as_bytes(line));
  wipe_text(digits);
  wipe_text(body);
  wipe_text(line);
  return text;
}

Share parse_share(Bytes text, const std::string& name) {
  const std::string_view line = trimmed(as_text(text));
  if (!line.starts_with(kind)) {
    throw Error{Code::data, fmt::format("{} is no share: it does not begin with tks1", name)};
  }
  const std::string_view body = line.substr(0, std::min(line.rfind(' '), line.size()));
  std::array<std::byte, checksum_bytes> checksum{};
  if (body.size() == line.size() || !crypto::from_base64(line.substr(body.size() + 1), checksum) ||
      checksum != checksum_of(body)) {
    throw Error{Code::data, fmt::format("{} is damaged: its checksum does not agree", name),
                "compare it with the paper, letter by letter"};
  }
  std::array<std::string_view, fields> parts;
  std::string_view rest = body;
  for (std::size_t i = 0; i + 1 < fields; ++i) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    parts.at(i) = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  Share share;
  if (!rest.empty() || parts[0] != kind || std::ranges::count(body, ' ') != fields - 2 ||
      !read_fields(parts, share)) {
    throw Error{Code::data, fmt::format("{} is no share of this version", name)};
  }
  return share;
}

Secret combine(const std::vector<NamedShare>& shares) {
  check_set(shares);
  const unsigned threshold = shares.front().share.threshold;
  std::vector<bool> choice(shares.size(), false);
  std::fill_n(choice.begin(), threshold, true);
  do {  // every choice of as many as are needed: more than one only when a share is wrong
    const std::vector<ShamirPoint> points = chosen(shares, choice);
    if (auto key = recovered(points)) {
      if (const std::string wrong = strangers(shares, points); !wrong.empty()) {
        throw Error{Code::data, fmt::format("wrong: {}", wrong),
                    "the others are right, and enough: combine them without it"};
      }
      return *std::move(key);
    }
  } while (std::prev_permutation(choice.begin(), choice.end()));
  throw Error{
      Code::data,
      fmt::format("the shares do not belong together: at least one of {} is wrong", shares.size()),
      "with one right share more, the wrong one could be named"};
}

}  // namespace trackier::keyring
