#include "keys/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "core/text.hpp"
#include "crypto/random.hpp"
#include "keys/epoch_key.hpp"
#include "os/process.hpp"
#include "os/replace_file.hpp"

namespace trackier::keys {
namespace {

using Scheme = Reference::Scheme;

constexpr std::array<std::pair<Scheme, std::string_view>, 5> schemes{{
    {Scheme::file, "file:"},
    {Scheme::fd, "fd:"},
    {Scheme::credential, "credential:"},
    {Scheme::command, "command:"},
    {Scheme::keyring, "keyring:"},
}};

constexpr std::size_t key_bytes = 32;
constexpr std::size_t hex_digits = 2 * key_bytes;
constexpr const char* make_one = "make a key with: (umask 077; openssl rand -hex 32 > {})";

std::optional<int> descriptor_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && number >= 0 ? std::optional{number} : std::nullopt;
}

Error refused(const Reference& reference, const std::string& what, std::string hint) {
  return Error{Code::no_permission,
               fmt::format("key {}: {}", printable(to_string(reference)), what), std::move(hint)};
}

/// Where the key of a file or credential is.
std::filesystem::path path_of(const Reference& reference, const Surroundings& surroundings) {
  if (reference.scheme == Scheme::file) {
    return reference.value;
  }
  if (surroundings.credentials_directory.empty()) {
    throw refused(reference, "CREDENTIALS_DIRECTORY is not set",
                  "run under systemd with LoadCredential=, or name the key with file:");
  }
  return surroundings.credentials_directory / reference.value;
}

std::string how_to_make(const Reference& reference) {
  return reference.scheme == Scheme::file
             ? fmt::format(fmt::runtime(make_one), printable(reference.value))
             : std::string{};
}

std::unique_ptr<os::File> open_key(const Reference& reference, const Surroundings& surroundings) {
  if (reference.scheme == Scheme::fd) {
    return os::inherited(*descriptor_number(reference.value));
  }
  auto file = surroundings.files.open(path_of(reference, surroundings));
  const os::FileStatus status = file->status();
  constexpr unsigned group_and_others = 077;
  if (reference.scheme == Scheme::file && status.kind == os::FileStatus::Kind::regular &&
      (status.mode & group_and_others) != 0) {
    throw refused(reference, fmt::format("mode {:04o} lets others read or write it", status.mode),
                  fmt::format("chmod 600 {}", printable(reference.value)));
  }
  return file;
}

/// Reads what there is, one byte more than a key may have at most.
std::size_t read_key(const Reference& reference, const Surroundings& surroundings, MutBytes into) {
  if (reference.scheme == Scheme::command) {
    return os::output_of_command(reference.value, surroundings.environment, into);
  }
  const auto file = open_key(reference, surroundings);
  std::size_t size = 0;
  while (size < into.size()) {
    const std::size_t count = file->read(into.subspan(size));
    if (count == 0) {
      break;
    }
    size += count;
  }
  return size;
}

std::optional<unsigned> hex_value(std::byte byte) {
  const auto c = static_cast<char>(byte);
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  if (c >= 'a' && c <= 'f') {
    return static_cast<unsigned>(c - 'a') + 10U;
  }
  if (c >= 'A' && c <= 'F') {
    return static_cast<unsigned>(c - 'A') + 10U;
  }
  return std::nullopt;
}

}  // namespace

bool decode_key(std::string_view digits, MutBytes out) {
  if (digits.size() != 2 * out.size()) {
    return false;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto high = hex_value(as_bytes(digits)[2 * i]);
    const auto low = hex_value(as_bytes(digits)[2 * i + 1]);
    if (!high || !low) {
      return false;
    }
    out[i] = static_cast<std::byte>(*high << 4U | *low);
  }
  return true;
}

namespace {

/// The bytes without the line end that editors and shells put behind hexadecimal digits.
Bytes without_line_end(Bytes bytes) {
  if (bytes.size() > hex_digits && bytes.back() == std::byte{'\n'}) {
    bytes = bytes.first(bytes.size() - 1);
    if (bytes.size() > hex_digits && bytes.back() == std::byte{'\r'}) {
      bytes = bytes.first(bytes.size() - 1);
    }
  }
  return bytes;
}

}  // namespace

Reference parse_reference(std::string_view text, Code wrong) {
  for (const auto& [scheme, prefix] : schemes) {
    if (!text.starts_with(prefix)) {
      continue;
    }
    Reference reference{.scheme = scheme, .value = std::string{text.substr(prefix.size())}};
    if (reference.value.empty()) {
      throw Error{wrong, fmt::format("key {}: nothing behind the colon", printable(text))};
    }
    if (scheme == Scheme::fd && !descriptor_number(reference.value)) {
      throw Error{wrong, fmt::format("key {}: not the number of a descriptor", printable(text)),
                  "write it like fd:3"};
    }
    if (scheme == Scheme::credential && reference.value.find('/') != std::string::npos) {
      throw Error{wrong,
                  fmt::format("key {}: a credential is a name, not a path", printable(text))};
    }
    return reference;
  }
  // What was given may be the key itself, by mistake: it is not repeated.
  throw Error{wrong, "a key is named by where it is, not by itself",
              "write file:PATH, credential:NAME, fd:NUMBER, command:COMMAND or keyring:NAME"};
}

