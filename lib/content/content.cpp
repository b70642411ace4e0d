#include "content/content.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <tuple>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"

namespace trackier::content {
namespace {

using Json = nlohmann::json;

constexpr const char* bytes_key = "hex";
constexpr const char* nothing = "nothing";

/// What is no UTF-8 is written as {"hex":"..."}.
Json json_of(const std::string& text) {
  Json json = text;
  try {
    static_cast<void>(json.dump());
  } catch (const Json::type_error&) {
    return Json{{bytes_key, hexadecimal(as_bytes(text))}};
  }
  return json;
}

std::string text_in(const Json& json) {
  if (json.is_string()) {
    return json.get<std::string>();
  }
  if (json.is_object() && json.size() == 1 && json.contains(bytes_key) &&
      json[bytes_key].is_string()) {
    const auto& digits = json[bytes_key].get_ref<const std::string&>();
    std::string text(digits.size() / 2, '\0');
    if (from_hexadecimal(digits, std::as_writable_bytes(std::span{text}))) {
      return text;
    }
  }
  throw Error{Code::data, "the digests of a backup have something else in the place of a text"};
}

auto order_of(const Object& object) {
  return std::tie(object.kind, object.name);
}

/// Tables, then what they consist of: a missing column is told before the index that needs it.
std::size_t rank_of(const std::string& kind) {
  constexpr std::array<std::string_view, 4> first{"table", "sequence", "large-objects", "columns"};
  return static_cast<std::size_t>(std::ranges::find(first, kind) - first.begin());
}

bool is_digest(const std::string& value) {
  constexpr std::size_t least_digits = 32;
  return value.size() >= least_digits &&
         value.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string words_of(const Object& object) {
  constexpr std::size_t shown_digits = 16;
  constexpr std::size_t most_shown = 80;
  std::string value = is_digest(object.value)
                          ? "digest " + object.value.substr(0, shown_digits) + "..."
                          : printable(object.value, most_shown);
  if (object.rows) {
    value = fmt::format("{} {}{}{}", *object.rows, *object.rows == 1 ? "row" : "rows",
                        value.empty() ? "" : ", ", value);
  }
  return value;
}

}  // namespace

void sort(Content& content) {
  std::ranges::sort(content.objects, {}, order_of);
  const auto twice = std::ranges::adjacent_find(
      content.objects,
      [](const Object& left, const Object& right) { return order_of(left) == order_of(right); });
  if (twice != content.objects.end()) {
    throw Error{Code::bug, fmt::format("{} {} is described twice", printable(twice->kind),
                                       printable(twice->name))};
  }
  std::ranges::sort(content.unchecked, {},
                    [](const Unchecked& each) { return std::tie(each.name, each.why); });
}

Comparison compare(const Content& expected, const Content& found) {
  Comparison made;
  std::vector<std::pair<std::size_t, Difference>> differences;
  auto left = expected.objects.begin();
  auto right = found.objects.begin();
  while (left != expected.objects.end() || right != found.objects.end()) {
    const bool is_expected = right == found.objects.end() || (left != expected.objects.end() &&
                                                              order_of(*left) <= order_of(*right));
    const bool is_found = left == expected.objects.end() ||
                          (right != found.objects.end() && order_of(*right) <= order_of(*left));
    const Object& object = is_expected ? *left : *right;
    if (!is_expected || !is_found || *left != *right) {
      differences.emplace_back(
          rank_of(object.kind),
          Difference{.object = printable(object.kind) + " " + printable(object.name),
                     .expected = is_expected ? words_of(*left) : nothing,
                     .found = is_found ? words_of(*right) : nothing});
    }
    left += is_expected ? 1 : 0;
    right += is_found ? 1 : 0;
    ++made.compared;
  }
  std::ranges::stable_sort(differences, {}, [](const auto& each) { return each.first; });
  for (auto& [rank, difference] : differences) {
    made.differences.push_back(std::move(difference));
  }
  return made;
}

std::string encode(const Content& content) {
  Json objects = Json::array();
  for (const Object& each : content.objects) {
    objects.push_back(Json::array({json_of(each.kind), json_of(each.name),
                                   each.rows ? Json(*each.rows) : Json(), json_of(each.value)}));
  }
  Json unchecked = Json::array();
  for (const Unchecked& each : content.unchecked) {
    unchecked.push_back(Json::array({json_of(each.name), json_of(each.why)}));
  }
  return Json{{"objects", std::move(objects)}, {"unchecked", std::move(unchecked)}}.dump();
}

Content decode(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto list_in = [&json](const char* key, std::size_t width) -> const Json& {
    if (json.is_object() && json.contains(key) && json[key].is_array() &&
        std::ranges::all_of(json[key], [width](const Json& each) {
          return each.is_array() && each.size() == width;
        })) {
      return json[key];
    }
    throw Error{Code::data, "the digests of a backup are not as they were written"};
  };
  Content content;
  constexpr std::size_t object_width = 4;
  for (const Json& each : list_in("objects", object_width)) {
    Object made{.kind = text_in(each[0]),
                .name = text_in(each[1]),
                .rows = std::nullopt,
                .value = text_in(each[3])};
    if (each[2].is_number_unsigned()) {
      made.rows = each[2].get<std::uint64_t>();
    } else if (!each[2].is_null()) {
      throw Error{Code::data, "the digests of a backup have rows that are no number"};
    }
    content.objects.push_back(std::move(made));
  }
  for (const Json& each : list_in("unchecked", 2)) {
    content.unchecked.push_back({.name = text_in(each[0]), .why = text_in(each[1])});
  }
  // compare() walks through both in order.
  const auto not_before = [](const Object& left, const Object& right) {
    return order_of(left) >= order_of(right);
  };
  if (std::ranges::adjacent_find(content.objects, not_before) != content.objects.end()) {
    throw Error{Code::data, "the digests of a backup are not in order"};
  }
  // What is left: white space, members twice or that nobody knows, text in digits that need not be.
  if (encode(content) != text) {
    throw Error{Code::data, "the digests of a backup are not as they were written"};
  }
  return content;
}

}  // namespace trackier::content
