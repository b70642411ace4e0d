#include "anonymize/patterns.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::anonymize {

Patterns::Patterns(const Profile& profile) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);  // logs are what they are
  for (const PatternRule& pattern : profile.patterns) {
    auto expression = std::make_unique<RE2>(pattern.regex, options);
    if (!expression->ok()) {
      throw Error{Code::config,
                  "pattern " + printable(pattern.name) + ": " + printable(expression->error()),
                  "the syntax is RE2's: no look-around and no back-references"};
    }
    patterns_.push_back({.expression = std::move(expression),
                         .rule = {.kind = Kind::pattern,
                                  .counter = static_cast<std::uint16_t>(
                                      kinds + profile.fields.size() + patterns_.size()),
                                  .transform = &pattern.transform}});
  }
}

Patterns::~Patterns() = default;

void Patterns::find(std::string_view record, std::vector<FieldValue>& fields) const {
  const re2::StringPiece text{record.data(), record.size()};
  for (const Pattern& pattern : patterns_) {
    std::array<re2::StringPiece, 2> groups;
    const int wanted = pattern.expression->NumberOfCapturingGroups() > 0 ? 2 : 1;
    // Both the fields and what this pattern finds are in order: each is looked at once.
    std::vector<FieldValue> found;
    auto near = fields.begin();
    std::size_t start = 0;
    while (start <= record.size() &&
           pattern.expression->Match(text, start, record.size(), RE2::UNANCHORED, groups.data(),
                                     wanted)) {
      const re2::StringPiece& value =
          wanted == 2 && groups[1].data() != nullptr ? groups[1] : groups[0];
      const auto begin = static_cast<std::uint32_t>(value.data() - record.data());
      const auto end = static_cast<std::uint32_t>(begin + value.size());
      while (near != fields.end() && near->end <= begin) {
        ++near;
      }
      bool taken = false;
      for (auto field = near; field != fields.end() && field->begin < end && !taken; ++field) {
        taken = field->rule.transform != nullptr;
      }
      if (end > begin && !taken) {
        found.push_back(
            {.begin = begin, .end = end, .quoting = Quoting::bare, .rule = pattern.rule});
      }
      const auto match_end =
          static_cast<std::size_t>(groups[0].data() - record.data()) + groups[0].size();
      start = std::max(match_end, start + 1);
    }
    fields.insert(fields.end(), found.begin(), found.end());
    std::ranges::stable_sort(fields, {}, &FieldValue::begin);
  }
}

}  // namespace trackier::anonymize
