#include "notice/lint.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/error.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::notice {
namespace {

using test::contains;

constexpr std::string_view rules = R"json({
 "schema": "trackier-ctl/breach-templates/1", "law_snapshot": "2026-11-23",
 "partials": {"phased": "_phased.md.mustache"},
 "templates": {"one": {"file": "one.md.mustache", "audience": "a", "subject": "About {{ref}}", "regimes": ["d"],
  "mandatory": ["ref", "org.name"], "phased": ["cause"], "lists": {"done": ["what", "when"]},
  "lists_optional": {"open (if not final)": ["what"]}, "flags": ["final"],
  "conditional": {"final": ["closing"]},
  "law": {"org.name": "rule 7", "done": "rule 8", "cause": "rule 9"}}}})json";

constexpr std::string_view good =
    "{{! a remark }}\n"
    "# {{ref}}\n"
    "{{org.name}} {{#cause}}{{> phased}}{{/cause}}\n"
    "{{#done}}\n"
    "- {{when}}: {{what}}\n"
    "{{/done}}\n"
    "{{#final}}\n"
    "{{closing}}\n"
    "{{/final}}\n"
    "{{^final}}\n"
    "{{#open}}{{what}}{{/open}}{{^open}}nothing{{/open}}\n"
    "{{/final}}\n";

/// The problems of `good` with its first `from` replaced, one a line.
std::string problems(std::string_view from = {}, std::string_view to = {}) {
  std::string text{good};
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const test::TemporaryDirectory directory;
  (void)directory.write("manifest.json", rules);
  (void)directory.write("one.md.mustache", text);
  std::string all;
  for (const Problem& problem : lint(TemplateSet::load(os::posix(), directory.path()))) {
    std::string message = problem.message();
    const std::string path = directory.path().native() + "/";
    if (message.starts_with(path)) {
      message.erase(0, path.size());
    }
    all += fmt::format("{}{} [{}]\n", problem.prevents_rendering ? "" : "~", message, problem.hint);
  }
  return all;
}

TEST_CASE("the shipped texts are sound") {
  for (const Problem& problem : lint(TemplateSet::shipped())) {
    FAIL_CHECK(problem.message());
  }
}

TEST_CASE("a sound text has no problems") {
  CHECK(problems() == "");
}

TEST_CASE("an unknown name is reported with its place and the nearest that is known") {
  CHECK(problems("# {{ref}}", "# {{reff}}") ==
        "one.md.mustache:2:3: unknown field reff [did you mean ref?]\n");
}

TEST_CASE("a field of the law that is gone is reported with the law") {
  CHECK(problems("{{org.name}}", "x") ==
        "~one.md.mustache: the field org.name is not printed, and the law asks for it: rule 7 "
        "[print it]\n");
  CHECK(problems("{{when}}: ", "") ==
        "~one.md.mustache: the field done.when is not printed, and the law asks for it: rule 8 "
        "[print it]\n");
  CHECK(contains(problems("{{> phased}}", "{{value}} {{basis}}"),
                 "the field cause.unknown is not printed, and the law asks for it: rule 9"));
}

TEST_CASE("tags that are not closed are reported where they begin") {
  CHECK(contains(problems("{{/done}}\n", ""),
                 "one.md.mustache:4:1: the section done is never closed [end it with {{/done}}]"));
  CHECK(contains(problems("{{#done}}\n", ""), "the end of done, which is not open"));
  CHECK(contains(problems("{{/done}}", "{{/final}}"),
                 "6:1: the end of final where done is open since line 4"));
  CHECK(contains(problems("nothing{{/open}}\n{{/final}}\n", "nothing{{/open}}\n{{/final"),
                 "12:1: the tag is never closed"));
}

TEST_CASE("tags that are not ours are refused") {
  CHECK(contains(problems("{{ref}}", "{{{ref}}}"), ":2:3: an unescaped tag"));
  CHECK(contains(problems("{{ref}}", "{{& ref}}"), ":2:3: an unescaped tag"));
  CHECK(contains(problems("{{ref}}", "{{=<% %>=}}"), ":2:3: a tag that sets other delimiters"));
  CHECK(contains(problems("{{> phased}}", "{{> phase}}"),
                 "unknown partial phase [did you mean phased?]"));
  CHECK(contains(problems("{{ref}}", "{{a b}}"), "\"a b\" is no name of a field"));
  CHECK(contains(problems("{{ref}}", "{{.}}"), "unknown field ."));
  CHECK(contains(problems("{{ref}}", "{{}}"), "\"\" is no name of a field"));
}

