#include "notice_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "notice/check.hpp"
#include "notice/lint.hpp"
#include "notice/page.hpp"
#include "notice/value.hpp"
#include "notice/visible.hpp"

namespace trackier::cli {
namespace {

using notice::Field;
using notice::Value;

std::string mark_of(const std::string& field) {
  return fmt::format("{}: {}]", missing_mark, field);
}

bool is_blank(const Value* value) {
  const std::string* const text = value == nullptr ? nullptr : value->text();
  return text == nullptr || text->find_first_not_of(" \t\r\n") == std::string::npos;
}

Value marked_item(const Field& field, const Value* item) {
  Value made = item == nullptr || item->object() == nullptr ? Value{} : *item;
  for (const std::string& name : field.item_fields) {
    if (is_blank(made.find(name))) {
      made.set(name, mark_of(field.name + "." + name));
    }
  }
  return made;
}

Value marked_phased(const Field& field, const Value* value) {
  Value made = value == nullptr || value->object() == nullptr ? Value{} : *value;
  const Value* const unknown = made.find("unknown");
  const bool is_unknown = unknown != nullptr && unknown->flag() != nullptr && *unknown->flag();
  for (const char* const part :
       is_unknown ? std::array{"reason", "expected_by"} : std::array{"value", "basis"}) {
    if (is_blank(made.find(part))) {
      made.set(part, mark_of(field.name + "." + part));
    }
  }
  return made;
}

/// All texts of a value.
void collect(const Value& value, std::vector<std::string>& texts) {
  if (const std::string* const text = value.text()) {
    texts.push_back(*text);
  } else if (const auto* const list = value.list()) {
    for (const Value& each : *list) {
      collect(each, texts);
    }
  } else if (const auto* const object = value.object()) {
    for (const auto& [name, each] : *object) {
      collect(each, texts);
    }
  }
}

/// What the law asks for and a reader does not see.
void find_unseen(const incident::Drafted& draft, const notice::Template& text, const Value& context,
                 std::vector<std::string>& found) {
  const Value needed = notice::needed_part(text, context);
  const std::string seen = draft.subject + "\n" + draft.plain;
  for (const auto& [field, law] : text.rules.law) {
    const Value* const value = needed.find(field);
    std::vector<std::string> texts;
    if (value != nullptr) {
      collect(*value, texts);
    }
    for (const std::string& each : texts) {
      if (!notice::is_shown(seen, each)) {
        found.push_back(fmt::format("{} is not in the text {} ({})", field,
                                    draft.how == "edited" ? "any more" : "where a reader sees it",
                                    law));
        break;
      }
    }
  }
}

std::vector<std::string> texts_of_object(const Value& context, std::string_view path) {
  std::vector<std::string> texts;
  if (const Value* const found = context.find(path)) {
    collect(*found, texts);
  }
  return texts;
}

/// Names and domains of all customers but one.
void keep_others_out(Context& context, const incident::Incident& incident, const std::string& own,
                     notice::LeakRules& rules) {
  std::set<std::string> others;
  rules.allowed.push_back(own);
  for (const auto& [name, tenant] : context.settings().tenants) {
    if (name == own) {
      rules.allowed.push_back(tenant.customer);
      rules.allowed.push_back(tenant.contact_name);
      rules.allowed.push_back(tenant.contact_email);
    } else {
      others.insert(name);
      others.insert(tenant.customer);
      rules.other_domains.insert(rules.other_domains.end(), tenant.domains.begin(),
                                 tenant.domains.end());
    }
  }
  if (const auto* const scope = incident.scope()) {
    for (const incident::Counted& each : scope->counted.counts) {
      if (each.tenant != own) {
        others.insert(each.tenant);
      }
    }
  }
  others.erase("");
  rules.other_names.assign(others.begin(), others.end());
}

}  // namespace

Value with_marks(const notice::Template& text, Value context) {
  for (const Field& field : text.rules.fields) {
    const Value* const value = context.find(field.name);
    if (field.kind == Field::Kind::flag && (value == nullptr || value->flag() == nullptr)) {
      context.set(field.name, false);
    }
  }
  for (const Field& field : text.rules.fields) {
    if (!field.when.holds(context)) {
      continue;
    }
    const Value* const value = context.find(field.name);
    switch (field.kind) {
      case Field::Kind::text:
        if (is_blank(value)) {
          context.set(field.name, mark_of(field.name));
        }
        break;
      case Field::Kind::phased:
        context.set(field.name, marked_phased(field, value));
        break;
      case Field::Kind::list:
      case Field::Kind::list_optional: {
        Value::List made;
        if (value != nullptr && value->list() != nullptr) {
          for (const Value& each : *value->list()) {
            made.push_back(marked_item(field, &each));
          }
        }
        if (made.empty() && field.kind == Field::Kind::list) {
          made.push_back(marked_item(field, nullptr));
        }
        context.set(field.name, std::move(made));
        break;
      }
      case Field::Kind::flag:
        break;
    }
  }
  return context;
}

std::vector<std::string> missing_in(const incident::Drafted& draft,
                                    const notice::TemplateSet& texts) {
  const notice::Template& text = texts.find(draft.text);
  const Value context = notice::parse(draft.context);
  std::vector<std::string> found;
  for (const notice::Problem& each : notice::lint(texts, text)) {
    found.push_back(each.message());
  }
  for (const notice::Missing& each : notice::missing_fields(text, context)) {
    found.push_back(each.message());
  }
  if (found.empty()) {
    find_unseen(draft, text, context, found);
    if (draft.markdown.find(missing_mark) != std::string::npos) {
      found.push_back(fmt::format("a mark {} is still in the text", missing_mark));
    }
  }
  return found;
}

std::vector<std::string> leaks_in_draft(Context& context, const IncidentDesk& desk,
                                        const incident::Incident& incident,
                                        const incident::Drafted& draft) {
  notice::LeakRules rules;
  const Value facts = notice::parse(draft.context);
  for (const char* const ours : {"contact", "customer", "authority", "org"}) {
    for (std::string& each : texts_of_object(facts, ours)) {
      rules.contacts.push_back(std::move(each));
    }
  }
  if (!draft.to.tenant.empty()) {
    keep_others_out(context, incident, draft.to.tenant, rules);
  }
  AffectedPeople& affected = desk.affected_to_ask(incident.id);
  rules.is_affected = [&](std::string_view word) { return affected.contains(word); };
  std::vector<std::string> found;
  const auto look_at = [&](const std::string& text, const char* where) {
    for (const notice::Leak& leak : notice::leaks_in(text, rules)) {
      std::string line = fmt::format("{} in {}: {}", leak.what, where, leak.shown);
      const auto is_it = [&](const std::string& each) {
        return each.starts_with(leak.what) && each.ends_with(leak.shown);
      };
      if (std::ranges::none_of(found, is_it)) {
        found.push_back(std::move(line));
      }
    }
  };
  look_at(draft.subject, "it");
  look_at(draft.plain, "it");
  look_at(notice::behind_the_page(draft.markdown), "its Markdown");
  for (const char* const address : {"customer.email", "authority.email"}) {
    for (const std::string& each : texts_of_object(facts, address)) {
      rules.contacts.push_back(each);
      look_at(each, "its address");
    }
  }
  return found;
}

}  // namespace trackier::cli
