#pragma once
/// Where a key comes from. Settings and options hold a reference to a key, never the key.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "crypto/secret.hpp"
#include "os/file.hpp"

namespace trackier::keys {

struct Reference {
  enum class Scheme : std::uint8_t {
    file,        ///< file:PATH
    fd,          ///< fd:N, a descriptor the process was started with
    credential,  ///< credential:NAME, a file in systemd's $CREDENTIALS_DIRECTORY
    command,     ///< command:COMMAND LINE, run by /bin/sh; what it prints is the key
    keyring,     ///< keyring:TENANT/PURPOSE or TENANT/PURPOSE/VERSION
  };

  Scheme scheme = Scheme::file;
  std::string value;  ///< what follows the colon

  friend bool operator==(const Reference&, const Reference&) = default;
};

/// Reads "file:PATH", "fd:N", "credential:NAME", "command:LINE" or "keyring:NAME". wrong: the code
/// of the Error thrown for anything else: Code::usage for an option, Code::config for settings.
Reference parse_reference(std::string_view text, Code wrong = Code::usage);

/// The reverse of parse_reference.
std::string to_string(const Reference& reference);

/// What a key may be fetched from. The library does not look for these itself.
struct Surroundings {
  os::FileSystem& files;
  std::filesystem::path credentials_directory = {};  ///< $CREDENTIALS_DIRECTORY; empty: none
  char* const* environment = nullptr;                ///< for commands; null: an empty one
  /// For a key of this name in the keyring; empty: there is no keyring to ask.
  std::function<crypto::Secret(const std::string&)> keyring = {};
};

/// Fetches a key: 32 bytes, written as 64 hexadecimal digits (with or without a line end), or
/// exactly 32 raw bytes. Throws Error{Code::no_permission} when it is missing, malformed, or
/// plainly no key (all bytes equal); when a key file can be read by group or others, except in the
/// credentials directory, where systemd sets the mode; and when a command fails. Symbolic links are
/// followed; it is the opened file whose mode counts. A pipe (fd:, or file:/dev/fd/63) can be read
/// once.
crypto::Secret load_key(const Reference& reference, const Surroundings& surroundings);

/// Fetches a password: what is there, at most 1024 bytes, without the line end behind it. Throws
/// Error{Code::no_permission} when there is nothing, more, or more than a line, and for what
/// load_key refuses of files and commands.
crypto::Secret load_password(const Reference& reference, const Surroundings& surroundings);

/// The key of a file, which is made with a new one, 0600, when it is not there. Of several runs
/// that make it at once all get the same.
crypto::Secret kept_key(os::FileSystem& files, const std::filesystem::path& path);

/// Reads two hexadecimal digits a byte, in any case. False for all else.
bool decode_key(std::string_view digits, MutBytes out);

/// What a key file holds: 64 hexadecimal digits and a line end.
crypto::Secret key_file_text(const crypto::Secret& key);

}  // namespace trackier::keys
