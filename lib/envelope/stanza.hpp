#pragma once
/// One way to open an envelope: a line of its head, "-> TYPE ARGUMENT...".

#include <string>
#include <string_view>
#include <vector>

#include "envelope/format.hpp"

namespace trackier::envelope {

struct Stanza {
  std::string type;  ///< "hpke", "kek", "scrypt", "officer", or one we do not know
  std::vector<std::string> arguments;  ///< printable ASCII without spaces, not empty

  friend bool operator==(const Stanza&, const Stanza&) = default;
};

/// 16 small hexadecimal digits.
std::string to_text(const KeyId& id);
/// 32 small hexadecimal digits.
std::string to_text(const FileId& id);
/// False unless `text` is exactly what to_text() writes.
bool parse_id(std::string_view text, KeyId& id);
bool parse_id(std::string_view text, FileId& id);

}  // namespace trackier::envelope
