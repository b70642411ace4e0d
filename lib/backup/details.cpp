#include "backup/details.hpp"

#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace trackier::backup {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* content_key = "content";

}  // namespace

std::string with_content(const std::string& details, const content::Content& content) {
  Json json = Json::parse(details, nullptr, false);
  if (!json.is_object()) {
    throw Error{Code::bug, "the details of a source are no object"};
  }
  json[content_key] = Json::parse(content::encode(content));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<content::Content> content_in(const std::string& details) {
  const Json json = Json::parse(details, nullptr, false);
  if (!json.is_object() || !json.contains(content_key)) {
    return std::nullopt;
  }
  return content::decode(json[content_key].dump());
}

std::set<std::string> digest_skip_in(const std::string& details) {
  std::set<std::string> names;
  const Json json = Json::parse(details, nullptr, false);
  if (json.is_object() && json.contains("digest_skip")) {
    for (const Json& each : json["digest_skip"]) {
      if (each.is_string()) {
        names.insert(each.get<std::string>());
      }
    }
  }
  return names;
}

std::string text_in(const std::string& details, const std::string& key) {
  const Json json = Json::parse(details, nullptr, false);
  return json.is_object() && json.contains(key) && json[key].is_string()
             ? json[key].get<std::string>()
             : std::string{};
}

std::map<std::string, std::string> texts_in(const std::string& details, const std::string& key) {
  std::map<std::string, std::string> made;
  const Json json = Json::parse(details, nullptr, false);
  if (json.is_object() && json.contains(key) && json[key].is_object()) {
    for (const auto& [name, value] : json[key].items()) {
      if (value.is_string()) {
        made.emplace(name, value.get<std::string>());
      }
    }
  }
  return made;
}

}  // namespace trackier::backup
