#include "proof/proof_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "store/format.hpp"

namespace trackier::proof {
namespace {

// Sorted members, no white space, integers and texts alone: what RFC 8785 asks for.
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::string_view format_name = "trackier-proof/1";
constexpr std::array verdicts{Verdict::passed, Verdict::not_evaluated, Verdict::same_as_source,
                              Verdict::failed};
constexpr std::size_t digest_bytes = 32;

/// RFC 7493, section 2.2: larger ones are not the same number to every reader.
constexpr std::uint64_t most_number = (std::uint64_t{1} << 53U) - 1;

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Only a damaged manifest has a size above most_number.
std::uint64_t number_of(std::uint64_t number) {
  return std::min(number, most_number);
}

std::uint64_t number_of(milliseconds time) {
  return number_of(static_cast<std::uint64_t>(std::max<milliseconds::rep>(time.count(), 0)));
}

template <typename Number>
Json json_of(const std::optional<Number>& number) {
  return number ? Json(number_of(*number)) : Json();
}

/// [make(each) for each of all]
template <typename All, typename Make>
Json list_of(const All& all, const Make& make) {
  Json list = Json::array();
  for (const auto& each : all) {
    list.push_back(make(each));
  }
  return list;
}

Json json_of(const content::Difference& difference) {
  return {{"object", difference.object},
          {"expected", difference.expected},
          {"found", difference.found}};
}

Json json_of(const Check& check) {
  return {
      {"name", check.name},
      {"level", name_of(check.level)},
      {"command", check.command},
      {"verdict", words_of(check.verdict)},
      {"checked", number_of(check.checked)},
      {"unit", check.unit},
      {"why", check.why},
      {"took_ms", number_of(check.took)},
      {"differences", list_of(check.differences, [](const auto& each) { return json_of(each); })},
      {"difference_count", number_of(check.difference_count)}};
}

Json json_of(const TableProof& table) {
  return {{"name", table.name},
          {"expected_rows", json_of(table.expected_rows)},
          {"found_rows", json_of(table.found_rows)},
          {"expected", table.expected},
          {"found", table.found}};
}

Json json_of(const content::Unchecked& unchecked) {
  return {{"name", unchecked.name}, {"why", unchecked.why}};
}

Json json_of(const Proof::Environment& environment) {
  return {{"name", environment.name}, {"source", environment.source}, {"here", environment.here}};
}

/// How deep lists and objects stand in each other, without recurring as whatever writes JSON does.
std::size_t depth_of(std::string_view line) {
  std::size_t depth = 0;
  std::size_t most = 0;
  bool is_text = false;
  bool is_escaped = false;
  for (const char c : line) {
    if (is_text) {
      is_text = is_escaped || c != '"';
      is_escaped = !is_escaped && c == '\\';
    } else if (c == '"') {
      is_text = true;
    } else if (c == '[' || c == '{') {
      most = std::max(most, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return most;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Numbers that are the same to everybody, and names of members whose order by bytes is that by
/// UTF-16.
bool is_plain(const Json& json) {
  if (json.is_object()) {
    return std::ranges::all_of(json.get_ref<const Json::object_t&>(), [](const auto& member) {
      return is_ascii(member.first) && is_plain(member.second);
    });
  }
  if (json.is_array()) {
    return std::ranges::all_of(json, is_plain);
  }
  return !json.is_number() ||
         (json.is_number_unsigned() && json.get<std::uint64_t>() <= most_number);
}

/// The same line is the same value to everybody, and a value is written in one way.
Json parse(std::string_view line) {
  constexpr std::size_t most_depth = 16;
  if (depth_of(line) > most_depth) {
    throw Error{Code::data, "not a proof"};
  }
  Json json = Json::parse(line.data(), line.data() + line.size(), nullptr, false);
  if (json.is_object() && (!is_plain(json) || line_of(json) != line)) {
    throw Error{Code::data, "not written as proofs are: RFC 8785"};
  }
  return json;
}

/// An object of the record, and what is in it by its name.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {
    if (!json.is_object()) {
      throw Error{Code::data, "not a proof"};
    }
  }

  [[nodiscard]] const std::string& text(const char* key) const {
    return at(key).is_string() ? at(key).get_ref<const std::string&>() : throw wrong(key);
  }
  [[nodiscard]] const std::string& source_name(const char* key) const {
    return store::is_source_name(text(key)) ? text(key) : throw wrong(key);
  }
  /// Digits of so many bytes.
  [[nodiscard]] const std::string& digits(const char* key, std::size_t bytes) const {
    return is_hexadecimal(text(key), bytes) ? text(key) : throw wrong(key);
  }
  [[nodiscard]] const std::string& digest_or_empty(const char* key) const {
    return text(key).empty() ? text(key) : digits(key, digest_bytes);
  }
  [[nodiscard]] std::uint64_t number(const char* key) const {
    return at(key).is_number_unsigned() ? at(key).get<std::uint64_t>() : throw wrong(key);
  }
  [[nodiscard]] std::optional<std::uint64_t> number_or_null(const char* key) const {
    return at(key).is_null() ? std::nullopt : std::optional{number(key)};
  }
  [[nodiscard]] milliseconds duration(const char* key) const { return milliseconds{number(key)}; }
  [[nodiscard]] std::optional<milliseconds> duration_or_null(const char* key) const {
    return at(key).is_null() ? std::nullopt : std::optional{duration(key)};
  }
  [[nodiscard]] Time time(const char* key) const {
    const auto made = parse_rfc3339(text(key));
    return made ? *made : throw wrong(key);
  }
  [[nodiscard]] Level level(const char* key) const {
    const auto made = parse_level(text(key));
    return made ? *made : throw wrong(key);
  }
  [[nodiscard]] Verdict verdict(const char* key) const {
    const auto found = std::ranges::find(verdicts, text(key), words_of);
    return found != verdicts.end() ? *found : throw wrong(key);
  }
  [[nodiscard]] std::uint64_t sequence(const char* key, const std::string& previous) const {
    const std::uint64_t made = number(key);
    const bool has_place = made >= 1 && made <= most_sequence && (made > 1 || previous.empty());
    return has_place ? made : throw wrong(key);
  }
  template <typename Make>
  auto list(const char* key, const Make& make) const {
    if (!at(key).is_array()) {
      throw wrong(key);
    }
    std::vector<decltype(make(Json{}))> all;
    all.reserve(at(key).size());
    for (const Json& each : at(key)) {
      all.push_back(make(each));
    }
    return all;
  }

 private:
  static Error wrong(const char* key) {
    return Error{Code::data, fmt::format("\"{}\" is not as it has to be", key)};
  }

  [[nodiscard]] const Json& at(const char* key) const {
    const auto found = json_.find(key);
    return found != json_.end() ? *found : throw wrong(key);
  }

  const Json& json_;
};

content::Difference difference_in(const Json& json) {
  const Reader reader{json};
  return {.object = reader.text("object"),
          .expected = reader.text("expected"),
          .found = reader.text("found")};
}

Check check_in(const Json& json) {
  const Reader reader{json};
  return {.name = reader.text("name"),
          .level = reader.level("level"),
          .command = reader.text("command"),
          .verdict = reader.verdict("verdict"),
          .checked = reader.number("checked"),
          .unit = reader.text("unit"),
          .why = reader.text("why"),
          .took = reader.duration("took_ms"),
          .differences = reader.list("differences", difference_in),
          .difference_count = reader.number("difference_count")};
}

TableProof table_in(const Json& json) {
  const Reader reader{json};
  return {.name = reader.text("name"),
          .expected_rows = reader.number_or_null("expected_rows"),
          .found_rows = reader.number_or_null("found_rows"),
          .expected = reader.text("expected"),
          .found = reader.text("found")};
}

content::Unchecked unchecked_in(const Json& json) {
  const Reader reader{json};
  return {.name = reader.text("name"), .why = reader.text("why")};
}

Proof::Environment environment_in(const Json& json) {
  const Reader reader{json};
  return {
      .name = reader.text("name"), .source = reader.text("source"), .here = reader.text("here")};
}

std::string pack_in(const Json& json) {
  if (!json.is_string() || !is_hexadecimal(json.get_ref<const std::string&>(), digest_bytes)) {
    throw Error{Code::data, "\"packs\" is not as it has to be"};
  }
  return json.get<std::string>();
}

}  // namespace

std::string json_of(const Proof& proof) {
  const auto as_json = [](const auto& each) { return json_of(each); };
  return line_of({{"format", format_name},
                  {"store", proof.store},
                  {"source", proof.source},
                  {"kind", proof.kind},
                  {"backup", proof.backup},
                  {"backup_sequence", number_of(proof.backup_sequence)},
                  {"manifest", proof.manifest},
                  {"slot", to_rfc3339(proof.slot)},
                  {"taken", to_rfc3339(proof.taken)},
                  {"level", name_of(proof.level)},
                  {"verdict", words_of(proof.verdict)},
                  {"started", to_rfc3339(proof.started)},
                  {"finished", to_rfc3339(proof.finished)},
                  {"sequence", number_of(proof.sequence)},
                  {"previous", proof.previous},
                  {"host", proof.host},
                  {"by", proof.by},
                  {"tool", proof.tool},
                  {"tool_sha256", proof.tool_digest},
                  {"bytes", number_of(proof.bytes)},
                  {"rpo_ms", json_of(proof.rpo)},
                  {"rto_ms", json_of(proof.rto)},
                  {"checks", list_of(proof.checks, as_json)},
                  {"tables", list_of(proof.tables, as_json)},
                  {"unchecked", list_of(proof.unchecked, as_json)},
                  {"environment", list_of(proof.environment, as_json)},
                  {"packs", proof.packs}});
}

Proof proof_in(std::string_view line) {
  const Json json = parse(line);
  const Reader reader{json};
  if (reader.text("format") != format_name) {
    throw Error{Code::data, "not a proof, or of a later version"};
  }
  Proof made;
  made.store = reader.digits("store", store::Id{}.size());
  made.source = reader.source_name("source");
  made.kind = reader.text("kind");
  made.backup = reader.digits("backup", store::Id{}.size());
  made.backup_sequence = reader.number("backup_sequence");
  made.manifest = reader.digits("manifest", digest_bytes);
  made.slot = reader.time("slot");
  made.taken = reader.time("taken");
  made.level = reader.level("level");
  made.verdict = reader.verdict("verdict");
  made.started = reader.time("started");
  made.finished = reader.time("finished");
  made.previous = reader.digest_or_empty("previous");
  made.sequence = reader.sequence("sequence", made.previous);
  made.host = reader.text("host");
  made.by = reader.text("by");
  made.tool = reader.text("tool");
  made.tool_digest = reader.digest_or_empty("tool_sha256");
  made.bytes = reader.number("bytes");
  made.rpo = reader.duration_or_null("rpo_ms");
  made.rto = reader.duration_or_null("rto_ms");
  made.checks = reader.list("checks", check_in);
  made.tables = reader.list("tables", table_in);
  made.unchecked = reader.list("unchecked", unchecked_in);
  made.environment = reader.list("environment", environment_in);
  made.packs = reader.list("packs", pack_in);
  return made;
}

}  // namespace trackier::proof