TEST_CASE("a field is used as what it is") {
  CHECK(contains(problems("{{closing}}", "{{final}}"), "final is a flag, which cannot be printed"));
  CHECK(contains(problems("# {{ref}}", "# {{#ref}}x{{/ref}}"),
                 "a section on ref, which is a text and always there"));
  CHECK(contains(problems("{{#cause}}{{> phased}}{{/cause}}", "{{cause}}"),
                 "cause is a phased value, which cannot be printed"));
  CHECK(contains(problems("{{when}}", "{{#when}}{{/when}}"), "a section on when"));
}

TEST_CASE("a field that may be absent stands inside the section of its flag") {
  CHECK(
      contains(problems("{{#final}}\n{{closing}}\n{{/final}}\n", "{{closing}}{{#final}}{{/final}}"),
               "closing stands where it may be absent: it is only given if final"));
  CHECK(contains(problems("{{^final}}", "{{#final}}"), "it is only given if not final"));
}

TEST_CASE("a value that a full stop follows does not begin a line") {
  CHECK(contains(problems("{{org.name}} ", "{{org.name}}. "), "would become a numbered list"));
  CHECK(contains(problems("- {{when}}: ", "- {{when}}) "), "would become a numbered list"));
  CHECK(problems("{{org.name}} ", "On {{org.name}}. ") == "");
}

TEST_CASE("a directory without a file takes the shipped one") {
  const test::TemporaryDirectory directory;
  (void)directory.write("gdpr-art34.md.mustache", "# Hello {{person.salutation}}\n");
  const TemplateSet set = TemplateSet::load(os::posix(), directory.path());
  CHECK(set.find("gdpr-art34").text == "# Hello {{person.salutation}}\n");
  CHECK(set.find("gdpr-art33").text == TemplateSet::shipped().find("gdpr-art33").text);
}

TEST_CASE("a manifest that makes no sense is refused with its place") {
  const auto refusal = [](std::string_view from, std::string_view to) {
    std::string text{rules};
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    const test::TemporaryDirectory directory;
    (void)directory.write("manifest.json", text);
    (void)directory.write("one.md.mustache", good);
    const Error error =
        test::error_of([&] { (void)TemplateSet::load(os::posix(), directory.path()); });
    CHECK(error.code() == Code::config);
    return test::message_of(error).substr(directory.path().native().size() + 1);
  };
  CHECK(refusal("\"partials\":", "\"partials\"") == "manifest.json:3:13: this is no JSON");
  CHECK(refusal("templates/1", "templates/2") ==
        "manifest.json: schema: must be trackier-ctl/breach-templates/1");
  CHECK(refusal("\"flags\": [\"final\"]", "\"flags\": [1]") ==
        "manifest.json: templates, one, flags[1]: must be a text");
  CHECK(refusal("\"flags\"", "\"flag\"") == "manifest.json: templates, one: unknown key flag");
  CHECK(contains(refusal("\"rule 7\"", "\"rule 7\", \"x\": \"y\""),
                 "law, x: the law asks for a field that is not declared"));
  CHECK(contains(refusal("(if not final)", "(if not finale)"),
                 "the condition of open names finale, which is no flag"));
  CHECK(contains(refusal("(if not final)", "(if final or open)"), "is no condition"));
  CHECK(contains(refusal("\"ref\", ", "\"ref\", \"ref\", "), "ref is declared twice"));
  CHECK(contains(refusal("one.md.mustache", "../one.md.mustache"), "beside the manifest"));
}

TEST_CASE("texts are found by name and by duty") {
  const TemplateSet set = TemplateSet::shipped();
  const Error error = test::error_of([&] { (void)set.find("customer-initail"); });
  CHECK(error.code() == Code::usage);
  CHECK(error.hint() == "did you mean customer-initial?");
  const auto serves = [&](std::string_view duty, bool followup) {
    const Template* text = set.for_duty(duty, followup);
    return text == nullptr ? "none" : text->id;
  };
  CHECK(serves("promise.customer48", false) == "customer-initial");
  CHECK(serves("promise.customer48", true) == "customer-followup");
  CHECK(serves("gdpr.art33-2", false) == "customer-initial");
  CHECK(serves("gdpr.art33-1", true) == "gdpr-art33");
  CHECK(serves("us.ca.ag", false) == "none");
}

}  // namespace
}  // namespace trackier::notice
