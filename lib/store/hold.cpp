#include "store/hold.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format_name = "trackier-hold/1";
constexpr std::string_view suffix = ".json";
constexpr std::size_t most_hold_bytes = 65536;

std::filesystem::path path_of(const SourceDirectory& source, const std::string& name) {
  return source.holds() / (name + std::string{suffix});
}

Json json_of(const std::optional<Time>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}

Hold hold_in(const Json& json) {
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) {
      throw Error{Code::data, fmt::format("\"{}\" is not as it has to be", key)};
    }
    return found->get<std::string>();
  };
  const auto time = [&](const char* key) -> std::optional<Time> {
    if (json.contains(key) && json[key].is_null()) {
      return std::nullopt;
    }
    const auto made = parse_rfc3339(text(key));
    if (!made) {
      throw Error{Code::data, fmt::format("\"{}\" is not a time", key)};
    }
    return made;
  };
  if (text("format") != format_name || !is_source_name(text("name")) || !time("placed")) {
    throw Error{Code::data, "not a hold, or of a later version"};
  }
  return {.name = text("name"),
          .reason = text("reason"),
          .from = time("from"),
          .to = time("to"),
          .placed = *time("placed"),
          .placed_by = text("placed_by")};
}

}  // namespace

std::vector<Hold> list_holds(os::FileSystem& files, const SourceDirectory& source) {
  std::vector<Hold> holds;
  if (!files.status(source.holds())) {
    return holds;
  }
  for (const auto& name : files.list(source.holds())) {
    if (!name.native().ends_with(suffix)) {
      continue;
    }
    holds.push_back(doing("hold " + printable(name.native()), [&] {
      const Json json = Json::parse(os::read_whole(files, source.holds() / name, most_hold_bytes),
                                    nullptr, false);
      if (!json.is_object()) {
        throw Error{Code::data, "not JSON"};
      }
      return hold_in(json);
    }));
  }
  return holds;
}

void place_hold(os::FileSystem& files, const SourceDirectory& source, const Hold& hold) {
  if (!is_source_name(hold.name)) {
    throw Error{Code::usage, fmt::format("{} is not the name of a hold", printable(hold.name)),
                "letters, digits, '-', '_' and '.', at most 64"};
  }
  source.create();
  if (files.entry(path_of(source, hold.name))) {
    throw Error{Code::cannot_create, fmt::format("there is a hold {} already", hold.name),
                "choose another name, or release it first"};
  }
  os::ReplaceFile file{files, path_of(source, hold.name)};
  const Json json{{"format", format_name},      {"name", hold.name},
                  {"reason", hold.reason},      {"from", json_of(hold.from)},
                  {"to", json_of(hold.to)},     {"placed", to_rfc3339(hold.placed)},
                  {"placed_by", hold.placed_by}};
  file.write(as_bytes(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"));
  file.finish();
}

void release_hold(os::FileSystem& files, const SourceDirectory& source, const std::string& name) {
  if (!is_source_name(name) || !files.entry(path_of(source, name))) {
    throw Error{Code::no_input, fmt::format("there is no hold {}", printable(name))};
  }
  files.remove(path_of(source, name));
  files.sync_directory(source.holds());
}

}  // namespace trackier::store
