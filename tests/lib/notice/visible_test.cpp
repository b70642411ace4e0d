#include "notice/visible.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "os/file.hpp"
#include "shipped/shipped.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::notice {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("a value is shown as whole words") {
  CHECK(is_shown("Records: 80 (180 rows)", "80"));
  CHECK_FALSE(is_shown("Records: 0 (180 rows)", "80"));
  CHECK_FALSE(is_shown("80,000 rows", "80"));
  CHECK_FALSE(is_shown("1.80 rows", "80"));
  CHECK(is_shown("80, that is all. 80.", "80"));
  CHECK(is_shown("a bucket\n  that anybody  could read.", "a bucket that anybody could read."));
  CHECK_FALSE(is_shown("nobody", "body"));
  CHECK(is_shown("(x) (y)", "(x)"));
}

/// The set with one change in a text.
TemplateSet changed(const std::string& file, std::string_view from, std::string_view to) {
  const test::TemporaryDirectory directory;
  for (const shipped::File& each : shipped::files()) {
    std::string text{each.text};
    if (each.name == file) {
      const std::size_t at = text.find(from);
      REQUIRE(at != std::string::npos);
      text.replace(at, from.size(), to);
    }
    directory.write(std::string{each.name}, text);
  }
  return TemplateSet::load(os::posix(), directory.path());
}

Names unseen(const TemplateSet& set, std::string_view id) {
  return unseen_fields(set, set.find(id));
}

TEST_CASE("a reader sees all fields of the shipped texts") {
  const auto set = TemplateSet::shipped();
  for (const Template& each : set.templates()) {
    CHECK_MESSAGE(unseen_fields(set, each).empty(), each.id);
  }
}

TEST_CASE("a field that is printed where nobody sees it is named") {
  constexpr std::string_view line = "- Where: {{incident.location}}";
  const std::string file = "gdpr-art33.md.mustache";
  const Names location{"incident.location"};
  for (const std::string_view hidden :
       {"<!-- {{incident.location}} -->", "\n[where]: /x \"{{incident.location}}\"\n",
        "<div hidden>{{incident.location}}</div>", "[here](/x \"{{incident.location}}\")",
        "{{#is_late}}\n- Where: {{incident.location}}\n{{/is_late}}"}) {
    CAPTURE(hidden);
    CHECK(unseen(changed(file, line, hidden), "gdpr-art33") == location);
  }
  CHECK(unseen(changed(file, line, "**Where: {{incident.location}}**"), "gdpr-art33").empty());
}

}  // namespace
}  // namespace trackier::notice
