#include "anonymize/short_text.hpp"

#include <doctest/doctest.h>

#include <string>

namespace trackier::anonymize {

TEST_CASE("short texts are the same when every byte is") {
  for (std::size_t size = 0; size <= 40; ++size) {
    const std::string text(size, 'x');
    CHECK(same_text(text, std::string(size, 'x')));
    CHECK_FALSE(same_text(text, std::string(size + 1, 'x')));
    for (std::size_t i = 0; i < size; ++i) {
      for (const char other : {'y', 'X', '\0', '\xF8'}) {
        std::string changed = text;
        changed[i] = other;
        CAPTURE(size);
        CAPTURE(i);
        CHECK_FALSE(same_text(text, changed));
      }
    }
  }
}

}  // namespace trackier::anonymize
