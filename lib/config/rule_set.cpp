#include "config/rule_set.hpp"

#include <fmt/format.h>

#include <set>

#include "config/toml_string.hpp"
#include "config/transform.hpp"
#include "core/hexadecimal.hpp"
#include "crypto/digest.hpp"

namespace trackier::config {

using anonymize::Kind;
using anonymize::Profile;

std::string rule_set_text(const Profile& profile, std::string_view program) {
  std::string text = "trackier-rules/1\n";
  const auto line = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(" = ").append(value).append("\n");
  };
  line("program", toml_string(program));
  line("format", toml_string(profile.format ? anonymize::name_of(*profile.format) : "auto"));
  line("log_format", toml_string(profile.log_format));
  line("unparsed", toml_string(anonymize::name_of(profile.when_unparsed())));
  line("known_names", profile.known_names ? "true" : "false");
  line("person_names", profile.person_names ? "true" : "false");
  line("epoch", toml_string(profile.epoch ? trackier::name_of(*profile.epoch) : ""));
  for (const std::string& network :
       std::set<std::string>{profile.keep_networks.begin(), profile.keep_networks.end()}) {
    line("keep_network", toml_string(network));
  }
  for (const Kind kind : anonymize::all_kinds) {
    line(fmt::format("kind.{}", anonymize::name_of(kind)),
         fmt::format("{} {}", profile.detect[kind] ? "found" : "named",
                     toml_of(profile.transforms[kind])));
  }
  for (const anonymize::FieldRule& rule : profile.fields) {
    line("field." + toml_string(rule.selector), toml_of(rule.transform));
  }
  for (const anonymize::PatternRule& rule : profile.patterns) {
    line("pattern." + toml_string(rule.name),
         toml_string(rule.regex) + " " + toml_of(rule.transform));
  }
  return text;
}

std::string rule_set_id(const Profile& profile, std::string_view program) {
  return hexadecimal(crypto::sha256(as_bytes(rule_set_text(profile, program))));
}

}  // namespace trackier::config
