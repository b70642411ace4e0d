#include "report/html_text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace trackier::report {
namespace {

TEST_CASE("text of any letters is content, and data comes back as it was") {
  CHECK(escaped("<a href=\"x\" title='y'>&amp;") ==
        "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;");
  CHECK(escaped_data("\"<&>\"") == "\"&lt;&amp;&gt;\"");
  CHECK(rc::check("unescaped_data(escaped_data(x)) == x", [](const std::string& text) {
    const std::string data = escaped_data(text);
    RC_ASSERT(unescaped_data(data) == text);
    RC_ASSERT(data.find('<') == std::string::npos);
    RC_ASSERT(escaped(text).find_first_of("<>\"'") == std::string::npos);
  }));
}

TEST_CASE("times and words are for people, and everything else stays") {
  CHECK(time_for_people("2026-11-01T00:05:00Z") == "2026-11-01 00:05 UTC");
  CHECK(time_for_people("2026-11-01T00:05:07Z") == "2026-11-01 00:05:07 UTC");
  CHECK(time_for_people("keys.web") == "keys.web");
  CHECK(word_for_people("not_applicable") == "not applicable");
}

}  // namespace
}  // namespace trackier::report
