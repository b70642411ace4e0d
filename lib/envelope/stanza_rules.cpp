#include "envelope/stanza_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "crypto/base64.hpp"

namespace trackier::envelope {
namespace {

constexpr std::size_t sealed_key_bytes = data_key_bytes + tag_bytes;

template <std::size_t Size>
bool is_base64(const std::string& text) {
  std::array<std::byte, Size> bytes{};
  return crypto::from_base64(text, bytes);
}

bool is_key_id(const std::string& text) {
  KeyId id{};
  return parse_id(text, id);
}

bool is_number(const std::string& text, std::uint64_t least, std::uint64_t most) {
  return parse_number(text, least, most).has_value();
}

/// One argument: what it is called in errors, and whether a text is one.
struct Rule {
  const char* what;
  bool (*holds)(const std::string&);
};

constexpr Rule key_id{"a key id of 16 small hexadecimal digits", is_key_id};
constexpr Rule bytes_32{"the base64 of 32 bytes", is_base64<32>};
constexpr Rule sealed_key{"the base64 of 48 bytes", is_base64<sealed_key_bytes>};

const std::map<std::string_view, std::vector<Rule>>& rules() {
  static const std::map<std::string_view, std::vector<Rule>> all{
      {hpke_type, {key_id, bytes_32, sealed_key}},
      {kek_type, {key_id, bytes_32, sealed_key}},
      {scrypt_type,
       {{"the base64 of 16 bytes", is_base64<16>},
        {"a number of 10 to 20",
         [](const std::string& text) { return is_number(text, least_log_n, most_log_n); }},
        sealed_key}},
      {officer_type,
       {key_id,
        {"a set of 16 small hexadecimal digits", is_key_id},
        {"a threshold of 2 to 24",
         [](const std::string& text) { return is_number(text, 2, most_stanzas); }},
        {"a number of 1 to 24",
         [](const std::string& text) { return is_number(text, 1, most_stanzas); }},
        bytes_32,
        sealed_key}},
  };
  return all;
}

/// A set of shares has one threshold, and every number once.
std::string fault_of_officers(const std::vector<Stanza>& stanzas) {
  std::map<std::string, std::string> thresholds;
  std::set<std::tuple<std::string, std::string>> numbers;
  for (const Stanza& stanza : stanzas) {
    if (stanza.type != officer_type) {
      continue;
    }
    const std::string& set = stanza.arguments[1];
    if (thresholds.emplace(set, stanza.arguments[2]).first->second != stanza.arguments[2]) {
      return fmt::format("the officers of set {} have different thresholds", set);
    }
    if (!numbers.emplace(set, stanza.arguments[3]).second) {
      return fmt::format("two officers of set {} have one number", set);
    }
  }
  return {};
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t least,
                                          std::uint64_t most) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  if (error != std::errc{} || rest != end || leading_zero || number < least || number > most) {
    return std::nullopt;
  }
  return number;
}

std::string fault_of(const Stanza& stanza) {
  const auto found = rules().find(stanza.type);
  if (found == rules().end()) {
    return {};
  }
  const std::vector<Rule>& wanted = found->second;
  if (stanza.arguments.size() != wanted.size()) {
    return fmt::format("{} takes {} arguments", stanza.type, wanted.size());
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i].holds(stanza.arguments[i])) {
      return fmt::format("argument {} of {} is not {}", i + 1, stanza.type, wanted[i].what);
    }
  }
  return {};
}

std::string fault_of(const std::vector<Stanza>& stanzas, Format format) {
  const auto passphrases =
      static_cast<std::size_t>(std::ranges::count(stanzas, scrypt_type, &Stanza::type));
  if (format == Format::envelope && passphrases > 0 && stanzas.size() > 1) {
    return "a scrypt stanza has to be the only one";
  }
  if (passphrases > most_keyring_passphrases) {
    return fmt::format("more than {} scrypt stanzas", most_keyring_passphrases);
  }
  return fault_of_officers(stanzas);
}

}  // namespace trackier::envelope
