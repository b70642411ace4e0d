#include "alert/cursor.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::alert {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::optional<audit::Place>& place) {
  return place ? Json{{"segment", place->segment},
                      {"offset", place->offset},
                      {"seq", place->seq},
                      {"leaf", hexadecimal(place->leaf)}}
               : Json();
}

/// Throws Json::exception, or std::out_of_range.
std::optional<audit::Place> place_of(const Json& json) {
  if (json.is_null()) {
    return std::nullopt;
  }
  audit::Place made{.segment = json.at("segment").get<audit::Segment>(),
                    .offset = json.at("offset").get<std::uint64_t>(),
                    .seq = json.at("seq").get<std::uint64_t>(),
                    .leaf = {}};
  if (!from_hexadecimal(json.at("leaf").get<std::string>(), made.leaf)) {
    throw std::out_of_range{"leaf"};
  }
  return made;
}

}  // namespace

std::optional<Cursor> read_cursor(os::FileSystem& files, const std::filesystem::path& path) {
  constexpr std::size_t most = 4096;
  if (!files.entry(path)) {
    return std::nullopt;
  }
  try {
    const Json json = Json::parse(os::read_whole(files, path, most));
    return Cursor{.at_once = place_of(json.at("at_once")),
                  .digest = place_of(json.at("digest")),
                  .damage_told = json.at("damage_told").is_null()
                                     ? std::nullopt
                                     : std::optional{json.at("damage_told").get<std::uint64_t>()}};
  } catch (const Json::exception&) {
  } catch (const std::out_of_range&) {
  }
  throw Error{Code::data, fmt::format("{} does not say how far", printable(path.native())),
              "remove it: the last day is told again"};
}

void write_cursor(os::FileSystem& files, const std::filesystem::path& path, const Cursor& cursor) {
  os::ReplaceFile file{files, path, {.replace = true}};
  const std::string text =
      Json{{"v", 1},
           {"at_once", json_of(cursor.at_once)},
           {"digest", json_of(cursor.digest)},
           {"damage_told", cursor.damage_told ? Json(*cursor.damage_told) : Json()}}
          .dump() +
      "\n";
  file.write(as_bytes(text));
  file.finish();
}

}  // namespace trackier::alert
