#include "envelope/metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.hpp"
#include "core/words.hpp"
#include "crypto/base64.hpp"
#include "crypto/random.hpp"
#include "envelope/wrap.hpp"

namespace trackier::envelope {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view purpose = "metadata";
constexpr unsigned most_mode = 07777;

Json json_of(const Metadata& metadata) {
  Json json = Json::object();
  if (metadata.name) {
    if (is_utf8(*metadata.name)) {
      json["name"] = *metadata.name;
    } else {
      json["name_base64"] = crypto::base64(as_bytes(*metadata.name));
    }
  }
  if (metadata.modified_ns) {
    json["mtime_ns"] = *metadata.modified_ns;
  }
  if (metadata.mode) {
    json["mode"] = *metadata.mode;
  }
  if (metadata.zstd) {
    json["content"] = "zstd";
  }
  return json;
}

Error wrong(const char* member) {
  return Error{Code::data, fmt::format("the metadata has a wrong {}", member)};
}

bool is_file_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view{"/\0", 2}) == std::string::npos;
}

/// Members of later versions are passed over.
Metadata metadata_of(const Json& json) {
  Metadata metadata;
  if (const auto name = json.find("name"); name != json.end()) {
    if (!name->is_string()) {
      throw wrong("name");
    }
    metadata.name = name->get<std::string>();
  } else if (const auto encoded = json.find("name_base64"); encoded != json.end()) {
    if (encoded->is_string()) {
      metadata.name = crypto::bytes_from_base64(encoded->get<std::string>());
    }
    if (!metadata.name) {
      throw wrong("name_base64");
    }
  }
  if (metadata.name && !is_file_name(*metadata.name)) {
    throw wrong("name");
  }
  if (const auto time = json.find("mtime_ns"); time != json.end()) {
    if (!time->is_number_integer()) {
      throw wrong("mtime_ns");
    }
    metadata.modified_ns = time->get<std::int64_t>();
  }
  if (const auto mode = json.find("mode"); mode != json.end()) {
    if (!mode->is_number_unsigned() || mode->get<std::uint64_t>() > most_mode) {
      throw wrong("mode");
    }
    metadata.mode = mode->get<unsigned>();
  }
  if (const auto content = json.find("content"); content != json.end()) {
    if (*content != "zstd") {
      throw Error{Code::data, "the content is packed in a way this version does not know",
                  "a newer trackier-ctl opens it"};
    }
    metadata.zstd = true;
  }
  return metadata;
}

}  // namespace

std::string seal_metadata(const Metadata& metadata, const crypto::Secret& data_key,
                          const FileId& id) {
  if (metadata == Metadata{}) {
    return {};
  }
  const std::string json = json_of(metadata).dump();
  if (json.size() + tag_bytes > most_metadata_bytes) {
    throw Error{Code::data, "the file name is too long for the metadata"};
  }
  WrapSalt salt{};
  crypto::random_bytes(salt);
  const std::string sealed =
      seal_once(data_key.bytes(), salt, info_for(purpose, id), as_bytes(json));
  return fmt::format("{} {}", crypto::base64(salt), crypto::base64(as_bytes(sealed)));
}

Metadata open_metadata(const std::string& sealed, const crypto::Secret& data_key,
                       const FileId& id) {
  if (sealed.empty()) {
    return {};
  }
  WrapSalt salt{};
  const std::size_t space = sealed.find(' ');
  const auto bytes = crypto::bytes_from_base64(std::string_view{sealed}.substr(space + 1));
  if (!bytes || !crypto::from_base64(std::string_view{sealed}.substr(0, space), salt)) {
    throw Error{Code::bug, "a metadata line was not checked"};
  }
  const auto plain = open_once(data_key.bytes(), salt, info_for(purpose, id), as_bytes(*bytes));
  if (!plain) {
    throw Error{Code::data, "the metadata does not prove authentic"};
  }
  const Json json = Json::parse(as_text(plain->bytes()), nullptr, false);
  if (!json.is_object()) {
    throw Error{Code::data, "the metadata is no JSON object"};
  }
  return metadata_of(json);
}

}  // namespace trackier::envelope
