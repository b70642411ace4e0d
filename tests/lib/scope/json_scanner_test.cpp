#include "scope/json_scanner.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace trackier::scope {
namespace {

using nlohmann::json;

const std::vector<std::string> fields{"a", "b", "user.id", "user.name", "user", "x.y.z", "ż"};

std::string shown(const Value& value) {
  switch (value.kind) {
    case Value::Kind::absent:
      return "absent";
    case Value::Kind::null:
      return "null";
    case Value::Kind::no:
      return "false";
    case Value::Kind::yes:
      return "true";
    case Value::Kind::number:
      return "number";
    case Value::Kind::text:
      return "text " + std::string{value.text};
    case Value::Kind::container:
      break;
  }
  return "container";
}

std::string shown(const json* value) {
  if (value == nullptr) {
    return "absent";
  }
  if (value->is_string()) {
    return "text " + value->get<std::string>();
  }
  return value->is_number() ? "number" : value->is_structured() ? "container" : value->dump();
}

const json* at(const json& object, const std::string& path) {
  const json* found = &object;
  std::size_t began = 0;
  while (began <= path.size()) {
    const std::size_t end = std::min(path.find('.', began), path.size());
    const std::string key = path.substr(began, end - began);
    if (!found->is_object() || !found->contains(key)) {
      return nullptr;
    }
    found = &found->at(key);
    began = end + 1;
  }
  return found;
}

class Lines {
 public:
  explicit Lines(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_);
  }

  template <std::size_t Size>
  std::string any_of(const std::array<std::string, Size>& from) {
    return from.at(below(Size));
  }

  std::string space() { return any_of(std::array<std::string, 6>{"", "", "", " ", "\t", " \r "}); }

  std::string text() {
    static const std::array<std::string, 16> parts{"a",
                                                   "user",
                                                   "id",
                                                   "person@example.org",
                                                   "0123456789abcdef",
                                                   "\\n",
                                                   "\\u00e9",
                                                   "ż",
                                                   "\\ud83d\\ude00",
                                                   "\\\"",
                                                   "\\\\",
                                                   "\\/",
                                                   "😀",
                                                   " ",
                                                   "\\u0061",
                                                   "\\b\\f"};
    std::string made = "\"";
    for (std::size_t i = below(4); i > 0; --i) {
      made += any_of(parts);
    }
    return made + "\"";
  }

  std::string key() {
    static const std::array<std::string, 10> keys{R"("a")",      R"("b")", R"("user")", R"("id")",
                                                  R"("name")",   R"("x")", R"("y")",    R"("z")",
                                                  R"("\u0061")", R"("ż")"};
    return below(5) == 0 ? text() : any_of(keys);
  }

  std::string value(int level) {
    static const std::array<std::string, 12> simple{
        "1", "-0", "12.50", "1e5", "-3E-2", "0", "true", "null", "false", "1.0e+1", "17", "9"};
    const std::size_t kind = below(level > 3 ? 5 : 8);
    if (kind < 2) {
      return text();
    }
    if (kind < 5) {
      return any_of(simple);
    }
    return kind == 5 ? list(level) : object(level);
  }

  std::string list(int level) {
    std::string made = "[" + space();
    for (std::size_t i = below(4); i > 0; --i) {
      made += value(level + 1) + space() + (i > 1 ? "," + space() : "");
    }
    return made + "]";
  }

  std::string object(int level) {
    std::string made = "{" + space();
    for (std::size_t i = below(6); i > 0; --i) {
      made += key() + space() + ":" + space() + value(level + 1) + space();
      made += i > 1 ? "," + space() : "";
    }
    return made + "}";
  }

  std::string line() { return space() + object(0) + space(); }

  std::string mutated(std::string line) {
    static constexpr std::string_view letters =
        "{}[]\",:\\u0123456789truefalsn.-+eE \t\x01\x1f\x7f";
    for (std::size_t i = 1 + below(3); i > 0 && !line.empty(); --i) {
      const std::size_t place = below(line.size());
      switch (below(4)) {
        case 0:
          line.erase(place, 1 + below(3));
          break;
        case 1:
          line.insert(place, 1, letters[below(letters.size())]);
          break;
        case 2:
          line[place] = letters[below(letters.size())];
          break;
        default:
          line.resize(place);
      }
    }
    return line;
  }

 private:
  std::mt19937 random_;
};

/// A number beyond a double, which our judge refuses and RFC 8259 allows.
bool has_long_exponent(const std::string& line) {
  for (std::size_t at = line.find_first_of("eE"); at != std::string::npos;
       at = line.find_first_of("eE", at + 1)) {
    const std::size_t digits = line.find_first_not_of("+-", at + 1);
    if (digits != std::string::npos && line.find_first_not_of("0123456789", digits) - digits >= 3) {
      return true;
    }
  }
  return false;
}

