#include "backup/chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"
#include "crypto/random.hpp"
#include "envelope/inspect.hpp"
#include "envelope/open.hpp"
#include "envelope/seal.hpp"
#include "os/file_stream.hpp"
#include "os/replace_file.hpp"
#include "os/signals.hpp"

namespace trackier::backup {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t most_file_bytes = 65536;
constexpr std::string_view file_kind = "trackier-chain/1";

/// Collects a secret that comes as a stream.
class SecretSink final : public Sink {
 public:
  explicit SecretSink(std::size_t most) : all_(most) {}
  void write(Bytes bytes) override {
    if (bytes.size() > all_.size() - size_) {
      throw Error{Code::data, "longer than it can be"};
    }
    std::ranges::copy(bytes, all_.writable().begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += bytes.size();
  }
  void finish() override {}
  [[nodiscard]] Bytes bytes() const { return all_.bytes().first(size_); }

 private:
  crypto::Secret all_;
  std::size_t size_ = 0;
};

/// Gives bytes as a stream.
class BytesSource final : public Source {
 public:
  explicit BytesSource(Bytes bytes) : rest_(bytes) {}
  std::size_t read(MutBytes into) override {
    const std::size_t count = std::min(into.size(), rest_.size());
    std::ranges::copy(rest_.first(count), into.begin());
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  Bytes rest_;
};

/// Lines "ID", "KEY", ...; in memory that is wiped.
crypto::Secret text_of(std::initializer_list<std::string_view> public_lines,
                       const crypto::Secret& key) {
  std::string before;
  for (const std::string_view line : public_lines) {
    before += line;
    before += '\n';
  }
  std::string digits = crypto::base64(key.bytes());
  crypto::Secret text{before.size() + digits.size() + 1};
  auto out = std::ranges::copy(as_bytes(before), text.writable().begin()).out;
  out = std::ranges::copy(as_bytes(digits), out).out;
  *out = std::byte{'\n'};
  crypto::wipe(std::as_writable_bytes(std::span{digits}));
  return text;
}

/// Takes a line off the beginning.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    throw Error{Code::data, "cut short"};
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

crypto::Secret take_key(std::string_view& text) {
  crypto::Secret key{key_bytes};
  if (!crypto::from_base64(take_line(text), key.writable()) || !text.empty()) {
    throw Error{Code::data, "there is no key in it"};
  }
  return key;
}

Chain parse_chain(std::string_view text) {
  if (take_line(text) != file_kind) {
    throw Error{Code::data, "not the file of a chain, or of a later version"};
  }
  Chain chain;
  chain.id = take_line(text);
  const auto begun = parse_rfc3339(take_line(text));
  if (!is_hexadecimal(chain.id, store::Id{}.size()) || !begun) {
    throw Error{Code::data, "damaged"};
  }
  chain.begun = *begun;
  chain.sealed_for = take_line(text);
  chain.key = take_key(text);
  return chain;
}

}  // namespace

std::optional<Chain> ChainFile::load() const {
  if (!files_.status(path_)) {
    return std::nullopt;
  }
  const std::string name = printable(path_.native());
  const auto file = files_.open(path_);
  constexpr unsigned of_others = 0077;
  if ((file->status().mode & of_others) != 0) {
    throw Error{Code::no_permission, fmt::format("{} can be read by others", name),
                fmt::format("chmod 600 {}; and begin a new chain with --new-chain", name)};
  }
  return doing(name, [&] {
    SecretSink content{most_file_bytes};
    os::FileSource source{*file};
    if (wrapping_) {
      const envelope::Identities identities{
          envelope::wrapping_key_identity(crypto::Secret::copy_of(wrapping_->bytes()))};
      const auto opening = envelope::Opening::of_stream(source, identities, name);
      envelope::open_stream(source, opening, content, {.name = name}, {}, {});
    } else {
      std::array<std::byte, 4096> buffer{};
      for (std::size_t got = 0; (got = source.read(buffer)) > 0;) {
        content.write(Bytes{buffer}.first(got));
      }
      crypto::wipe(buffer);
    }
    return parse_chain(as_text(content.bytes()));
  });
}

void ChainFile::save(const Chain& chain) const {
  const crypto::Secret text =
      text_of({file_kind, chain.id, to_rfc3339(chain.begun), chain.sealed_for}, chain.key);
  const auto old = files_.status(path_) ? files_.open_for_update(path_) : nullptr;
  os::ReplaceFile file{files_, path_, {.replace = true}};
  if (wrapping_) {
    BytesSource source{text.bytes()};
    const envelope::Recipients recipients{
        envelope::wrapping_key_recipient(crypto::Secret::copy_of(wrapping_->bytes()))};
    envelope::seal_stream(source, file, recipients, envelope::Origin::random(), {}, {}, {});
  } else {
    file.write(text.bytes());
    file.finish();
  }
  if (old) {
    // The key before is written over in its place, for whoever reads the disk; file systems and
    // SSDs that do not write in place keep it nevertheless.
    const std::vector<std::byte> nothing(old->status().size);
    old->write_at(0, nothing);
    old->sync();
  }
}

Chain begin_chain(os::FileSystem& files, const store::SourceDirectory& source,
                  const envelope::Recipients& recipients, std::string sealed_for, Time now) {
  const auto origin = envelope::Origin::random();
  Chain chain{.id = envelope::to_text(origin.id),
              .key = crypto::random_secret(key_bytes),
              .begun = now,
              .sealed_for = std::move(sealed_for)};
  const crypto::Secret text = text_of(
      {file_kind, source.store_id(), source.path().filename().native(), chain.id}, chain.key);
  BytesSource plain{text.bytes()};
  os::ReplaceFile file{files, source.chain_envelope(chain.id)};
  envelope::seal_stream(plain, file, recipients, origin, {}, {}, {});
  return chain;
}

std::string chain_envelope_fault(os::FileSystem& files, const store::SourceDirectory& source,
                                 const std::string& chain) {
  const auto path = source.chain_envelope(chain);
  if (!files.status(path)) {
    return "missing";
  }
  try {
    const auto file = files.open(path);
    const auto found = envelope::inspect(*file, printable(path.filename().native()));
    if (envelope::to_text(found.head.current().id) != chain) {
      return "damaged: it is of another chain";
    }
    return found.complete ? std::string{} : "damaged: " + found.incomplete_because;
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    if (error.code() != Code::data) {
      throw;
    }
    return fmt::format("damaged: {}", error.what());
  }
}

crypto::Secret open_chain(os::FileSystem& files, const store::SourceDirectory& source,
                          const std::string& chain, const envelope::Identities& identities) {
  const auto path = source.chain_envelope(chain);
  const std::string name = "chain " + chain;
  if (!files.status(path)) {
    throw Error{Code::no_input, fmt::format("{}: its key is not in the store", name),
                fmt::format("without {} nothing of this chain can be read; is there a copy of the "
                            "store?",
                            printable(path.native()))};
  }
  const auto file = files.open(path);
  os::FileSource stream{*file};
  const auto opening = envelope::Opening::of_stream(stream, identities, name);
  SecretSink content{most_file_bytes};
  envelope::open_stream(stream, opening, content, {.name = name}, {}, {});
  std::string_view text = as_text(content.bytes());
  if (take_line(text) != file_kind || take_line(text) != source.store_id() ||
      take_line(text) != source.path().filename().native() || take_line(text) != chain) {
    throw Error{Code::data, fmt::format("{}: the key is of something else", name)};
  }
  return take_key(text);
}

}  // namespace trackier::backup
