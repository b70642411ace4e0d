#include "config/encrypt_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "config/recipient.hpp"
#include "config/toml_string.hpp"

namespace trackier::config {
namespace {

/// trackier-access(5): "threshold: shares that are needed, 2 to 24".
constexpr std::int64_t least_threshold = 2;
constexpr std::int64_t most_officers = 24;

template <typename Parse>
void check_each(const Table& table, std::string_view key, const std::vector<std::string>& texts,
                Parse parse) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    try {
      parse(texts[i]);
    } catch (const Error& error) {
      const std::string which = texts.size() == 1 ? "" : fmt::format(", number {}", i + 1);
      throw table.error(key, fmt::format("{}{}: {}", table.full_name(key), which, error.what()),
                        error.hint());
    }
  }
}

void read_officers(Table& table, Encrypt& made) {
  made.officers = table.texts("officers").value_or(std::vector<std::string>{});
  check_each(table, "officers", made.officers, parse_officer);
  const auto threshold = table.integer("officers_threshold", least_threshold, most_officers);
  if (made.officers.empty()) {
    if (threshold) {
      throw table.error("officers_threshold",
                        table.full_name("officers_threshold") + " without officers");
    }
    return;
  }
  if (!threshold) {
    throw table.error("officers", "encrypt.officers needs encrypt.officers_threshold",
                      "how many of them open an envelope together, at least 2");
  }
  const auto there = static_cast<std::int64_t>(made.officers.size());
  if (there > most_officers || *threshold > there) {
    throw table.error("officers_threshold",
                      fmt::format("{} of {} officers can never agree", *threshold, there),
                      "there are at most 24 officers, and at least as many as the threshold");
  }
  made.officers_threshold = static_cast<unsigned>(*threshold);
}

}  // namespace

std::vector<std::string> read_recipients(Table& table, std::string_view key) {
  std::vector<std::string> texts = table.one_or_more_texts(key);
  check_each(table, key, texts, parse_recipient);
  return texts;
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  std::ranges::transform(texts, std::back_inserter(quoted),
                         [](const std::string& text) { return toml_string(text); });
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

Encrypt read_encrypt(Table& root, Origins& origins) {
  Encrypt made;
  auto table = root.table("encrypt");
  if (table) {
    made.recipients = read_recipients(*table, "recipients");
    made.escrow = read_recipients(*table, "escrow");
    read_officers(*table, made);
    if (const auto signer = table->text("signer")) {
      if (!keyring::parse_signer(*signer)) {
        throw table->error("signer", "encrypt.signer is no Ed25519 public key",
                           "43 characters of base64: trackier-ctl keys public --signer");
      }
      made.signer = *signer;
    }
    table->refuse_others();
  }
  const auto note = [&](std::string_view key, std::string value) {
    if (table) {
      origins.note(*table, key, std::move(value));
    } else {
      origins.note_default("encrypt." + std::string{key}, std::move(value));
    }
  };
  note("recipients", toml_list(made.recipients));
  note("escrow", toml_list(made.escrow));
  note("officers", toml_list(made.officers));
  note("officers_threshold", fmt::format("{}", made.officers_threshold));
  note("signer", toml_string(made.signer));
  return made;
}

}  // namespace trackier::config