bool is_utf8(const std::string& text) {
  try {
    (void)json(text).dump();
    return true;
  } catch (const json::exception&) {
    return false;
  }
}

TEST_CASE("the scanner takes what is a JSON object, and finds what a parser finds") {
  const JsonScanner scanner{fields};
  Record record{fields.size()};
  Lines lines{20261127};
  int objects = 0;
  int others = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string line = lines.line();
    if (i % 3 != 0) {
      line = lines.mutated(line);
    }
    if (has_long_exponent(line) || !is_utf8(line)) {
      continue;
    }
    const json parsed = json::parse(line, nullptr, false);
    const bool is_object = parsed.is_object();
    CAPTURE(line);
    REQUIRE(scanner.read(line, record) == is_object);
    (is_object ? objects : others) += 1;
    for (std::size_t field = 0; is_object && field < fields.size(); ++field) {
      CAPTURE(fields[field]);
      REQUIRE(shown(record[field]) == shown(at(parsed, fields[field])));
    }
  }
  CHECK(objects > 7'000);
  CHECK(others > 2'000);
}

TEST_CASE("every beginning of an object is none, nor is an object with something behind it") {
  const JsonScanner scanner{fields};
  Record record{fields.size()};
  const std::string line =
      R"({"a":"x\u00e9\ud83d\ude00","b":[1,-2.5e+3,true,false,null,{"c":[]}],"user":{"id":"0123456789"}})";
  REQUIRE(scanner.read(line, record));
  for (std::size_t size = 0; size < line.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(scanner.read(std::string{line, 0, size}, record));
  }
  CHECK_FALSE(scanner.read(line + "x", record));
  CHECK_FALSE(scanner.read(line + line, record));
  CHECK_FALSE(scanner.read(line + std::string(1, '\0'), record));
}

TEST_CASE("odd lines") {
  struct Case {
    std::string line;
    std::optional<std::string> a;  ///< none: refused
  };
  const std::vector<Case> cases{
      {R"({"a":1e999})", "number"},               // of any size
      {"{\"a\":\"\xff\xfe\"}", "text \xff\xfe"},  // of any encoding
      {R"({"a":1,"a":"x"})", "text x"},           // the last one counts
      {R"({"a":"x","a":null})", "null"},
      {R"({"a":"x","a":{"a":1}})", "container"},
      {R"({"\u0061":"x"})", "text x"},
      {R"({"a":"\ud800"})", std::nullopt},
      {R"({"a":"\udc00"})", std::nullopt},
      {R"({"a":"\ud800\u0041"})", std::nullopt},
      {R"({"a":"\u12g4"})", std::nullopt},
      {R"({"a":"\x41"})", std::nullopt},
      {R"({"a":01})", std::nullopt},
      {R"({"a":1.})", std::nullopt},
      {R"({"a":.5})", std::nullopt},
      {R"({"a":+1})", std::nullopt},
      {R"({"a":NaN})", std::nullopt},
      {R"({"a":1,})", std::nullopt},
      {R"({'a':1})", std::nullopt},
      {"{\"a\":\"\t\"}", std::nullopt},
      {R"({"b":[1,]})", std::nullopt},
      {R"({"b":{"c":tru}})", std::nullopt},
      {R"([{"a":1}])", std::nullopt},
      {"", std::nullopt},
      {R"({"b":)" + std::string(511, '[') + std::string(511, ']') + "}", "absent"},
      {R"({"b":)" + std::string(512, '[') + std::string(512, ']') + "}", std::nullopt},
  };
  const JsonScanner scanner{fields};
  Record record{fields.size()};
  for (const Case& each : cases) {
    CAPTURE(each.line);
    REQUIRE(scanner.read(each.line, record) == each.a.has_value());
    if (each.a) {
      CHECK(shown(record[0]) == *each.a);
    }
  }
}

TEST_CASE("an object that comes again takes its fields away; a key with the dots counts as well") {
  const JsonScanner scanner{fields};
  Record record{fields.size()};
  const auto id = [&](const std::string& line) {
    REQUIRE(scanner.read(line, record));
    return shown(record[2]);
  };
  CHECK(id(R"({"user":{"id":"x"},"user":{"name":"y"}})") == "absent");
  CHECK(id(R"({"user":{"id":"x"},"user":7})") == "absent");
  CHECK(id(R"({"user.id":"x"})") == "text x");
  CHECK(id(R"({"user":{"id":"x"},"user.id":"y"})") == "text y");
  CHECK(id(R"({"user":{"user":{"id":"x"}}})") == "absent");
  CHECK(id(R"({"user":[{"id":"x"}]})") == "absent");
}

}  // namespace
}  // namespace trackier::scope
