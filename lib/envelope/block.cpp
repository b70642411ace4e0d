#include "envelope/block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/hkdf.hpp"
#include "envelope/stanza_rules.hpp"

namespace trackier::envelope {
namespace {

constexpr std::string_view envelope_name = "trackier-envelope/";
constexpr std::string_view keyring_name = "trackier-keyring/";
constexpr std::string_view version = "1";
constexpr std::string_view cipher = "cobblestone-256";
constexpr std::string_view mac_mark = "---";

constexpr std::size_t digest_text = 43;  // 32 bytes in base64
constexpr std::size_t checksum_at = block_bytes - digest_text - 1;
constexpr std::size_t most_line = 2048;

std::string_view name_of(Format format) {
  return format == Format::envelope ? envelope_name : keyring_name;
}

crypto::Mac mac_of(std::string_view text, const FileId& id, const crypto::Secret& data_key) {
  const crypto::Secret key =
      crypto::hkdf_sha256(data_key.bytes(), id, as_bytes("trackier-envelope/1 header"), 32);
  return crypto::MacKey{key.bytes()}.mac(as_bytes(text));
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t space = line.find(' ');
    words.push_back(line.substr(0, space));
    if (space == std::string_view::npos) {
      return words;
    }
    line.remove_prefix(space + 1);
  }
}

/// Everything up to and including "---".
std::string text_of(const Block& block) {
  std::string text = fmt::format("{}{} {}\n@ {} {}", name_of(block.format), version, block.sequence,
                                 to_text(block.id), cipher);
  if (block.plain_bytes) {
    text += fmt::format(" {}", *block.plain_bytes);
  }
  text += '\n';
  if (!block.metadata.empty()) {
    text += fmt::format("% {}\n", block.metadata);
  }
  for (const Stanza& stanza : block.stanzas) {
    text += fmt::format("-> {}", stanza.type);
    for (const std::string& argument : stanza.arguments) {
      text += ' ' + argument;
    }
    text += '\n';
  }
  text += mac_mark;
  return text;
}

/// Reads line after line; the first rule that is broken ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  ParsedBlock parse() {
    if (!first_line() || !second_line() || !metadata() || !stanzas() || !mac() || !padding()) {
      parsed_.fault = parsed_.fault == BlockFault::none ? BlockFault::malformed : parsed_.fault;
    }
    return std::move(parsed_);
  }

 private:
  bool fail(std::string why) {
    parsed_.why = std::move(why);
    return false;
  }

  bool next_line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos || end > most_line) {
      return fail("a line has no end");
    }
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    const bool printable =
        std::ranges::all_of(line_, [](char letter) { return letter >= ' ' && letter <= '~'; });
    return printable || fail("a line has a byte that is no printable ASCII");
  }

  bool first_line() {
    if (!next_line()) {
      return false;
    }
    Block& block = parsed_.block;
    block.format = line_.starts_with(keyring_name) ? Format::keyring : Format::envelope;
    line_.remove_prefix(name_of(block.format).size());
    const auto words = words_of(line_);
    if (words.front() != version) {
      parsed_.fault = BlockFault::version;
      return fail("a later version");
    }
    const auto sequence = words.size() == 2
                              ? parse_number(words[1], 1, std::numeric_limits<std::uint32_t>::max())
                              : std::nullopt;
    if (!sequence) {
      return fail("the sequence number is not one of 1 to 4294967295");
    }
    block.sequence = static_cast<std::uint32_t>(*sequence);
    return true;
  }

  bool second_line() {
    if (!next_line()) {
      return false;
    }
    const auto words = words_of(line_);
    if (words.size() < 3 || words.size() > 4 || words[0] != "@" ||
        !parse_id(words[1], parsed_.block.id)) {
      return fail("the second line is not \"@ ID cobblestone-256\"");
    }
    if (words[2] != cipher) {
      return fail("a cipher that is not cobblestone-256");
    }
    if (words.size() == 4) {
      parsed_.block.plain_bytes = parse_number(words[3], 0, most_chunks * chunk_bytes - 1);
      if (!parsed_.block.plain_bytes) {
        return fail("the length is not a number of bytes below 64 TiB");
      }
    }
    return next_line();
  }

  bool metadata() {
    if (!line_.starts_with("% ")) {
      return true;
    }
    const auto words = words_of(line_);
    const auto sealed = words.size() == 3 ? crypto::bytes_from_base64(words[2]) : std::nullopt;
    std::array<std::byte, 32> salt{};
    if (!sealed || !crypto::from_base64(words[1], salt) || sealed->size() <= tag_bytes ||
        sealed->size() > most_metadata_bytes) {
      return fail("the metadata line is not \"% SALT SEALED\"");
    }
    parsed_.block.metadata = line_.substr(2);
    return next_line();
  }

  bool stanzas() {
    std::vector<Stanza>& stanzas = parsed_.block.stanzas;
    while (line_.starts_with("-> ")) {
      const auto words = words_of(line_.substr(3));
      if (std::ranges::any_of(words, &std::string_view::empty)) {
        return fail(fmt::format("stanza {} has an empty argument", stanzas.size() + 1));
      }
      if (stanzas.size() == most_stanzas) {
        return fail(fmt::format("more than {} stanzas", most_stanzas));
      }
      Stanza stanza{.type = std::string{words.front()}, .arguments = {}};
      stanza.arguments.assign(words.begin() + 1, words.end());
      if (std::string why = fault_of(stanza); !why.empty()) {
        return fail(fmt::format("stanza {}: {}", stanzas.size() + 1, why));
      }
      stanzas.push_back(std::move(stanza));
      if (!next_line()) {
        return false;
      }
    }
    if (stanzas.empty()) {
      return fail("no stanza");
    }
    if (std::string why = fault_of(stanzas, parsed_.block.format); !why.empty()) {
      return fail(std::move(why));
    }
    return true;
  }

  bool mac() {
    const bool marked = line_.starts_with("--- ");
    return (marked && crypto::from_base64(line_.substr(4), parsed_.block.mac)) ||
           fail("the line after the stanzas is not \"--- MAC\"");
  }

  bool padding() {
    // What is left before the checksum: spaces and one line feed.
    return (rest_.size() >= 1 && rest_.back() == '\n' &&
            rest_.find_first_not_of(' ') == rest_.size() - 1) ||
           fail("the padding is not spaces");
  }

  std::string_view rest_;
  std::string_view line_;
  ParsedBlock parsed_;
};

