#pragma once
/// A record of the audit log: who did what, when, and how it ended. One line of canonical JSON (RFC
/// 8785) of a narrow kind: every member is always there, texts are of a few characters that need no
/// escape, numbers are whole. So a record has one form, and reading one is a single pass.
/// trackier-audit(5), RECORDS, is the reference.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "audit/merkle.hpp"

namespace trackier::audit {

using Milliseconds = std::chrono::sys_time<std::chrono::milliseconds>;

/// "2026-11-27T10:44:15.123Z". Throws Error{Code::bug} for a year before 1970 or after 9999.
std::string to_text(Milliseconds at);

enum class Phase : std::uint8_t {
  intent,   ///< about to be done; durable before anything is
  outcome,  ///< how it ended
  recover,  ///< it did not come to an outcome; or the end of the log was mended
  anchor,   ///< a checkpoint of the log was cosigned
};

std::string_view name_of(Phase phase);

/// Joins an intent with its outcome; random.
using OperationId = std::array<std::byte, 16>;

/// RFC 7493, section 2.2: larger numbers are not the same to every reader.
inline constexpr std::uint64_t most_number = (std::uint64_t{1} << 53U) - 1;

/// A number up to most_number, or a word: 1 to 128 of the letters, digits and . _ : % - that
/// is_word() takes. What can identify a person is no word; audit/veil.hpp makes one of it.
using Value = std::variant<std::uint64_t, std::string>;

/// Sorted by name, each once; names as is_name() has them.
using Values = std::vector<std::pair<std::string, Value>>;

bool is_word(std::string_view text);
bool is_name(std::string_view text);  ///< 1 to 64 of a-z 0-9 . _ -

/// A word of any text: bytes that a word cannot have become %HH, and what is too long is cut and
/// ends in "%". For texts of the machine, as its host name. Empty becomes "%".
std::string escaped(std::string_view text);

/// A process, so that it can be told from all others of the machine.
struct Process {
  std::string boot;         ///< /proc/sys/kernel/random/boot_id; empty: unknown
  std::uint64_t space = 0;  ///< inode of its namespace of process numbers
  std::uint64_t pid = 0;
  std::uint64_t start = 0;  ///< since boot, in the kernel's ticks

  friend bool operator==(const Process&, const Process&) = default;
};

/// Who, as the kernel knows it; claims are what the environment says.
struct Actor {
  std::uint64_t uid = 0;               ///< of the process
  std::optional<std::uint64_t> login;  ///< of the login it comes from (/proc/self/loginuid)
  std::string ssh_key;                 ///< "SHA256:..." of the key of that login, if exposed
  Values claims;                       ///< as "sudo_user"

  friend bool operator==(const Actor&, const Actor&) = default;
};

/// An operation that has begun, and of which the log has no end yet.
struct OpenOperation {
  OperationId id{};
  std::string operation;
  Process process;

  friend bool operator==(const OpenOperation&, const OpenOperation&) = default;
};

/// How an operation ended.
struct Result {
  std::uint64_t exit = 0;  ///< exit status
  std::string code;        ///< "ok", "io", ...

  friend bool operator==(const Result&, const Result&) = default;
};

struct Record {
  std::uint64_t seq = 0;  ///< from 0 on: its index among the leaves
  Milliseconds at{};
  std::uint64_t boot_us = 0;  ///< since boot, in microseconds, of a clock that nobody can set
  Phase phase = Phase::intent;
  std::string operation;  ///< a name, as "keys.rotate"
  OperationId id{};
  Actor actor;
  Process process;     ///< that wrote this
  std::string host;    ///< a word
  std::string tenant;  ///< a word; empty: none in particular
  Values args;
  std::optional<Result> result;     ///< of an outcome
  std::vector<OpenOperation> open;  ///< others that are open once this is written, oldest first
  Hash previous{};                  ///< leaf hash of the record before; zeros in the first

  friend bool operator==(const Record&, const Record&) = default;
};

inline constexpr std::size_t most_values = 32;
inline constexpr std::size_t most_open = 24;
inline constexpr std::size_t most_line_bytes = 8192;  ///< with the line end

/// Without a line end. Throws Error{Code::bug} for what a record cannot have, as a text that is no
/// word, or when the line would be longer than most_line_bytes.
std::string to_text(const Record& record);

/// Whether `line`, without its end, is what to_text() writes of some record, which `into` then is;
/// otherwise what is in `into` is unspecified. An object that is used again spares memory.
[[nodiscard]] bool parse_record(std::string_view line, Record& into);

/// What is open after `record`: `record.open`, and the operation that it begins.
std::vector<OpenOperation> open_after(const Record& record);

}  // namespace trackier::audit
