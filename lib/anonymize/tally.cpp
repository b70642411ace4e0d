#include "anonymize/tally.hpp"

namespace trackier::anonymize {

std::string rule_name(const Profile& profile, std::size_t rule) {
  if (rule < kinds) {
    return std::string{name_of(static_cast<Kind>(rule))};
  }
  rule -= kinds;
  if (rule < profile.fields.size()) {
    return "field " + profile.fields[rule].selector;
  }
  return "pattern " + profile.patterns[rule - profile.fields.size()].name;
}

const Transform& transform_of(const Profile& profile, std::size_t rule) {
  if (rule < kinds) {
    return profile.transforms[static_cast<Kind>(rule)];
  }
  rule -= kinds;
  if (rule < profile.fields.size()) {
    return profile.fields[rule].transform;
  }
  return profile.patterns[rule - profile.fields.size()].transform;
}

}  // namespace trackier::anonymize