bool has_right_checksum(std::string_view text) {
  crypto::Sha256Digest sum{};
  return text[checksum_at + digest_text] == '\n' &&
         crypto::from_base64(text.substr(checksum_at, digest_text), sum) &&
         sum == crypto::sha256(as_bytes(text.substr(0, checksum_at)));
}

}  // namespace

ParsedBlock parse_block(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  ParsedBlock parsed;
  if (!text.starts_with(envelope_name) && !text.starts_with(keyring_name)) {
    parsed.fault = BlockFault::not_ours;
    return parsed;
  }
  if (text.size() != block_bytes || !has_right_checksum(text)) {
    parsed.fault = BlockFault::checksum;
    return parsed;
  }
  return Parser{text.substr(0, checksum_at)}.parse();
}

BlockBytes to_bytes(const Block& block, const crypto::Secret& data_key) {
  std::string text = text_of(block);
  text += ' ' + crypto::base64(mac_of(text, block.id, data_key)) + '\n';
  if (text.size() + 1 > checksum_at) {
    throw Error{Code::bug, "the stanzas do not fit into a block"};
  }
  text.resize(checksum_at - 1, ' ');
  text += '\n';
  text += crypto::base64(crypto::sha256(as_bytes(text))) + '\n';
  BlockBytes bytes{};
  std::ranges::copy(as_bytes(text), bytes.begin());
  if (const ParsedBlock parsed = parse_block(bytes); parsed.fault != BlockFault::none) {
    throw Error{Code::bug, fmt::format("a block would be malformed: {}", parsed.why)};
  }
  return bytes;
}

bool is_authentic(Bytes bytes, const Block& block, const crypto::Secret& data_key) {
  const std::string_view text = as_text(bytes);
  const std::size_t mark = text.rfind("\n--- ");
  if (mark == std::string_view::npos) {
    return false;
  }
  const crypto::Mac mac = mac_of(text.substr(0, mark + 1 + mac_mark.size()), block.id, data_key);
  return crypto::constant_time_equal(mac, block.mac);
}

}  // namespace trackier::envelope
