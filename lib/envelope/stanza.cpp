#include "envelope/stanza.hpp"

#include "core/hexadecimal.hpp"

namespace trackier::envelope {

std::string to_text(const KeyId& id) {
  return hexadecimal(id);
}

std::string to_text(const FileId& id) {
  return hexadecimal(id);
}

bool parse_id(std::string_view text, KeyId& id) {
  return from_hexadecimal(text, id);
}

bool parse_id(std::string_view text, FileId& id) {
  return from_hexadecimal(text, id);
}

}  // namespace trackier::envelope
