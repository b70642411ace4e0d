#include "scope/expression.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "scope/json_scanner.hpp"
#include "support/errors.hpp"

namespace trackier::scope {
namespace {

using test::error_of;
using test::message_of;

bool holds(const std::string& text, const std::string& line) {
  const Expression expression = Expression::parse(text);
  const JsonScanner scanner{expression.fields()};
  Record record{expression.fields().size()};
  REQUIRE(scanner.read(line, record));
  return expression.holds(record);
}

TEST_CASE("an expression says which records were exposed") {
  struct Case {
    std::string expression;
    std::string line;
    bool holds;
  };
  const std::vector<Case> cases{
      {R"(status == 200 && !requester_known && path ~ "/export")",
       R"({"status":200,"path":"/v1/export/7"})", true},
      {R"(status == 200 && !requester_known && path ~ "/export")",
       R"({"status":200,"path":"/v1/export/7","requester_known":true})", false},
      {R"(status == 200 && !requester_known && path ~ "/export")",
       R"({"status":200,"path":"/v1/clicks"})", false},
      // && binds closer than ||
      {"a || b && c", R"({"a":1})", true},
      {"(a || b) && c", R"({"a":1})", false},
      {"a && b || c", R"({"c":1})", true},
      {"a && (b || c)", R"({"c":1})", false},
      {"!a && !b", "{}", true},
      {"!!a", R"({"a":1})", true},
      {"!(a == 1)", R"({"a":1})", false},
      {"!(a && b)", R"({"a":1})", true},
      // a field alone
      {"a", "{}", false},
      {"a", R"({"a":null})", false},
      {"a", R"({"a":false})", false},
      {"a", R"({"a":""})", false},
      {"a", R"({"a":0})", false},
      {"a", R"({"a":-0.00e7})", false},
      {"a", R"({"a":"0"})", true},
      {"a", R"({"a":0.01})", true},
      {"a", R"({"a":true})", true},
      {"a", R"({"a":{}})", true},
      {"a", R"({"a":[]})", true},
      {"true", "{}", true},
      {"false || null || 0 || ''", "{}", false},
      // an absent field
      {"a == 1", "{}", false},
      {"a != 1", "{}", true},
      {"a < 1", "{}", false},
      {"a >= 1", "{}", false},
      {"a ~ ''", "{}", false},
      {"a == null", "{}", false},
      {"a != null", "{}", true},
      {"a == b", "{}", false},
      // numbers
      {"a == 200", R"({"a":200.0})", true},
      {"a == 200", R"({"a":2e2})", true},
      {"a == 200", R"({"a":"200"})", true},
      {"a == '200'", R"({"a":200})", true},
      {"a == '200'", R"({"a":"0200"})", false},
      {"a == 200", R"({"a":"0200"})", true},
      {"a == 200", R"({"a":"200 "})", false},
      {"a < 9", R"({"a":"10"})", false},
      {"a < '9'", R"({"a":"10"})", true},
      {"a > 9007199254740992", R"({"a":9007199254740993})", true},
      {"a > 1.5", R"({"a":2})", true},
      {"a >= 2", R"({"a":2})", true},
      {"a <= -2", R"({"a":-2.5})", true},
      {"a == 0", R"({"a":"inf"})", false},
      {"a > 0", R"({"a":"nan"})", true},  // as texts
      {"200 == a", R"({"a":200})", true},
      {"a == 1e3", R"({"a":1000})", true},
      // texts
      {"a == 'x'", R"({"a":"x"})", true},
      {"a == 'x'", R"({"a":"X"})", false},
      {"a == \"\\\"\\\\\\'\\n\\t\"", R"({"a":"\"\\'\n\t"})", true},
      {"a == 'ż'", R"({"a":"\u017c"})", true},
      {"a ~ 'b'", R"({"a":"abc"})", true},
      {"a ~ 'B'", R"({"a":"abc"})", false},
      {"a ~ 20", R"({"a":1200})", true},
      {"a ~ b", R"({"a":"abc","b":"c"})", true},
      {"a >= '2026-11-27'", R"({"a":"2026-11-27T10:00:00Z"})", true},
      // true, false, null
      {"a == true", R"({"a":true})", true},
      {"a == true", R"({"a":"true"})", false},
      {"a == true", R"({"a":1})", false},
      {"a != true", R"({"a":false})", true},
      {"a == null", R"({"a":null})", true},
      {"a < true", R"({"a":false})", false},
      {"a >= true", R"({"a":true})", false},
      {"a ~ true", R"({"a":"true"})", false},
      // objects and arrays
      {"a == a", R"({"a":{}})", false},
      {"a != a", R"({"a":{}})", true},
      // paths
      {"user.id == 7", R"({"user":{"id":7}})", true},
      {"user.id == 7", R"({"user.id":7})", true},
      {"user.id == 7", R"({"x":{"user":{"id":7}}})", false},
      {"user-agent ~ 'curl'", R"({"user-agent":"curl/8"})", true},
      {"@timestamp", R"({"@timestamp":"x"})", true},
      {"truer && nullx", R"({"truer":1,"nullx":1})", true},
  };
  for (const Case& each : cases) {
    CAPTURE(each.expression);
    CAPTURE(each.line);
    CHECK(holds(each.expression, each.line) == each.holds);
  }
}

TEST_CASE("an expression knows its fields, each once") {
  const auto fields = Expression::parse("b.c == a && (a || !b.c) && d < e").fields();
  CHECK(fields == std::vector<std::string>{"b.c", "a", "d", "e"});
}

TEST_CASE("what is no expression is refused with its place") {
  struct Case {
    std::string expression;
    std::string message;
  };
  const std::vector<Case> cases{
      {"", "column 1: expected a value"},
      {"  ", "column 3: expected a value"},
      {"status == ", "column 11: expected a value after =="},
      {"status ==", "column 10: expected a value after =="},
      {"status == && a", "column 11: expected a value after =="},
      {"a && ", "column 6: expected a value after &&"},
      {"a || || b", "column 6: expected a value after ||"},
      {"a ||", "column 5: expected a value after ||"},
      {"!", "column 2: expected a value after !"},
      {"!= 3", "column 1: expected a value"},
      {"( ", "column 3: expected a value after ("},
      {"()", "column 2: expected a value after ("},
      {"(a", "column 3: the ( of column 1 is not closed"},
      {"b && (a", "column 8: the ( of column 6 is not closed"},
      {"(a b)", "column 4: expected && or || or )"},
      {"a b", "column 3: expected && or ||"},
      {"a & b", "column 3: expected && or ||"},
      {"a | b", "column 3: expected && or ||"},
      {"(a) == 1", "column 5: expected && or ||"},
      {"a)", "column 2: this ) closes nothing"},
      {"a = 1", "column 3: a single =; to compare, write =="},
      {"a == b == c", "column 8: a comparison has two sides: join comparisons with &&"},
      {"1 < a < 3", "column 7: a comparison has two sides: join comparisons with &&"},
      {"!a == 1", "column 1: ! before a comparison reads two ways: write !(a == b)"},
      {"b && !a ~ 'x'", "column 6: ! before a comparison reads two ways: write !(a == b)"},
      {"a == 'x", "column 6: this string does not end"},
      {"a == \"x'", "column 6: this string does not end"},
      {"a == 'x\\d'", R"(column 8: in strings, \ stands before \ " ' n or t)"},
      {"a == 'x\\", R"(column 8: in strings, \ stands before \ " ' n or t)"},
      {"a == 1.", "column 6: not a number; a text stands in quotes"},
      {"a == 1.2.3", "column 6: not a number; a text stands in quotes"},
      {"a == -", "column 6: not a number; a text stands in quotes"},
      {"a == 1e", "column 6: not a number; a text stands in quotes"},
      {"a == 12ab", "column 6: not a number; a text stands in quotes"},
      {"a == 2026-11-27", "column 6: not a number; a text stands in quotes"},
      {"a..b", "column 1: a..b is not a field: a name is missing beside a dot"},
      {"x && a.", "column 6: a. is not a field: a name is missing beside a dot"},
      {".a", "column 1: .a is not a field: a name is missing beside a dot"},
      {"a == #", "column 6: expected a value after =="},
      {"'żółć' == %", "column 11: expected a value after =="},  // characters, not bytes
  };
  for (const Case& each : cases) {
    CAPTURE(each.expression);
    const Error error = error_of([&] { (void)Expression::parse(each.expression); });
    CHECK(error.code() == Code::usage);
    CHECK(message_of(error) == "--exposed: " + each.message);
    CHECK_FALSE(error.hint().empty());
  }
}

TEST_CASE("depth and length of an expression are bounded") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '(') + "a" + std::string(levels, ')');
  };
  CHECK(holds(nested(100), R"({"a":1})"));
  CHECK(message_of(error_of([&] { (void)Expression::parse(nested(101)); })) ==
        "--exposed: column 101: more than 100 levels deep");
  CHECK(message_of(error_of([&] { (void)Expression::parse(std::string(101, '!') + "a"); })) ==
        "--exposed: column 101: more than 100 levels deep");
  std::string chain = "a";
  while (chain.size() < 64 * 1024 - 4) {
    chain += "||a";
  }
  CHECK_FALSE(holds(chain, "{}"));
  chain += std::string(64 * 1024 + 1 - chain.size(), ' ');
  CHECK(message_of(error_of([&] { (void)Expression::parse(chain); })) ==
        "--exposed: longer than 64 KiB");
}

}  // namespace
}  // namespace trackier::scope
