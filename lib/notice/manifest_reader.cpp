#include "notice/manifest_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::notice {
namespace {

using nlohmann::json;

constexpr std::string_view schema = "trackier-ctl/breach-templates/1";

/// A JSON value and where it stands, so that every complaint can name the place.
class Node {
 public:
  Node(const json& value, std::string place) : value_{&value}, place_{std::move(place)} {}

  [[noreturn]] void refuse(std::string_view problem, const std::string& hint = {}) const {
    throw Error{Code::config, fmt::format("{}: {}", place_, problem), hint};
  }

  [[nodiscard]] std::string text() const {
    if (!value_->is_string() || value_->get_ref<const std::string&>().empty()) {
      refuse("must be a text");
    }
    return value_->get<std::string>();
  }

  [[nodiscard]] std::vector<std::pair<std::string, Node>> members() const {
    if (!value_->is_object()) {
      refuse("must be an object");
    }
    std::vector<std::pair<std::string, Node>> all;
    for (const auto& [name, item] : value_->items()) {
      all.emplace_back(name, inside(name, item));
    }
    return all;
  }

  [[nodiscard]] std::vector<Node> items() const {
    if (!value_->is_array()) {
      refuse("must be a list");
    }
    std::vector<Node> all;
    for (const json& item : *value_) {
      all.emplace_back(item, fmt::format("{}[{}]", place_, all.size() + 1));
    }
    return all;
  }

  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const Node& item : items()) {
      all.push_back(item.text());
    }
    return all;
  }

  [[nodiscard]] Node member(const char* name) const {
    if (!has(name)) {
      refuse(fmt::format("{} is missing", name));
    }
    return inside(name, value_->at(name));
  }

  [[nodiscard]] bool has(const char* name) const {
    return value_->is_object() && value_->contains(name);
  }

  void only(std::initializer_list<const char*> known) const {
    const std::vector<std::string> names{known.begin(), known.end()};
    for (const auto& [name, item] : members()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        const std::optional<std::string> near = closest(name, names);
        refuse(fmt::format("unknown key {}", printable(name)),
               near ? fmt::format("did you mean {}?", *near) : std::string{});
      }
    }
  }

 private:
  [[nodiscard]] Node inside(const std::string& name, const json& item) const {
    return {item, fmt::format("{}{} {}", place_, place_.find(": ") == std::string::npos ? ":" : ",",
                              printable(name))};
  }

  const json* value_;
  std::string place_;
};

json parsed(const SourceFile& manifest) {
  try {
    return json::parse(manifest.text);
  } catch (const json::parse_error& problem) {
    const std::size_t at = std::min(problem.byte, manifest.text.size());
    const std::string_view before = std::string_view{manifest.text}.substr(0, at);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t begin = before.rfind('\n');
    const std::size_t column = begin == std::string_view::npos ? at : at - begin - 1;
    throw Error{Code::config,
                fmt::format("{}:{}:{}: this is no JSON", manifest.shown, line, column)};
  }
}

/// "is_detailed and not is_late".
Condition condition_of(std::string_view text, const Node& place) {
  Condition condition;
  while (true) {
    constexpr std::string_view both = " and ";
    constexpr std::string_view no = "not ";
    const std::size_t end = text.find(both);
    std::string_view term = text.substr(0, end);
    const bool wanted = !term.starts_with(no);
    term.remove_prefix(wanted ? 0 : no.size());
    if (term.empty() || term.find(' ') != std::string_view::npos) {
      place.refuse(fmt::format("\"{}\" is no condition", printable(text)),
                   "write flags joined by \"and\", each with or without \"not\"");
    }
    condition.terms.push_back({.flag = std::string{term}, .wanted = wanted});
    if (end == std::string_view::npos) {
      return condition;
    }
    text.remove_prefix(end + both.size());
  }
}

/// Splits "measures_done (if is_final)" into the name and what the brackets say.
std::pair<std::string, std::string> name_and_remark(const std::string& text) {
  const std::size_t bracket = text.find(" (");
  if (bracket == std::string::npos || !text.ends_with(')')) {
    return {text, {}};
  }
  return {text.substr(0, bracket), text.substr(bracket + 2, text.size() - bracket - 3)};
}

class RulesReader {
 public:
  explicit RulesReader(const Node& from) : from_{from} {}

