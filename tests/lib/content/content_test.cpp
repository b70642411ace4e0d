#include "content/content.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "core/error.hpp"
#include "support/errors.hpp"

namespace trackier::content {
namespace {

using test::error_of;
using namespace std::string_literals;

const std::string some_digest = std::string(30, 'a') + "0123456789" + std::string(24, 'f');

Object table(const std::string& name, std::uint64_t rows, const std::string& value = some_digest) {
  return {.kind = "table", .name = name, .rows = rows, .value = value};
}

Content of(std::vector<Object> objects) {
  Content content{.objects = std::move(objects), .unchecked = {}};
  sort(content);
  return content;
}

std::string any_text() {
  return *rc::gen::oneOf(
      rc::gen::container<std::string>(rc::gen::arbitrary<char>()),
      rc::gen::element("clicks"s, "zażółć"s, "a\"b\\c\n"s, "\0\x7f"s, "\xed\xa0\x80"s));
}

Content any_content() {
  Content made;
  const auto objects = *rc::gen::inRange(0, 12);
  for (int i = 0; i < objects; ++i) {
    Object object{.kind = *rc::gen::element("table"s, "index"s, "view"s),
                  .name = any_text(),
                  .rows = std::nullopt,
                  .value = any_text()};
    if (*rc::gen::arbitrary<bool>()) {
      object.rows = *rc::gen::arbitrary<std::uint64_t>();
    }
    const bool is_new = std::ranges::none_of(made.objects, [&](const Object& each) {
      return std::tie(each.kind, each.name) == std::tie(object.kind, object.name);
    });
    if (is_new) {
      made.objects.push_back(object);
    }
  }
  const auto unchecked = *rc::gen::inRange(0, 3);
  for (int i = 0; i < unchecked; ++i) {
    made.unchecked.push_back({.name = any_text(), .why = any_text()});
  }
  sort(made);
  return made;
}

TEST_CASE("decode(encode(x)) == x, whatever bytes names are made of") {
  CHECK(rc::check([] {
    const Content content = any_content();
    RC_ASSERT(decode(encode(content)) == content);
  }));
}

TEST_CASE("what is encoded is this") {
  Content content = of({table("clicks", 3, "00"),
                        table("\xff\n", 18446744073709551615U, ""),
                        {.kind = "view", .name = "zażółć", .rows = std::nullopt, .value = "v"}});
  content.unchecked = {{.name = "table a", .why = "the settings leave it out"}};
  CHECK(encode(content) ==
        R"({"objects":[["table","clicks",3,"00"],["table",{"hex":"ff0a"},18446744073709551615,""],)"
        R"(["view","zażółć",null,"v"]],"unchecked":[["table a","the settings leave it out"]]})");
  CHECK(encode({}) == R"({"objects":[],"unchecked":[]})");
}

TEST_CASE("what encode() would not have written is damaged data") {
  const auto refused = [](const std::string& text) {
    return error_of([&] { decode(text); }).code() == Code::data;
  };
  for (const std::string text : {
           R"()",
           R"(null)",
           R"([])",
           R"({})",
           R"({"objects":[]})",
           R"({"objects":{},"unchecked":[]})",
           R"({"objects":[],"unchecked":[],"more":1})",
           R"({"objects":[],"objects":[],"unchecked":[]})",
           R"({"unchecked":[],"objects":[]})",
           R"({"objects": [],"unchecked":[]})",
           R"({"objects":[1],"unchecked":[]})",
           R"({"objects":[["table","a",1]],"unchecked":[]})",
           R"({"objects":[["table","a",1,"",0]],"unchecked":[]})",
           R"({"objects":[["table","a",-1,""]],"unchecked":[]})",
           R"({"objects":[["table","a",1.0,""]],"unchecked":[]})",
           R"({"objects":[["table","a",1e2,""]],"unchecked":[]})",
           R"({"objects":[["table","a",18446744073709551616,""]],"unchecked":[]})",
           R"({"objects":[["table","a","1",""]],"unchecked":[]})",
           R"({"objects":[["table",7,1,""]],"unchecked":[]})",
           R"({"objects":[["table","a",1,null]],"unchecked":[]})",
           R"({"objects":[["table",{},1,""]],"unchecked":[]})",
           R"({"objects":[["table",{"hex":1},1,""]],"unchecked":[]})",
           R"({"objects":[["table",{"hex":"ff","a":1},1,""]],"unchecked":[]})",
           R"({"objects":[["table",{"hex":"f"},1,""]],"unchecked":[]})",
           R"({"objects":[["table",{"hex":"FF"},1,""]],"unchecked":[]})",
           R"({"objects":[["table",{"hex":"61"},1,""]],"unchecked":[]})",
           R"({"objects":[["table","\u0061",1,""]],"unchecked":[]})",
           R"({"objects":[["table","a",1,""],["table","a",1,""]],"unchecked":[]})",
           R"({"objects":[["table","b",1,""],["table","a",1,""]],"unchecked":[]})",
           R"({"objects":[],"unchecked":[["a"]]})",
           R"({"objects":[],"unchecked":[["a","b","c"]]})",
           R"({"objects":[],"unchecked":[["a",null]]})",
           R"({"objects":[],"unchecked":[]}x)",
       }) {
    CHECK_MESSAGE(refused(text), text);
  }
  CHECK(refused(std::string(1000000, '[')));
  CHECK(refused(std::string(300000, '[') + std::string(300000, ']')));
  CHECK(refused("{\"objects\":[[\"table\",\"\xff\",1,\"\"]],\"unchecked\":[]}"));
}

TEST_CASE("bytes that were changed are decoded to what they say, or refused") {
  CHECK(rc::check([] {
    std::string text = encode(any_content());
    const auto changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      text[at] =
          *rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::element('"', '[', '{', ',', '0'));
    }
    try {
      RC_ASSERT(encode(decode(text)) == text);
    } catch (const Error& error) {
      RC_ASSERT(error.code() == Code::data);
    }
  }));
}

