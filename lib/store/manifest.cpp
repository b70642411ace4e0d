#include "store/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "store/signed_line.hpp"

namespace trackier::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format_name = "trackier-backup/1";
constexpr std::size_t digest_bytes = 32;
constexpr std::size_t most_text = 1000;

Json json_of(const Generation& generation) {
  Json packs = Json::array();
  for (const PackInfo& pack : generation.packs) {
    packs.push_back({pack.name, pack.bytes, pack.first});
  }
  return {{"generation", generation.number}, {"packs", std::move(packs)}};
}

Json json_of(const Manifest& manifest) {
  Json generations = Json::array();
  for (const Generation& generation : manifest.generations) {
    generations.push_back(json_of(generation));
  }
  return {{"format", format_name},
          {"store", manifest.store},
          {"id", manifest.id},
          {"chain", manifest.chain},
          {"source", manifest.source},
          {"kind", manifest.kind},
          {"tenant", manifest.tenant},
          {"sequence", manifest.sequence},
          {"previous", manifest.previous},
          {"slot", to_rfc3339(manifest.slot)},
          {"started", to_rfc3339(manifest.started)},
          {"taken", to_rfc3339(manifest.taken)},
          {"finished", to_rfc3339(manifest.finished)},
          {"damaged", manifest.damaged},
          {"unchanged", manifest.unchanged},
          {"digested", manifest.digested},
          {"check", manifest.check},
          {"source_bytes", manifest.source_bytes},
          {"stored_bytes", manifest.stored_bytes},
          {"root", manifest.root},
          {"map", {manifest.map.generation, manifest.map.number}},
          {"generations", std::move(generations)},
          {"host", manifest.host},
          {"tool", manifest.tool}};
}

/// What is in a manifest, checked; anything unexpected is an Error without a name.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  Manifest read() const {
    if (text("format") != format_name) {
      fail("format");
    }
    Manifest made;
    made.store = identifier("store");
    made.id = identifier("id");
    made.chain = identifier("chain");
    made.source = text("source");
    if (!is_source_name(made.source)) {
      fail("source");
    }
    made.kind = text("kind");
    made.tenant = text("tenant");
    made.sequence = number("sequence");
    made.previous = text("previous");
    if (made.sequence == 0 || (made.sequence == 1 && !made.previous.empty()) ||
        (!made.previous.empty() && !is_hexadecimal(made.previous, digest_bytes))) {
      fail("sequence");
    }
    made.slot = time("slot");
    made.started = time("started");
    made.taken = time("taken");
    made.finished = time("finished");
    made.damaged = boolean("damaged");
    made.unchanged = boolean("unchanged");
    made.digested = json_.contains("digested") && boolean("digested");
    made.check = text("check");
    made.source_bytes = number("source_bytes");
    made.stored_bytes = number("stored_bytes");
    made.root = text("root");
    if (!is_hexadecimal(made.root, digest_bytes)) {
      fail("root");
    }
    made.map = place(member("map"));
    read_generations(made);
    made.host = text("host");
    made.tool = text("tool");
    return made;
  }

 private:
  [[noreturn]] static void fail(std::string_view key) {
    throw Error{Code::data, fmt::format("\"{}\" is not as it has to be", key)};
  }

  [[nodiscard]] const Json& member(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) {
      fail(key);
    }
    return *found;
  }

  [[nodiscard]] std::string text(const char* key) const {
    const Json& value = member(key);
    if (!value.is_string() || value.get_ref<const std::string&>().size() > most_text) {
      fail(key);
    }
    return value.get<std::string>();
  }

  [[nodiscard]] std::string identifier(const char* key) const {
    std::string value = text(key);
    if (!is_hexadecimal(value, Id{}.size())) {
      fail(key);
    }
    return value;
  }

  [[nodiscard]] bool boolean(const char* key) const {
    const Json& value = member(key);
    if (!value.is_boolean()) {
      fail(key);
    }
    return value.get<bool>();
  }

  [[nodiscard]] std::uint64_t number(const char* key) const {
    const Json& value = member(key);
    if (!value.is_number_unsigned()) {
      fail(key);
    }
    return value.get<std::uint64_t>();
  }

  [[nodiscard]] Time time(const char* key) const {
    const auto value = parse_rfc3339(text(key));
    if (!value) {
      fail(key);
    }
    return *value;
  }

  static std::uint32_t small_number(const Json& value, std::string_view key) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > UINT32_MAX) {
      fail(key);
    }
    return value.get<std::uint32_t>();
  }

  static BlobPlace place(const Json& value) {
    if (!value.is_array() || value.size() != 2) {
      fail("map");
    }
    return {.generation = small_number(value[0], "map"), .number = small_number(value[1], "map")};
  }

  static PackInfo pack(const Json& value) {
    if (!value.is_array() || value.size() != 3 || !value[0].is_string() ||
        !is_hexadecimal(value[0].get_ref<const std::string&>(), digest_bytes) ||
        !value[1].is_number_unsigned()) {
      fail("packs");
    }
    return {.name = value[0].get<std::string>(),
            .bytes = value[1].get<std::uint64_t>(),
            .first = small_number(value[2], "packs")};
  }

  void read_generations(Manifest& made) const {
    const Json& all = member("generations");
    if (!all.is_array()) {
      fail("generations");
    }
    for (const Json& each : all) {
      if (!each.is_object() || !each.contains("generation") || !each.contains("packs") ||
          !each["packs"].is_array()) {
        fail("generations");
      }
      Generation generation{.number = small_number(each["generation"], "generations"), .packs = {}};
      for (const Json& value : each["packs"]) {
        generation.packs.push_back(pack(value));
        const std::size_t count = generation.packs.size();
        if (count > 1 && generation.packs[count - 2].first >= generation.packs.back().first) {
          fail("packs");
        }
      }
      if (!made.generations.empty() && made.generations.back().number >= generation.number) {
        fail("generations");
      }
      made.generations.push_back(std::move(generation));
    }
  }

  const Json& json_;
};

constexpr std::string_view signed_kind = "trackier-backup/1 manifest";

}  // namespace

std::string sign_manifest(const Manifest& manifest, const crypto::Secret& signing_key) {
  const std::string line =
      json_of(manifest).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return sign_line(line, signed_kind, signing_key);
}

SignedManifest parse_manifest(std::string_view text, const std::string& name) {
  return doing(name, [&] {
    const SignedLine found = parse_signed_line(text, signed_kind);
    const Json json = Json::parse(found.line, nullptr, false);
    if (!json.is_object()) {
      throw Error{Code::data, "not JSON"};
    }
    return SignedManifest{.manifest = Reader{json}.read(),
                          .signer = found.signer,
                          .digest = hexadecimal(crypto::sha256(as_bytes(text))),
                          .received = {}};
  });
}

std::string file_name_of(const Manifest& manifest) {
  std::string slot = to_rfc3339(manifest.slot);
  std::erase_if(slot, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{:08}-{}-{}.json", manifest.sequence, slot, manifest.id);
}

}  // namespace trackier::store
