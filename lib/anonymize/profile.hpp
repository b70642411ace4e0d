#pragma once
/// What a run of `anonymize` does with which value: the rules, as plain data. trackier-ctl.toml(5)
/// describes how they are written down; this header is what the settings reader fills in.

#include <optional>
#include <string>
#include <vector>

#include "anonymize/kind.hpp"
#include "core/period.hpp"

namespace trackier::anonymize {

enum class Format : std::uint8_t {
  plain,
  common,
  combined,
  json,
  csv,
  tsv,
  logfmt,
  syslog,
  w3c,
  cloudfront,
  elb,
  alb,
  haproxy,
  zeek,
  log_format,  ///< what a log_format of nginx or LogFormat of Apache httpd writes; see Profile
};

std::string_view name_of(Format format);
/// The format of that name; none for "log_format", which is nothing without its string.
std::optional<Format> format_named(std::string_view name);

enum class Action : std::uint8_t {
  keep,         ///< leave the value as it is
  truncate,     ///< addresses: keep the first bits, zero the rest
  mask,         ///< keep the first and last characters, replace the others
  hash,         ///< keyed one-way pseudonym, UUID-shaped or hexadecimal
  pseudonym,    ///< keyed one-way pseudonym of the same length and letter classes
  redact,       ///< "[email]"
  generalize,   ///< time to the hour, number to a band, coordinates to a few decimals
  drop,         ///< remove the value, or the whole record
  tokenize,     ///< reversible for whoever has the key (tokenizer.hpp)
  prefix,       ///< addresses: encrypted, common prefixes stay (ipcrypt.hpp); as those below
  ipcrypt,      ///< encrypted, equal ones equal
  ipcrypt_nd,   ///< encrypted, each time another way
  ipcrypt_ndx,  ///< the same, for more of them
  decode,       ///< fields in base64: what is in them is looked through and encoded again
};

std::string_view name_of(Action action);
std::optional<Action> action_named(std::string_view name);

enum class TimeUnit : std::uint8_t { minute, hour, day, month, year };

std::string_view name_of(TimeUnit unit);
std::optional<TimeUnit> time_unit_named(std::string_view name);

/// What a token is made of: digits, hexadecimal digits, or digits and letters.
enum class Alphabet : std::uint8_t { digits, hex, lower, upper, alnum };

inline constexpr std::size_t alphabets = 5;

std::string_view name_of(Alphabet alphabet);
std::optional<Alphabet> alphabet_named(std::string_view name);

struct Transform {
  Action action = Action::redact;
  int ipv4_prefix = 24;          ///< truncate: bits kept of an IPv4 address, 0 to 32
  int ipv6_prefix = 48;          ///< truncate: bits kept of an IPv6 address, 0 to 128
  int keep_first = 0;            ///< mask: characters kept at the start
  int keep_last = 0;             ///< mask: characters kept at the end
  char mask_character = '*';     ///< mask: printable ASCII, no quote, backslash, comma or bracket
  int bits = 128;                ///< hash of a value that is no UUID: 64, 128 or 256
  std::string label;             ///< redact: the word in the brackets; empty: the kind's name
  std::optional<TimeUnit> unit;  ///< generalize: times are cut to this; none: to the hour
  std::optional<int> decimals;   ///< generalize: kept of a fraction, 0 to 6; none: 1
  double band = 0;               ///< generalize: width of the band of a number; 0: cut the decimals
  bool drop_record = false;      ///< drop: the whole record goes, not the value alone
  std::optional<Alphabet> alphabet;  ///< tokenize; none: that of the kind
  bool luhn = false;                 ///< tokenize digits: a correct check digit stays one

  bool operator==(const Transform&) const = default;
};

/// Truncation by the name of what goes: "last-octet" keeps 24 bits of IPv4 and 48 of IPv6,
/// "two-octets" 16 and 32, "three-octets" 8 and 24. None for other names.
std::optional<Transform> truncation_preset(std::string_view name);

/// A field of a structured format and what happens to its value.
struct FieldRule {
  /// Name ("user_agent", a CSV header), column number from 1 ("3"), or path: "user.contact.email",
  /// "*" for any one name, "items[].ip" or "items.ip" alike for the elements of an array.
  std::string selector;
  Transform transform;
};

/// A user's own regular expression (RE2 syntax), searched in every record.
struct PatternRule {
  std::string name;
  std::string regex;
  Transform transform;
};

struct Profile {
  enum class Unparsed : std::uint8_t {
    scan,    ///< look at the record as plain text, with every detector
    redact,  ///< replace the whole record by "[unparsed record]"
    drop,    ///< leave the record out
  };

  std::string name;                  ///< empty: the built-in profile
  std::optional<Format> format;      ///< none: detect it
  std::string log_format;            ///< goes before format; see log_format.hpp
  std::optional<Unparsed> unparsed;  ///< none: redact when there are field rules, else scan
  PerKind<bool> detect;              ///< which kinds are looked for
  PerKind<Transform> transforms;     ///< what happens to a value that was found
  bool known_names = true;  ///< well-known field names ("password", "visitor_id") mark their values
  bool person_names = false;      ///< names of persons are looked for in running text, too
  std::vector<FieldRule> fields;  ///< go before anything detected; the first that matches wins
  std::vector<PatternRule> patterns;
  std::vector<std::string> keep_networks;  ///< CIDR blocks whose addresses stay as they are
  std::string key;                  ///< name of the secret reference; empty: a key for this run
  std::optional<PeriodUnit> epoch;  ///< each has a key of its own; none: one key for all time

  [[nodiscard]] Unparsed when_unparsed() const {
    return unparsed.value_or(fields.empty() ? Unparsed::scan : Unparsed::redact);
  }
};

std::string_view name_of(Profile::Unparsed unparsed);

/// What happens without any settings: every kind is looked for and hidden.
Profile built_in_profile();

/// What of a profile makes tokens or encrypts addresses; everything else keeps what it finds.
Profile only_reversible(Profile profile);

/// Whether there is something of that.
bool is_reversible(const Profile& profile);
bool is_reversible(const Transform& transform);

/// Whether what it makes depends on a key.
bool needs_key(const Transform& transform);

/// Whether it may make tokens.
bool makes_tokens(const Profile& profile);

/// The default transform of a kind: addresses are truncated, ids hashed, everything else redacted.
Transform default_transform(Kind kind);

}  // namespace trackier::anonymize
