#include "core/error.hpp"

#include <cctype>
#include <system_error>

namespace trackier {

Error::Error(Code code, const std::string& what, std::string hint)
    : std::runtime_error(what), code_(code), hint_(std::move(hint)) {}

Error Error::within(const std::string& context) const {
  return Error{code_, context + ": " + what(), hint_};
}

std::string errno_text(int number) {
  std::string text = std::generic_category().message(number);
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  return text;
}

}  // namespace trackier
