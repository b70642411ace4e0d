#include "store/removal.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"
#include "store/signed_line.hpp"

namespace trackier::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format_name = "trackier-removal/1";
constexpr std::size_t most_record_bytes = std::size_t{64} << 20U;

Json json_of(const Removed& removed) {
  return {{"sequence", removed.sequence},
          {"id", removed.id},
          {"manifest", removed.digest},
          {"slot", to_rfc3339(removed.slot)},
          {"taken", to_rfc3339(removed.taken)},
          {"damaged", removed.damaged},
          {"rule", removed.rule}};
}

Removed removed_in(const Json& json) {
  const auto slot = parse_rfc3339(json.value("slot", ""));
  const auto taken = parse_rfc3339(json.value("taken", ""));
  if (!slot || !taken) {
    throw Error{Code::data, "a time is not one"};
  }
  return {.sequence = json.value("sequence", std::uint64_t{0}),
          .id = json.value("id", ""),
          .digest = json.value("manifest", ""),
          .slot = *slot,
          .taken = *taken,
          .damaged = json.value("damaged", false),
          .rule = json.value("rule", "")};
}

}  // namespace

void record_removal(os::FileSystem& files, const SourceDirectory& source,
                    const std::vector<Removed>& removed, Time now,
                    const crypto::Secret& signing_key) {
  Json all = Json::array();
  for (const Removed& each : removed) {
    all.push_back(json_of(each));
  }
  const Json json{{"format", format_name},
                  {"source", source.path().filename().native()},
                  {"removed_at", to_rfc3339(now)},
                  {"removed", std::move(all)}};
  std::string name = to_rfc3339(now);
  std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
  files.create_directories(source.removals(), 0700);
  os::ReplaceFile file{
      files, source.removals() / fmt::format("{}-{}.json", name, hexadecimal(random_id()))};
  const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  file.write(as_bytes(sign_line(line, format_name, signing_key)));
  file.finish();
}

Removals list_removals(os::FileSystem& files, const SourceDirectory& source) {
  Removals found;
  if (!files.status(source.removals())) {
    return found;
  }
  for (const auto& name : files.list(source.removals())) {
    if (!name.native().ends_with(".json")) {
      continue;
    }
    try {
      const std::string text = os::read_whole(files, source.removals() / name, most_record_bytes);
      const Json json = Json::parse(parse_signed_line(text, format_name).line, nullptr, false);
      if (!json.is_object() || !json.contains("removed") || !json["removed"].is_array()) {
        throw Error{Code::data, "not a record of removals"};
      }
      std::vector<Removed> all;
      for (const Json& each : json["removed"]) {
        all.push_back(removed_in(each));
      }
      found.removed.insert(found.removed.end(), all.begin(), all.end());
    } catch (const Error& error) {
      if (error.code() != Code::data && error.code() != Code::no_input) {
        throw;
      }
      ++found.unreadable;
    } catch (const Json::exception&) {
      ++found.unreadable;
    }
  }
  return found;
}

}  // namespace trackier::store
