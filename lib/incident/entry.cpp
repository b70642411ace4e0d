#include "incident/entry.hpp"

#include <fmt/format.h>

#include <array>
#include <string>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"
#include "incident/event_json.hpp"

namespace trackier::incident {
namespace {

constexpr std::string_view format_name = "trackier-timeline/1";

std::string signed_text(std::string_view line) {
  return std::string{signature_context} + std::string{line};
}

std::string line_of(const Entry& entry) {
  const Json json{
      {"format", format_name},
      {"incident", entry.incident},
      {"seq", entry.seq},
      {"at", to_rfc3339(entry.at)},
      {"kind", kind_of(entry.event)},
      {"body", body_of(entry.event)},
      {"by", {{"name", entry.by.name}, {"uid", entry.by.uid}, {"claimed_by", entry.by.claimed_by}}},
      {"recorded",
       {{"wall", to_rfc3339(entry.recorded.wall)},
        {"boot", entry.recorded.boot},
        {"since_boot", entry.recorded.since_boot.count()},
        {"synchronized", entry.recorded.is_synchronized}}},
      {"tool", entry.tool},
      {"previous", entry.previous}};
  try {
    return json.dump();
  } catch (const Json::type_error&) {
    throw Error{Code::usage, "the text is not UTF-8"};
  }
}

Time time_in(const Json& json) {
  const auto time = parse_rfc3339(json.get<std::string>());
  if (!time) {
    throw Error{Code::data, "a time that is none"};
  }
  return *time;
}

Entry entry_in(const std::string& line) {
  const Json json = Json::parse(line);
  if (json.at("format") != format_name) {
    throw Error{Code::data, fmt::format("of a format that is not {}", format_name)};
  }
  const auto at = parse_moment(json.at("at").get<std::string>());
  if (!at) {
    throw Error{Code::data, "a time that is none"};
  }
  const Json& by = json.at("by");
  const Json& recorded = json.at("recorded");
  return {.incident = json.at("incident"),
          .seq = json.at("seq"),
          .at = *at,
          .recorded = {.wall = time_in(recorded.at("wall")),
                       .boot = recorded.at("boot"),
                       .since_boot =
                           std::chrono::seconds{recorded.at("since_boot").get<std::int64_t>()},
                       .is_synchronized = recorded.at("synchronized")},
          .by = {.name = by.at("name"), .uid = by.at("uid"), .claimed_by = by.at("claimed_by")},
          .tool = json.at("tool"),
          .event = event_in(json.at("kind").get<std::string>(), json.at("body")),
          .previous = json.at("previous")};
}

}  // namespace

SignedEntry sign_entry(Entry entry, const crypto::Secret& signing_key) {
  SignedEntry made{.entry = std::move(entry), .line = {}, .hash = {}};
  made.line = line_of(made.entry);
  made.hash = hexadecimal(crypto::sha256(as_bytes(made.line)));
  made.signer = crypto::ed25519_public(signing_key);
  made.signature = crypto::sign(signing_key, as_bytes(signed_text(made.line)));
  return made;
}

SignedEntry read_entry(std::string line, const std::string& hash, const std::string& signer,
                       const std::string& signature) {
  SignedEntry made{.entry = {}, .line = std::move(line), .hash = hash};
  if (hexadecimal(crypto::sha256(as_bytes(made.line))) != hash) {
    throw Error{Code::data, "its hash is not that of its text"};
  }
  if (!crypto::from_base64(signer, made.signer) ||
      !crypto::from_base64(signature, made.signature) ||
      !crypto::verify(made.signer, as_bytes(signed_text(made.line)), made.signature)) {
    throw Error{Code::data, "its signature is wrong"};
  }
  try {
    made.entry = entry_in(made.line);
  } catch (const Json::exception&) {
    throw Error{Code::data, "it is no entry"};
  }
  if (line_of(made.entry) != made.line) {
    throw Error{Code::data, "it is not written as entries are"};
  }
  return made;
}

}  // namespace trackier::incident
