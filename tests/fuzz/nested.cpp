// Values in values: the same bytes in a string of JSON, in base64 and in a field of CSV.
#include <string>

#include "anonymize/anonymizer.hpp"
#include "anonymize/base64.hpp"
#include "anonymize/json_text.hpp"
#include "anonymize/wide_characters.hpp"
#include "json_shape.hpp"
#include "promises.hpp"
#include "targets.hpp"

namespace trackier::fuzz {

namespace {

const anonymize::Profile& nested_rules() {
  static const anonymize::Profile profile = [] {
    anonymize::Profile made = anonymize::built_in_profile();
    made.fields = {{.selector = "code", .transform = {.action = anonymize::Action::decode}},
                   {.selector = "m.a.b", .transform = {.action = anonymize::Action::redact}},
                   {.selector = "m.k", .transform = {.action = anonymize::Action::drop}},
                   {.selector = "c", .transform = {.action = anonymize::Action::redact}}};
    return made;
  }();
  return profile;
}

std::string by_rules(std::string_view record) {
  const anonymize::Task task{.profile = nested_rules(),
                             .pseudonymizer = test_pseudonymizer(),
                             .format = anonymize::Format::json};
  anonymize::Anonymizer anonymizer{task};
  anonymize::Tally tally{nested_rules()};
  std::string out;
  anonymizer.process(record, true, out, tally);
  return out;
}

void base64(std::string_view input) {
  const auto decoded = anonymize::decode_base64(input);
  if (decoded) {
    std::string again;
    append_base64(decoded->bytes, *decoded, again);
    const auto twice = anonymize::decode_base64(again);
    require(twice && twice->bytes == decoded->bytes, "base64 holds the same bytes again");
    require(again.substr(0, again.find('=')) == input.substr(0, input.find('=')),
            "base64 comes back as it was");
  }
}

}  // namespace

void nested(std::string_view input) {
  base64(input);
  const auto wide = anonymize::wide_characters_in(input);
  require(!wide || *wide < input.size(), "wide characters are in the text");

  std::string text;
  anonymize::append_json_escaped(input, text);
  std::vector<std::uint32_t> places;
  const std::string undone = anonymize::json_unescaped(text, places);
  require(undone == anonymize::json_unescaped(text), "escapes are undone in one way");
  require(undone == input, "what was escaped comes back");
  require(places.size() == undone.size() + 1 && places.back() == text.size(),
          "each byte has its place");

  std::string code;
  anonymize::append_base64(input, {.bytes = {}, .url = dice(input) % 2 == 0, .padded = true}, code);
  const std::string record = "{\"m\":\"" + text + "\",\"code\":\"" + code + "\"}";
  const std::string once = by_rules(record);
  if (const auto shape = json_shape(record)) {
    const auto after = json_shape(once);
    require(after && same_shape(*shape, *after), "JSON stays JSON around values in values");
  }
  if (strict) {
    require_equal(once, by_rules(once), "a second run changes nothing in values in values");
  }
}

}  // namespace trackier::fuzz
