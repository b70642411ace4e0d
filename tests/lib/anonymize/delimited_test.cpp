#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>

#include "anonymize/record_reader.hpp"
#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;
using test::Change;
using test::profile_with_field;

TEST_CASE("columns go by their names, in any case, and by their numbers") {
  constexpr std::string_view table = "id,User,Email,note\r\n7,Clyde,a@example.com,ok\r\n8,,,\r\n";
  CHECK(anonymized(table, Format::csv) == "id,User,Email,note\r\n7,[name],[email],ok\r\n8,,,\r\n");
  for (const char* selector : {"NOTE", "4"}) {
    CHECK(anonymized("id,n1,n2,Note\nx,y,z,w\n", Format::csv,
                     profile_with_field(selector, {.action = Action::redact, .label = "x"})) ==
          "id,n1,n2,Note\nx,y,z,[x]\n");
  }
}

TEST_CASE("quotes, doubled quotes and line ends in quotes are read as RFC 4180 says") {
  constexpr std::string_view head = "a,name,c\n";
  constexpr auto changes = std::to_array<Change>({
      {"1,\"Smith, John\",2\n", "1,\"[name]\",2\n"},
      {"1,\"a \"\"b\"\"\",2\n", "1,\"[name]\",2\n"},
      {"1,\"two\nlines\",2\n3,x,4\n", "1,\"[name]\",2\n3,[name],4\n"},
      {"\"a \"\"b\"\"\",x,203.0.113.8\n", "\"a \"\"b\"\"\",[name],203.0.113.0\n"},
      {"1,\"\",2\n", "1,\"\",2\n"},
      {"1,-,2", "1,-,2"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(std::string{head}.append(before), Format::csv) ==
          std::string{head}.append(after));
  }
}

TEST_CASE("what is put between quotes has its quotes doubled") {
  CHECK(anonymized("a,n\n1,\"x\"\"yz\"\n", Format::csv,
                   profile_with_field("n", {.action = Action::mask, .keep_first = 2})) ==
        "a,n\n1,\"x\"\"**\"\n");
}

TEST_CASE(
    "a value with an open quote takes what is in other columns along, and leaves the columns") {
  CHECK(anonymized("a\tb\tc\nx\tpwd=\"one\ttwo\nx\ttoken=\"\tthree\n", Format::tsv) ==
        "a\tb\tc\nx\tpwd=\"[password]\t[password]\nx\ttoken=\"\t[token]\n");
  CHECK(anonymized("a,b\n1,\"say pwd='x,y' now\"\n", Format::csv) ==
        "a,b\n1,\"say pwd='[password]' now\"\n");
}

TEST_CASE("semicolons and tabulators delimit too, and a byte order mark stays") {
  CHECK(anonymized("a;name;c\n1;Clyde;x,y\n", Format::csv) == "a;name;c\n1;[name];x,y\n");
  CHECK(anonymized("a\tname\n1\tClyde D\n2\t-\n", Format::tsv) == "a\tname\n1\t[name]\n2\t-\n");
  CHECK(anonymized("\xEF\xBB\xBFname,b\nClyde,1\n", Format::csv) ==
        "\xEF\xBB\xBFname,b\n[name],1\n");
  CHECK(anonymized("\xEF\xBB\xBF\"a\nb\",name\nx,Clyde\n", Format::csv) ==
        "\xEF\xBB\xBF\"a\nb\",name\nx,[name]\n");
}

TEST_CASE("in a record that is no table's the quotes stay, so that it ends where it ended") {
  const std::string_view text = "say \"x,\"y\"\" now";
  const std::array<Match, 2> matches{Match{.begin = 0, .end = 3, .kind = Kind::name},
                                     Match{.begin = 5, .end = 10, .kind = Kind::password}};
  std::string shown;
  for (const Match& part : cut_at_marks(text, ',', matches)) {
    shown +=
        fmt::format("{} {}\n", text.substr(part.begin, part.end - part.begin), name_of(part.kind));
  }
  CHECK(shown == "say name\nx password\ny password\n");
}

TEST_CASE("a first record with a value in it is no header") {
  CHECK(anonymized("192.0.2.1,Clyde\n192.0.2.2,Eve\n", Format::csv) ==
        "192.0.2.0,Clyde\n192.0.2.0,Eve\n");
  CHECK(anonymized("\n\nname,b\nClyde,1\n", Format::csv) == "\n\nname,b\n[name],1\n");
}

TEST_CASE("a parameter of a URL does not go on in the next field") {
  CHECK(anonymized("url,status,to\n"
                   "/x?sid=5,200,bob@example.com\n"
                   "/x?sid=5,/y?sid=6,c\n"
                   "\"/x?sid=5,6&a=1\",200,-\n"
                   "/x?u=%3Fname%3DJ%2520D,200,-\n",
                   Format::csv) ==
        "url,status,to\n"
        "/x?sid=[cookie],200,[email]\n"
        "/x?sid=[cookie],/y?sid=[cookie],c\n"
        "\"/x?sid=[cookie]&a=1\",200,-\n"
        "/x?u=%3Fname%3D[name],200,-\n");
}

TEST_CASE("a record with other fields than the first is unparsed") {
  const Profile profile = profile_with_field("b", {.action = Action::redact});
  CHECK(anonymized("a,b\n1,2\n1,2,3\n1\n4,5\n", Format::csv, profile) ==
        "a,b\n1,[field]\n[unparsed record]\n[unparsed record]\n4,[field]\n");
  CHECK(anonymized("a,b\n1,x\"y\n\"z\"w,2\n", Format::csv, profile) ==
        "a,b\n1,[field]\n[unparsed record]\n");
  CHECK(anonymized("b\n\"\"\r\r\n\"1\"\r\n", Format::csv, profile) ==
        "b\n[unparsed record]\r\n\"[field]\"\r\n");
}

TEST_CASE("a quote left open hides no more than a record, and the rest goes on") {
  const Profile profile = profile_with_field("b", {.action = Action::redact});
  std::string table = "a,b\n\"open,2\n";
  std::string expected = "a,b\n[unparsed record]\n";
  for (int i = 0; i < 300'000; ++i) {
    table += "3,x\n";
    expected += "3,[field]\n";
  }
  CHECK((anonymized(table, Format::csv, profile) == expected));
}

TEST_CASE("records are told apart alike whether they come whole or byte by byte") {
  for (const std::string_view text :
       {"a,b\nc", "\"a\nb\",c\nd", "a\"b\n", "\"a\"\"\nb\"\n", "\"a\"x\"\nb", "\"\"\n", "\n", "\"",
        ",\"\n\",\"\"\n", "\"a\" \"b\n"}) {
    const std::size_t whole = delimited_record_end(text, ',');
    DelimitedScan scan{','};
    std::size_t found = std::string_view::npos;
    for (std::size_t size = 0; size <= text.size() && found == std::string_view::npos; ++size) {
      found = scan.record_end(std::string_view{text}.substr(0, size));
    }
    CHECK(found == whole);
  }
  CHECK(delimited_record_end("\"a\nb\",c\nd", ',') == 8);
  CHECK(delimited_record_end("\"a\nb", ',') == std::string_view::npos);
  CHECK(delimited_record_end("\"a\"\"\nb\"\nc", ',') == 8);
}

}  // namespace trackier::anonymize
