// Envelopes, the keyring, and what people exchange about them. A parser refuses with Code::data, or
// what it accepted is written again as the same bytes.
#include <algorithm>
#include <array>
#include <string>

#include "access/approval.hpp"
#include "access/officer.hpp"
#include "access/request.hpp"
#include "config/recipient.hpp"
#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "envelope/block.hpp"
#include "envelope/head.hpp"
#include "envelope/metadata.hpp"
#include "envelope/open.hpp"
#include "envelope/seal.hpp"
#include "envelope/wrap.hpp"
#include "keyring/document.hpp"
#include "keyring/recipient_line.hpp"
#include "keyring/share.hpp"
#include "streams.hpp"
#include "targets.hpp"

namespace trackier::fuzz {
namespace {

constexpr std::size_t text_bytes = 4051;  // of a block; then a line feed and the checksum

crypto::Secret key_of(char fill) {
  crypto::Secret key{32};
  std::ranges::fill(key.writable(), static_cast<std::byte>(fill));
  return key;
}

/// A block that only its own text can be wrong in.
std::string with_checksum(std::string_view text) {
  std::string block{text.substr(0, text_bytes)};
  block.resize(text_bytes, ' ');
  block += '\n';
  return block + crypto::base64(crypto::sha256(as_bytes(block))) + "\n";
}

/// Runs a parser that may refuse.
template <typename Parse>
void parsing(const Parse& parse) {
  try {
    parse();
  } catch (const Error& error) {
    require(error.code() == Code::data, "what cannot be read is bad data");
    require(std::string_view{error.what()}.size() < 1000, "an error is short");
  }
}

/// One that every key opens which is the data key, and in which nothing is random.
class NoRecipient final : public envelope::Recipient {
 public:
  [[nodiscard]] std::vector<envelope::Stanza> wrap(const crypto::Secret& /*data_key*/,
                                                   const envelope::FileId& /*id*/) const override {
    return {{.type = "fuzz", .arguments = {"x"}}};
  }
};

const std::string& content() {
  static const std::string text = [] {
    std::string made;
    while (made.size() < 40'000) {
      made += std::to_string(made.size()) + " ";
    }
    return made;
  }();
  return text;
}

const std::string& whole_envelope() {
  static const std::string envelope = [] {
    TextSource source{content(), content().size()};
    TextSink sink;
    envelope::seal_stream(source, sink, {std::make_shared<NoRecipient>()},
                          {.id = {}, .data_key = key_of('k'), .salt = {}}, {}, {}, {});
    return sink.text();
  }();
  return envelope;
}

/// Edits: four bytes each, what, where (two) and with what.
std::string edited(std::string_view edits) {
  std::string text = whole_envelope();
  for (; edits.size() >= 4 && !text.empty(); edits.remove_prefix(4)) {
    const std::size_t place =
        static_cast<unsigned char>(edits[1]) * 256U + static_cast<unsigned char>(edits[2]);
    const std::size_t at = place % text.size();
    const auto count = static_cast<unsigned char>(edits[3]);
    switch (edits[0]) {
      case 'c':
        text.resize(at);
        break;
      case 'a':
        text.append(count, 'a');
        break;
      case 'd':
        text.erase(at, count);
        break;
      case 'i':
        text.insert(at, count, 'i');
        break;
      case 'r':  // a chunk is repeated
        text.insert(at, text.substr(at, 16400));
        break;
      case 's': {  // blocks or chunks change places
        const std::size_t size =
            std::min<std::size_t>(count < 128 ? 4096 : 16400, (text.size() - at) / 2);
        std::swap_ranges(text.begin() + static_cast<std::ptrdiff_t>(at),
                         text.begin() + static_cast<std::ptrdiff_t>(at + size),
                         text.begin() + static_cast<std::ptrdiff_t>(at + size));
        break;
      }
      default:
        text[at] = static_cast<char>(text[at] ^ edits[3]);
    }
  }
  return text;
}

}  // namespace

void envelope_head(std::string_view input) {
  for (const std::string& bytes : {with_checksum(input), std::string{input}}) {
    if (bytes.size() != envelope::block_bytes) {
      continue;
    }
    const auto parsed = envelope::parse_block(as_bytes(bytes));
    if (parsed.fault == envelope::BlockFault::none) {
      const auto again = envelope::to_bytes(parsed.block, key_of('k'));
      const std::size_t mac = bytes.find("\n--- ");
      require_equal(bytes.substr(0, mac), as_text(again).substr(0, mac),
                    "a good block is written again as it was");
      require(!envelope::is_authentic(as_bytes(bytes), parsed.block, key_of('?')),
              "no MAC is right by chance");
    }
    for (const auto format : {envelope::Format::envelope, envelope::Format::keyring}) {
      parsing([&] {
        const auto head = envelope::parse_head(as_bytes(bytes + bytes), "fuzzed", format);
        require(head.is_settled() && parsed.block.format == format, "two equal blocks are settled");
      });
    }
  }
}

void envelope_edits(std::string_view input) {
  const std::string text = edited(input);
  TextSource source{text, 1 + dice(input) % 30'000};
  TextSink sink;
  parsing([&] {
    const auto opening =
        envelope::Opening::of_stream(source, {envelope::data_key_identity(key_of('k'))}, "fuzzed");
    open_stream(source, opening, sink, {.name = "fuzzed"}, {}, {});
  });
  require(content().starts_with(sink.text()), "what comes out is how the content begins");
  require(!sink.finished() || sink.text() == content(), "what ends is whole");
  require(sink.finished() || text != whole_envelope(), "what nobody changed opens");
}

void envelope_metadata(std::string_view input) {
  const crypto::Secret key = key_of('k');
  const envelope::WrapSalt salt{};
  const std::string sealed = envelope::seal_once(
      key.bytes(), salt, envelope::info_for("metadata", {}), as_bytes(input.substr(0, 1000)));
  parsing([&] {
    const auto metadata = envelope::open_metadata(
        crypto::base64(salt) + " " + crypto::base64(as_bytes(sealed)), key, {});
    if (metadata.name) {
      require(!metadata.name->empty() && *metadata.name != "." && *metadata.name != ".." &&
                  metadata.name->find('/') == std::string::npos &&
                  metadata.name->find('\0') == std::string::npos,
              "a name is one of a file in a directory");
    }
    require(metadata.mode.value_or(0) <= 07777U, "a mode is permission bits");
  });
}

void keyring_document(std::string_view input) {
  parsing([&] {
    const auto document = keyring::parse_document(input);
    const std::string text = keyring::to_json(document);
    require(keyring::parse_document(text) == document, "a document is the same when read again");
    require(keyring::to_json(keyring::parse_document(text)) == text, "and written again");
  });
}

void recipient_line(std::string_view input) {
  parsing([&] {
    require_equal(to_text(keyring::parse_recipient_line(input)), input,
                  "a recipient line is written again as it was");
  });
  parsing([&] {
    require_equal(to_text(access::parse_officer(input)), input,
                  "an officer's line is written again as it was");
  });
  parsing([&] { config::parse_recipient(input); });
  parsing([&] { config::parse_officer(input); });
}

void key_share(std::string_view input) {
  parsing([&] {
    const auto share = keyring::parse_share(as_bytes(input), "fuzzed");
    require(share.threshold >= 2 && share.threshold <= share.shares && share.x >= 1 &&
                share.x <= share.shares && share.shares <= keyring::most_shares,
            "a share is one of what split() makes");
    const crypto::Secret text = to_text(share);
    const auto line = as_text(text.bytes()).substr(0, text.size() - 1);
    require(input.find(line) != std::string_view::npos, "a share is written again as it was");
  });
}

void access_request(std::string_view input) {
  parsing([&] {
    require_equal(to_text(access::parse_request(input, "fuzzed")), input,
                  "a request is written again as it was");
  });
}

void access_approval(std::string_view input) {
  parsing([&] {
    require_equal(to_text(access::parse_approval(input, "fuzzed")), input,
                  "an approval is written again as it was");
  });
}

}  // namespace trackier::fuzz
