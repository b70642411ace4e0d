#include "config/rule_set.hpp"

#include <doctest/doctest.h>

#include <set>

#include "config/settings.hpp"

namespace trackier::config {
namespace {

anonymize::Profile profile(const std::string& text) {
  return parse_settings(text, "c.toml").profiles.begin()->second;
}

}  // namespace

TEST_CASE("equal rules have one id, whatever the profile and its key are called") {
  const std::string id = rule_set_id(anonymize::built_in_profile(), "1.0");
  CHECK(id.size() == 64);
  CHECK(rule_set_id(profile("[profile.a]\n"), "1.0") == id);
  CHECK(rule_set_id(profile("[keys]\nk = 'file:k'\n[profile.b]\nkey = 'k'\nformat = 'auto'\n"),
                    "1.0") == id);
  CHECK(rule_set_id(profile("[profile.a]\nkeep_networks = ['10.0.0.0/8', '192.168.0.0/16']\n"),
                    "1.0") ==
        rule_set_id(profile("[profile.a]\nkeep_networks = ['192.168.0.0/16', '10.0.0.0/8']\n"),
                    "1.0"));
}

TEST_CASE("whatever decides about a value changes the id") {
  std::set<std::string> ids{rule_set_id(anonymize::built_in_profile(), "1.0"),
                            rule_set_id(anonymize::built_in_profile(), "1.1")};
  std::size_t wanted = 2;
  for (const std::string rest :
       {"format = 'json'", "log_format = '$remote_addr $status'", "unparsed = 'drop'",
        "known_names = false", "person_names = true", "epoch = 'day'", "epoch = 'month'",
        "detect = ['ipv4']", "keep_networks = ['10.0.0.0/8']", "[profile.a.kinds]\nemail = 'hash'",
        "[profile.a.kinds]\nemail = { transform = 'hash', bits = 64 }",
        "[profile.a.fields]\nuser = 'hash'", "[profile.a.fields]\nuser = 'mask'",
        "[[profile.a.patterns]]\nname = 'order'\nregex = 'A[0-9]+'\ntransform = 'redact'",
        "[[profile.a.patterns]]\nname = 'order'\nregex = 'B[0-9]+'\ntransform = 'redact'"}) {
    CAPTURE(rest);
    ids.insert(rule_set_id(profile("[profile.a]\n" + rest + "\n"), "1.0"));
    CHECK(ids.size() == ++wanted);
  }
}

}  // namespace trackier::config
