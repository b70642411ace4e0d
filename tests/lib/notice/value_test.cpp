#include "notice/value.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "core/error.hpp"
#include "support/errors.hpp"

namespace trackier::notice {
namespace {

using test::error_of;
using test::message_of;

Value any_value(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 2 ? 2 : 4);
  if (kind == 0) {
    return *rc::gen::element<std::string>("", "a", "412", "é", "\"x\"", "\n\\", "null");
  }
  if (kind == 1) {
    return *rc::gen::arbitrary<bool>();
  }
  const int size = *rc::gen::inRange(0, 4);
  if (kind == 2) {
    Value::List list;
    for (int i = 0; i < size; ++i) {
      list.push_back(any_value(depth + 1));
    }
    return list;
  }
  Value::Object object;
  for (int i = 0; i < size; ++i) {
    object[*rc::gen::element<std::string>("a", "b", "é", "with.dot", "")] = any_value(depth + 1);
  }
  return object;
}

TEST_CASE("what is written is read back, and written the same") {
  const bool holds = rc::check([] {
    const Value value = any_value(0);
    RC_ASSERT(parse(to_json(value)) == value);
    RC_ASSERT(to_json(parse(to_json(value))) == to_json(value));
  });
  CHECK(holds);
}

TEST_CASE("keys are in order, numbers are texts, null is absent") {
  CHECK(to_json(parse(R"({"b": 12, "a": [true, {"z": "", "y": null}], "c": -1})")) ==
        R"({"a":[true,{"z":""}],"b":"12","c":"-1"})");
}

TEST_CASE("what is no tree of facts is refused with its place") {
  CHECK(error_of([] { parse("{"); }).code() == Code::data);
  CHECK(message_of(error_of([] { parse(R"({"a": {"b": [1, 1.5]}})"); })) ==
        "the facts.a.b[2] is number");
  CHECK(message_of(error_of([] { parse("[null]", "facts.json"); })) == "facts.json[1] is null");
  CHECK(error_of([] { parse(std::string(100, '[') + std::string(100, ']')); }).code() ==
        Code::data);
}

TEST_CASE("paths lead through objects") {
  Value value;
  value.set("a.b.c", "x");
  value.set("a.d", true);
  CHECK(to_json(value) == R"({"a":{"b":{"c":"x"},"d":true}})");
  REQUIRE(value.find("a.b.c") != nullptr);
  CHECK(*value.find("a.b.c")->text() == "x");
  CHECK(value.find("a.b.c.d") == nullptr);
  CHECK(value.find("a.x") == nullptr);
  value.set("a.d.e", "y");
  CHECK(*value.find("a.d.e")->text() == "y");
  CHECK(value.erase("a.b.c"));
  CHECK_FALSE(value.erase("a.b.c"));
  CHECK_FALSE(value.erase("x.b.c"));
}

}  // namespace
}  // namespace trackier::notice