  FieldRules read() {
    for (const Node& flag : from_.member("flags").items()) {
      add({.name = flag.text(), .kind = Field::Kind::flag, .when = {}, .item_fields = {}}, flag);
    }
    for (const Node& name : from_.member("mandatory").items()) {
      add({.name = name.text(), .kind = Field::Kind::text, .when = {}, .item_fields = {}}, name);
    }
    for (const auto& [when, names] : from_.member("conditional").members()) {
      const Condition condition = condition_of(when, names);
      for (const Node& name : names.items()) {
        add_conditional(condition, name);
      }
    }
    for (const Node& name : from_.member("phased").items()) {
      add({.name = name.text(), .kind = Field::Kind::phased, .when = {}, .item_fields = {}}, name);
    }
    add_lists("lists", Field::Kind::list);
    add_lists("lists_optional", Field::Kind::list_optional);
    check_flags();
    for (const auto& [name, citation] : from_.member("law").members()) {
      if (rules_.find(name) == nullptr) {
        citation.refuse("the law asks for a field that is not declared",
                        "declare it, or remove it here if the law changed");
      }
      rules_.law.emplace(name, citation.text());
    }
    return std::move(rules_);
  }

 private:
  void add(Field field, const Node& place) {
    if (!names_.insert(field.name).second) {
      place.refuse(fmt::format("{} is declared twice", printable(field.name)));
    }
    rules_.fields.push_back(std::move(field));
  }

  void add_conditional(const Condition& condition, const Node& place) {
    auto [name, remark] = name_and_remark(place.text());
    if (!remark.empty() && remark != "phased") {
      place.refuse(fmt::format("unknown remark ({})", printable(remark)), "only (phased) is known");
    }
    add({.name = std::move(name),
         .kind = remark.empty() ? Field::Kind::text : Field::Kind::phased,
         .when = condition,
         .item_fields = {}},
        place);
  }

  void add_lists(const char* key, Field::Kind kind) {
    for (const auto& [declared, items] : from_.member(key).members()) {
      auto [name, remark] = name_and_remark(declared);
      Condition when;
      if (!remark.empty()) {
        if (!remark.starts_with("if ")) {
          items.refuse(fmt::format("unknown remark ({})", printable(remark)),
                       "write (if flag), or nothing");
        }
        when = condition_of(std::string_view{remark}.substr(3), items);
      }
      std::vector<std::string> fields = items.texts();
      if (fields.empty()) {
        items.refuse("has no fields");
      }
      add({.name = std::move(name),
           .kind = kind,
           .when = std::move(when),
           .item_fields = std::move(fields)},
          items);
    }
  }

  /// Conditions may speak of declared flags only.
  void check_flags() const {
    for (const Field& field : rules_.fields) {
      for (const Condition::Term& term : field.when.terms) {
        const Field* flag = rules_.find(term.flag);
        if (flag == nullptr || flag->kind != Field::Kind::flag) {
          from_.refuse(fmt::format("the condition of {} names {}, which is no flag",
                                   printable(field.name), printable(term.flag)));
        }
      }
    }
  }

  const Node& from_;
  FieldRules rules_;
  std::set<std::string> names_;
};

std::string file_name(const Node& place) {
  std::string name = place.text();
  if (!name.ends_with(".mustache") || name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    place.refuse("must be the name of a .mustache file beside the manifest");
  }
  return name;
}

}  // namespace

TemplateSet ManifestReader::read(const SourceFile& manifest,
                                 const std::function<SourceFile(const std::string&)>& file) {
  const json document = parsed(manifest);
  const Node root{document, manifest.shown};
  root.only({"schema", "law_snapshot", "rules", "partials", "templates"});
  if (root.member("schema").text() != schema) {
    root.member("schema").refuse(fmt::format("must be {}", schema));
  }
  TemplateSet set;
  set.manifest_file_ = manifest.shown;
  set.law_snapshot_ = root.member("law_snapshot").text();
  for (const auto& [name, from] : root.member("partials").members()) {
    SourceFile source = file(file_name(from));
    while (source.text.ends_with('\n') || source.text.ends_with('\r')) {
      source.text.pop_back();
    }
    set.partials_.emplace(name,
                          Partial{.file = std::move(source.shown), .text = std::move(source.text)});
  }
  for (const auto& [id, from] : root.member("templates").members()) {
    from.only({"file", "audience", "subject", "followup_of", "regimes", "mandatory", "phased",
               "lists", "lists_optional", "flags", "conditional", "law"});
    SourceFile source = file(file_name(from.member("file")));
    set.templates_.push_back(
        {.id = id,
         .file = std::move(source.shown),
         .audience = from.member("audience").text(),
         .subject = from.member("subject").text(),
         .followup_of = from.has("followup_of") ? from.member("followup_of").text() : "",
         .duties = from.member("regimes").texts(),
         .rules = RulesReader{from}.read(),
         .text = std::move(source.text)});
  }
  for (const Template& text : set.templates_) {
    const auto named = [&](const Template& other) { return other.id == text.followup_of; };
    if (!text.followup_of.empty() &&
        std::none_of(set.templates_.begin(), set.templates_.end(), named)) {
      root.refuse(fmt::format("{} follows {}, which is no text", printable(text.id),
                              printable(text.followup_of)));
    }
  }
  return set;
}

}  // namespace trackier::notice
