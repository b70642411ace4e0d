#pragma once
/// Which rule holds for which field of a structured format: the profile's own, then the well-known
/// names.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anonymize/profile.hpp"

namespace trackier::anonymize {

class FieldRules {
 public:
  struct Rule {
    Kind kind = Kind::field;
    std::uint16_t counter = 0;  ///< see Tally
    const Transform* transform = nullptr;
    /// The rule holds only where no detector finds an address in the field (a field of addresses).
    bool only_if_no_address = false;
  };

  /// `profile` must outlive the rules.
  explicit FieldRules(const Profile& profile);

  /// The rule for a field of a flat format. name: may be empty; column: from 1, 0 for formats
  /// without columns.
  [[nodiscard]] Rule for_name(std::string_view name, std::size_t column = 0) const;

  /// The same for a field that goes by several names: the first of the profile's own rules that
  /// means one of them, else what the first well-known name makes.
  [[nodiscard]] Rule for_names(std::span<const std::string> names, std::size_t column) const;

  /// The profile's own rule for the value at a path of names, outermost first; its transform is
  /// null when there is none.
  [[nodiscard]] Rule own_for_path(std::span<const std::string_view> path) const;

  /// The same, or else the rule that the last name of the path makes.
  [[nodiscard]] Rule for_path(std::span<const std::string_view> path) const;

  /// The rule that a well-known name makes; its transform is null when there is none.
  [[nodiscard]] Rule for_known_name(std::string_view name) const;

  /// Whether the profile has rules of its own.
  [[nodiscard]] bool any() const { return !own_.empty(); }

 private:
  struct Own {
    std::string selector;
    std::vector<std::string> path;
    Rule rule;
  };

  const Profile& profile_;
  std::vector<Own> own_;
};

}  // namespace trackier::anonymize