std::string to_string(const Reference& reference) {
  const auto* const found =
      std::ranges::find(schemes, reference.scheme, &decltype(schemes)::value_type::first);
  return std::string{found->second} + reference.value;
}

crypto::Secret load_key(const Reference& reference, const Surroundings& surroundings) {
  AnyKey key = load_any_key(reference, surroundings);
  if (auto* const endless = std::get_if<crypto::Secret>(&key)) {
    return std::move(*endless);
  }
  throw refused(reference, "this is a key of periods, for pseudonyms alone",
                how_to_make(reference));
}

namespace {

crypto::Secret key_in_keyring(const Reference& reference, const Surroundings& surroundings) {
  if (!surroundings.keyring) {
    throw refused(reference, "a key of the keyring cannot be used here", "name it otherwise");
  }
  try {
    return surroundings.keyring(reference.value);
  } catch (const Error& error) {
    if (error.code() == Code::no_input) {  // no keyring is no key
      throw refused(reference, error.what(), error.hint());
    }
    throw;
  }
}

}  // namespace

AnyKey load_any_key(const Reference& reference, const Surroundings& surroundings) {
  if (reference.scheme == Scheme::keyring) {
    return key_in_keyring(reference, surroundings);
  }
  crypto::Secret written{EpochKey::longest_text};
  std::size_t size = 0;
  try {
    size = read_key(reference, surroundings, written.writable());
  } catch (const Error& error) {
    if (error.code() ==
        Code::no_input) {  // missing or unreadable: to the user it is a key that is not there
      throw refused(reference, error.what(), how_to_make(reference));
    }
    throw;
  }
  if (as_text(written.bytes().first(size)).starts_with(EpochKey::magic)) {
    auto key = EpochKey::parse(written.bytes().first(size));
    if (!key) {
      throw refused(reference, "this begins as a key of periods, and is none",
                    "\"keys epoch new\" makes one");
    }
    return std::move(*key);
  }
  const Bytes bytes = without_line_end(written.bytes().first(size));
  crypto::Secret key{key_bytes};
  if (bytes.size() == key_bytes) {
    std::ranges::copy(bytes, key.writable().begin());
  } else if (!decode_key(as_text(bytes), key.writable())) {
    throw refused(reference, "a key is 64 hexadecimal digits or 32 bytes, and this is neither",
                  how_to_make(reference));
  }
  const Bytes made = key.bytes();
  if (std::ranges::all_of(made, [&made](std::byte byte) { return byte == made.front(); })) {
    throw refused(reference, "all its bytes are equal: that is no key", how_to_make(reference));
  }
  return key;
}

crypto::Secret load_password(const Reference& reference, const Surroundings& surroundings) {
  constexpr std::size_t longest_password = 1024;
  const auto wrong = [&](const std::string& what) {
    return Error{Code::no_permission,
                 fmt::format("password {}: {}", printable(to_string(reference)), what),
                 "a password is one line of text"};
  };
  crypto::Secret written{longest_password + 3};  // a line end, and one more
  std::size_t size = 0;
  try {
    size = read_key(reference, surroundings, written.writable());
  } catch (const Error& error) {
    if (error.code() == Code::no_input) {
      throw wrong(error.what());
    }
    throw;
  }
  Bytes bytes = written.bytes().first(size);
  for (const std::byte end : {std::byte{'\n'}, std::byte{'\r'}}) {
    if (!bytes.empty() && bytes.back() == end) {
      bytes = bytes.first(bytes.size() - 1);
    }
  }
  if (bytes.empty()) {
    throw wrong("there is nothing in it");
  }
  const bool has_controls =
      std::ranges::any_of(bytes, [](std::byte byte) { return byte < std::byte{' '}; });
  if (bytes.size() > longest_password || has_controls) {
    throw wrong("it is not one line of text, or longer than 1024 bytes");
  }
  return crypto::Secret::copy_of(bytes);
}

crypto::Secret kept_key(os::FileSystem& files, const std::filesystem::path& path) {
  constexpr unsigned private_directory = 0700;
  if (!files.status(path)) {
    files.create_directories(path.parent_path(), private_directory);
    const crypto::Secret text = key_file_text(crypto::random_secret(key_bytes));
    try {
      os::ReplaceFile file{files, path};
      file.write(text.bytes());
      file.finish();
    } catch (const Error&) {
      if (!files.status(path)) {
        throw;  // otherwise another run was faster
      }
    }
  }
  return load_key({.scheme = Reference::Scheme::file, .value = path.native()}, {.files = files});
}

crypto::Secret key_file_text(const crypto::Secret& key) {
  crypto::Secret text{2 * key.size() + 1};
  const MutBytes into = text.writable();
  std::size_t at = 0;
  for (const std::byte byte : key.bytes()) {
    for (const unsigned shift : {4U, 0U}) {
      // Secret: no table that is looked up, no branch that depends on it.
      const unsigned digit = std::to_integer<unsigned>(byte) >> shift & 15U;
      const unsigned is_letter = (9U - digit) >> 31U;  // 1 when digit > 9
      into[at++] = std::byte(digit + '0' + is_letter * ('a' - '0' - 10U));
    }
  }
  into[at] = std::byte{'\n'};
  return text;
}

}  // namespace trackier::keys
