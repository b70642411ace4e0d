#pragma once
/// A user's own regular expressions (RE2: linear in the text, whatever the expression).

#include <memory>
#include <string_view>
#include <vector>

#include "anonymize/record_reader.hpp"

namespace re2 {
class RE2;
}

namespace trackier::anonymize {

/// Thread-safe.
class Patterns {
 public:
  /// Throws Error{Code::config} naming the pattern and what is wrong with it.
  explicit Patterns(const Profile& profile);
  ~Patterns();
  Patterns(const Patterns&) = delete;
  Patterns& operator=(const Patterns&) = delete;
  Patterns(Patterns&&) = delete;
  Patterns& operator=(Patterns&&) = delete;

  [[nodiscard]] bool empty() const { return patterns_.empty(); }

  /// Appends what the patterns find in `record` and no field of `fields` covers; `fields` is in
  /// order afterwards. Of a pattern with a group, the first group is the value.
  void find(std::string_view record, std::vector<FieldValue>& fields) const;

 private:
  struct Pattern {
    std::unique_ptr<re2::RE2> expression;
    FieldRules::Rule rule;
  };
  std::vector<Pattern> patterns_;
};

}  // namespace trackier::anonymize