TEST_CASE("two objects of one kind and name are our mistake") {
  Content content{.objects = {table("a", 1), table("a", 2)}, .unchecked = {}};
  CHECK(error_of([&] { sort(content); }).code() == Code::bug);
  Content kinds{
      .objects = {table("a", 1), {.kind = "columns", .name = "a", .rows = {}, .value = "x"}},
      .unchecked = {}};
  sort(kinds);
  CHECK(kinds.objects[0].kind == "columns");
}

TEST_CASE("what is the same does not differ, and all of it is counted") {
  CHECK(rc::check([] {
    const Content content = any_content();
    const Comparison comparison = compare(content, content);
    RC_ASSERT(comparison.differences.empty());
    RC_ASSERT(comparison.compared == content.objects.size());
  }));
  CHECK(compare({}, {}).compared == 0);
}

TEST_CASE("every object that one has and the other has not, or has otherwise, is a difference") {
  CHECK(rc::check([] {
    const Content left = any_content();
    const Content right = any_content();
    std::size_t either = 0;
    std::size_t differ = 0;
    const auto same_in = [](const Content& content, const Object& object) {
      return std::ranges::find_if(content.objects, [&](const Object& each) {
        return std::tie(each.kind, each.name) == std::tie(object.kind, object.name);
      });
    };
    for (const Object& each : left.objects) {
      const auto other = same_in(right, each);
      ++either;
      differ += other == right.objects.end() || *other != each ? 1U : 0U;
    }
    for (const Object& each : right.objects) {
      const bool is_new = same_in(left, each) == left.objects.end();
      either += is_new ? 1U : 0U;
      differ += is_new ? 1U : 0U;
    }
    const Comparison comparison = compare(left, right);
    RC_ASSERT(comparison.compared == either);
    RC_ASSERT(comparison.differences.size() == differ);
  }));
}

TEST_CASE("differences are told in short words, tables first") {
  const Content expected =
      of({table("clicks", 1000),
          table("gone", 1),
          table("same", 5),
          {.kind = "index", .name = "by_ip", .rows = {}, .value = some_digest},
          {.kind = "setting", .name = "user_version", .rows = {}, .value = "7"},
          {.kind = "sequence", .name = "public.ids", .rows = {}, .value = "17 called, by 1"},
          {.kind = "large-objects", .name = "", .rows = 3, .value = ""}});
  const Content found =
      of({table("clicks", 999, std::string(64, '0')),
          table("new\nline", 0),
          table("same", 5),
          {.kind = "columns", .name = "clicks", .rows = {}, .value = some_digest},
          {.kind = "setting", .name = "user_version", .rows = {}, .value = "8"},
          {.kind = "sequence", .name = "public.ids", .rows = {}, .value = "18 called, by 1"},
          {.kind = "large-objects", .name = "", .rows = 4, .value = ""}});
  const Comparison comparison = compare(expected, found);
  CHECK(comparison.compared == 9);
  const std::string shown = "digest " + some_digest.substr(0, 16) + "...";
  const std::vector<Difference> differences{
      {.object = "table clicks",
       .expected = "1000 rows, " + shown,
       .found = "999 rows, digest 0000000000000000..."},
      {.object = "table gone", .expected = "1 row, " + shown, .found = "nothing"},
      {.object = "table new\\x0Aline", .expected = "nothing", .found = "0 rows, " + shown},
      {.object = "sequence public.ids", .expected = "17 called, by 1", .found = "18 called, by 1"},
      {.object = "large-objects ", .expected = "3 rows", .found = "4 rows"},
      {.object = "columns clicks", .expected = "nothing", .found = shown},
      {.object = "index by_ip", .expected = shown, .found = "nothing"},
      {.object = "setting user_version", .expected = "7", .found = "8"}};
  CHECK(comparison.differences == differences);
}

TEST_CASE("long values are cut, and what a terminal would obey is not shown as it is") {
  const Comparison comparison =
      compare(of({{.kind = "setting", .name = "a", .rows = {}, .value = std::string(1000, 'x')}}),
              of({{.kind = "setting", .name = "a", .rows = {}, .value = "\x1b[2J"}}));
  REQUIRE(comparison.differences.size() == 1);
  CHECK(comparison.differences[0].expected.size() < 90);
  CHECK(comparison.differences[0].found == "\\x1B[2J");
}

}  // namespace
}  // namespace trackier::content
