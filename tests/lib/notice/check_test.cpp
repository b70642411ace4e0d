#include "notice/check.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/error.hpp"
#include "example.hpp"
#include "notice/render.hpp"
#include "support/errors.hpp"

namespace trackier::notice {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

const TemplateSet& texts() {
  static const TemplateSet set = TemplateSet::shipped();
  return set;
}

/// Every single thing the rules need of a context, as a path and the name missing_fields() has for
/// it.
struct Needed {
  std::string list;  ///< of an item's field; else empty
  std::size_t item = 0;
  std::string path;
  std::string name;
};

std::vector<Needed> needed_of(const Template& text, const Value& context,
                              const ExampleOptions& options) {
  std::vector<Needed> all;
  const auto add = [&](const std::string& path) { all.push_back({"", 0, path, path}); };
  for (const Field& field : text.rules.fields) {
    if (!field.when.terms.empty() && !field.when.holds(context)) {
      continue;
    }
    if (field.kind != Field::Kind::list_optional) {
      add(field.name);
    }
    if (field.kind == Field::Kind::phased) {
      add(field.name + (options.unknown ? ".reason" : ".value"));
      add(field.name + (options.unknown ? ".expected_by" : ".basis"));
    }
    if (!field.item_fields.empty()) {
      for (std::size_t i = 1; i <= options.items; ++i) {
        for (const std::string& part : field.item_fields) {
          all.push_back({field.name, i, part, fmt::format("{}[{}].{}", field.name, i, part)});
        }
      }
    }
  }
  return all;
}

Value without(const Value& context, const Needed& needed) {
  Value changed = context;
  if (needed.list.empty()) {
    REQUIRE(changed.erase(needed.path));
    return changed;
  }
  Value::List items = *changed.find(needed.list)->list();
  REQUIRE(items.at(needed.item - 1).erase(needed.path));
  changed.set(needed.list, items);
  return changed;
}

TEST_CASE("every needed field of every shipped text is missed when it alone is gone") {
  std::size_t tried = 0;
  for (const Template& text : texts().templates()) {
    for (const std::vector<std::string>& flags : flag_combinations(text.rules)) {
      for (const bool unknown : {false, true}) {
        const ExampleOptions options{.mark = "", .unknown = unknown};
        const Value context = full_context(text.rules, flags, options);
        REQUIRE(missing_fields(text, context).empty());
        for (const Needed& needed : needed_of(text, context, options)) {
          const Value changed = without(context, needed);
          const std::vector<Missing> missing = missing_fields(text, changed);
          REQUIRE_MESSAGE(missing.size() == 1, text.id, ": ", needed.name);
          REQUIRE(missing[0].field == needed.name);
          const Error error = error_of([&] { (void)render(texts(), text, changed); });
          REQUIRE(error.code() == Code::data);
          REQUIRE(contains(message_of(error), needed.name));
          ++tried;
        }
      }
    }
  }
  CHECK(tried > 1000);
}

TEST_CASE("a flag decides what else is asked for") {
  const Template& text = texts().find("dpdp-board");
  Value context = full_context(text.rules, {"is_detailed"});
  CHECK(missing_fields(text, context).empty());
  context.set("has_extension", true);
  const std::vector<Missing> missing = missing_fields(text, context);
  REQUIRE(missing.size() == 2);
  CHECK(missing[0].field == "extension.requested");
  CHECK(missing[1].field == "extension.until");
  context.set("is_detailed", false);
  CHECK(missing_fields(text, context).empty());
}

TEST_CASE("what is blank or of another type is missing, with the law that asks for it") {
  const Template& text = texts().find("customer-initial");
  const Value full = full_context(text.rules, {});
  const auto message = [&](const std::string& field, const Value& value) {
    Value context = full;
    context.set(field, value);
    const std::vector<Missing> missing = missing_fields(text, context);
    return missing.size() == 1 ? missing[0].message() : std::to_string(missing.size());
  };
  CHECK(message("contact.email", "") == "contact.email is blank (GDPR 33(3)(b))");
  CHECK(message("contact.email", " \t\n\u00a0") == "contact.email is blank (GDPR 33(3)(b))");
  CHECK(message("contact.hours", true) == "contact.hours must be a text, not true or false");
  CHECK(message("contact.hours", "\xff") == "contact.hours is no text: its bytes are no UTF-8");
  CHECK(message("is_late", "true") == "is_late must be true or false, not a text");
  CHECK(message("subjects", "412") ==
        "subjects must be {value, basis} or {unknown, reason, expected_by}, not a text "
        "(GDPR 33(3)(a))");
  CHECK(message("subjects.unknown", "yes") ==
        "subjects.unknown must be true or false, not a text (GDPR 33(3)(a))");
  CHECK(contains(message("subjects.unknown", true), "it is one or the other"));
  CHECK(message("consequences", Value::List{}) ==
        "consequences is empty: at least one item is needed (GDPR 33(3)(c); SCC 8.6(c))");
  CHECK(message("consequences", Value::List{"spam"}) ==
        "consequences[1] must be an object, not a text (GDPR 33(3)(c); SCC 8.6(c))");
  CHECK(message("unknowns", "none") == "unknowns must be a list, not a text");
  CHECK(message("unknowns", Value::List{}) == "0");
}

TEST_CASE("what the rules do not name is not passed on") {
  const Template& text = texts().find("customer-initial");
  Value context = full_context(text.rules, {});
  context.set("secret", "x");
  context.set("late.reasons", "of another day");
  const Value part = needed_part(text, context);
  CHECK(part.find("secret") == nullptr);
  CHECK(part.find("late.reasons") == nullptr);
  CHECK(*part.find("subjects.unknown")->flag() == false);
}

}  // namespace
}  // namespace trackier::notice
