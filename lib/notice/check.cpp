#include "notice/check.hpp"

#include <fmt/format.h>

#include "core/words.hpp"

namespace trackier::notice {
namespace {

using Kind = Field::Kind;

std::string_view type_of(const Value& value) {
  return value.text() != nullptr   ? "a text"
         : value.flag() != nullptr ? "true or false"
         : value.list() != nullptr ? "a list"
                                   : "an object";
}

class Checker {
 public:
  Checker(const Template& text, const Value& context) : text_{text}, context_{context} {}

  std::vector<Missing> run() {
    for (const Field& field : text_.rules.fields) {
      if (field.when.terms.empty() || field.when.holds(context_)) {
        law_ = text_.rules.law_of(field.name);
        check(field, context_.find(field.name));
      }
    }
    return std::move(missing_);
  }

 private:
  void check(const Field& field, const Value* value) {
    switch (field.kind) {
      case Kind::text:
        check_text(field.name, value);
        return;
      case Kind::flag:
        if (value == nullptr) {
          add(field.name, "is absent: it must be true or false");
        } else if (value->flag() == nullptr) {
          add(field.name, fmt::format("must be true or false, not {}", type_of(*value)));
        }
        return;
      case Kind::phased:
        check_phased(field.name, value);
        return;
      case Kind::list:
      case Kind::list_optional:
        check_list(field, value);
        return;
    }
  }

  void check_text(const std::string& name, const Value* value) {
    if (value == nullptr) {
      add(name, "is absent");
    } else if (value->text() == nullptr) {
      add(name, fmt::format("must be a text, not {}", type_of(*value)));
    } else if (!is_utf8(*value->text())) {
      add(name, "is no text: its bytes are no UTF-8");
    } else if (is_blank(*value->text())) {
      add(name, "is blank");
    }
  }

  void check_phased(const std::string& name, const Value* value) {
    if (value == nullptr) {
      add(name, "is absent: give a value and its basis, or say why it is unknown and until when");
      return;
    }
    if (value->object() == nullptr) {
      add(name, fmt::format("must be {{value, basis}} or {{unknown, reason, expected_by}}, not {}",
                            type_of(*value)));
      return;
    }
    const Value* unknown = value->find("unknown");
    if (unknown != nullptr && unknown->flag() == nullptr) {
      add(name + ".unknown", fmt::format("must be true or false, not {}", type_of(*unknown)));
      return;
    }
    if (unknown == nullptr || !*unknown->flag()) {
      check_text(name + ".value", value->find("value"));
      check_text(name + ".basis", value->find("basis"));
      return;
    }
    if (value->find("value") != nullptr) {
      add(name, "has a value and is said to be unknown: it is one or the other");
      return;
    }
    check_text(name + ".reason", value->find("reason"));
    check_text(name + ".expected_by", value->find("expected_by"));
  }

  void check_list(const Field& field, const Value* value) {
    const bool optional = field.kind == Kind::list_optional;
    if (value == nullptr) {
      if (!optional) {
        add(field.name, "is absent: at least one item is needed");
      }
      return;
    }
    const Value::List* list = value->list();
    if (list == nullptr) {
      add(field.name, fmt::format("must be a list, not {}", type_of(*value)));
      return;
    }
    if (list->empty() && !optional) {
      add(field.name, "is empty: at least one item is needed");
    }
    std::size_t number = 0;
    for (const Value& item : *list) {
      const std::string name = fmt::format("{}[{}]", field.name, ++number);
      if (item.object() == nullptr) {
        add(name, fmt::format("must be an object, not {}", type_of(item)));
        continue;
      }
      for (const std::string& part : field.item_fields) {
        check_text(fmt::format("{}.{}", name, part), item.find(part));
      }
    }
  }

  void add(std::string field, std::string why) {
    missing_.push_back({.field = std::move(field), .why = std::move(why), .law = law_});
  }

  const Template& text_;
  const Value& context_;
  std::string law_;
  std::vector<Missing> missing_;
};

/// The members of an object that `names` names.
template <typename Names>
Value members(const Value& from, const Names& names) {
  Value picked;
  for (const auto& name : names) {
    if (const Value* value = from.find(name)) {
      picked.set(name, *value);
    }
  }
  return picked;
}

Value phased_part(const Value& from) {
  const Value* unknown = from.find("unknown");
  const bool open = unknown != nullptr && unknown->flag() != nullptr && *unknown->flag();
  using Names = std::initializer_list<std::string_view>;
  Value part =
      open ? members(from, Names{"reason", "expected_by"}) : members(from, Names{"value", "basis"});
  part.set("unknown", open);
  return part;
}

Value list_part(const Field& field, const Value* from) {
  Value::List items;
  if (from != nullptr && from->list() != nullptr) {
    for (const Value& item : *from->list()) {
      items.push_back(members(item, field.item_fields));
    }
  }
  return items;
}

}  // namespace

std::string Missing::message() const {
  return law.empty() ? fmt::format("{} {}", field, why)
                     : fmt::format("{} {} ({})", field, why, law);
}

std::vector<Missing> missing_fields(const Template& text, const Value& context) {
  return Checker{text, context}.run();
}

Value needed_part(const Template& text, const Value& context) {
  Value part;
  for (const Field& field : text.rules.fields) {
    const Value* value = context.find(field.name);
    if (field.kind == Kind::list || field.kind == Kind::list_optional) {
      const bool needed = field.when.terms.empty() || field.when.holds(context);
      part.set(field.name, list_part(field, needed ? value : nullptr));
    } else if (value != nullptr && (field.when.terms.empty() || field.when.holds(context))) {
      part.set(field.name, field.kind == Kind::phased ? phased_part(*value) : *value);
    }
  }
  return part;
}

}  // namespace trackier::notice
