#include "notice/render.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "core/words.hpp"
#include "example.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::notice {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

const TemplateSet& texts() {
  static const TemplateSet set = TemplateSet::shipped();
  return set;
}

std::size_t elements(std::string_view html) {
  return static_cast<std::size_t>(std::count(html.begin(), html.end(), '<'));
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) {
    all += text;
  }
  return all;
}

/// Replaces every text of a context.
void replace_texts(Value& value, const std::string& with) {
  if (std::get_if<std::string>(&value.data) != nullptr) {
    value = with;
  } else if (auto* list = std::get_if<Value::List>(&value.data)) {
    for (Value& item : *list) {
      replace_texts(item, with);
    }
  } else if (auto* object = std::get_if<Value::Object>(&value.data)) {
    for (auto& [name, item] : *object) {
      replace_texts(item, with);
    }
  }
}

/// The text with "harmless" for every value; made once.
const Rendered& harmless(const Template& text, Value context, bool unknown) {
  static std::map<std::pair<std::string, bool>, Rendered> known;
  const auto [place, is_new] = known.try_emplace({text.id, unknown});
  if (is_new) {
    replace_texts(context, "harmless");
    place->second = render(texts(), text, context);
  }
  return place->second;
}

/// What is wrong with how a value shows: it must show as itself, wherever it stands, and change
/// nothing around it. Empty: nothing.
std::string harm_of(const Template& text, const std::string& value) {
  for (const bool unknown : {false, true}) {
    Value context = full_context(text.rules, text.rules.flags(), {.mark = "", .unknown = unknown});
    const Rendered& before = harmless(text, context, unknown);
    replace_texts(context, one_line(value));
    const Rendered after = render(texts(), text, context);
    std::string expected;
    const std::string said = text_of_html(before.html);
    for (std::string_view rest = said; !rest.empty();) {
      const std::size_t at = rest.find("harmless");
      expected += rest.substr(0, at);
      if (at == std::string_view::npos) {
        break;
      }
      expected += one_line(value);
      rest.remove_prefix(at + std::string_view{"harmless"}.size());
    }
    const std::string shown = text_of_html(after.html);
    if (shown != one_line(expected) || elements(before.html) != elements(after.html)) {
      return fmt::format("{}: {}\n--- expected\n{}\n--- shown\n{}", text.id, value, expected,
                         shown);
    }
  }
  return {};
}

TEST_CASE("every shipped text is rendered under every combination of its flags") {
  for (const Template& text : texts().templates()) {
    for (const auto& flags : flag_combinations(text.rules)) {
      for (const bool optional_lists : {false, true}) {
        const Value context =
            full_context(text.rules, flags, {.mark = "", .optional_lists = optional_lists});
        const Rendered rendered = render(texts(), text, context);
        CHECK_FALSE(contains(rendered.markdown, "{{"));
        CHECK_FALSE(contains(rendered.markdown, "\n\n\n"));
        CHECK_FALSE(contains(rendered.markdown, " \n"));
        CHECK_FALSE(contains(rendered.plain, "\\"));
        CHECK(rendered.markdown.starts_with("# "));
        CHECK(rendered.html.starts_with("<!doctype html>\n"));
        CHECK_FALSE(contains(rendered.html, "<script"));
        CHECK_FALSE(contains(rendered.html, "href"));
        CHECK_FALSE(contains(rendered.html, "src="));
        CHECK(contains(rendered.html, fmt::format("<title>{}</title>", rendered.subject)));
        for (const Field& field : text.rules.fields) {
          const Value* value = context.find(field.name);
          if (field.kind == Field::Kind::text && value != nullptr) {
            CHECK_MESSAGE(contains(rendered.plain, *value->text()), text.id, ": ", field.name);
          }
        }
      }
    }
  }
}

TEST_CASE("a value cannot become anything else than text") {
  for (const char* value : {"# x",
                            "- x",
                            "+ x",
                            "* x",
                            "1. x",
                            "1) x",
                            "123456789. x",
                            "x\n# y",
                            "> x",
                            "    x",
                            "\tx",
                            "[a](javascript:alert(1))",
                            "![a](http://x.example/a.png)",
                            "<script>alert(1)</script>",
                            "a | b | c",
                            "|---|",
                            "---",
                            "===",
                            "***",
                            "___",
                            "```",
                            "~~~",
                            "`x`",
                            "http://x.example/",
                            "<http://x.example>",
                            "www.x.example",
                            "a@b.example",
                            "&lt;b&gt;",
                            "&#35; x",
                            "\\",
                            "x\\",
                            "\\# x",
                            "{{incident.ref}}",
                            "{{{x}}}",
                            "{{#is_late}}",
                            "}}",
                            "{{=<% %>=}}",
                            "**x**",
                            "_x_",
                            "~~x~~",
                            "[^1]",
                            "[a]: http://x.example",
                            "\u00a0x",
                            "x\u2028y",
                            "O'Brien & \"Sons\"",
                            "1",
                            "-",
                            "+",
                            "=",
                            "#",
                            ".",
                            ")",
                            "!",
                            "1.",
                            "1)",
                            "<!--",
                            "]]>",
                            "\u202ex",
                            "$x$",
                            ":x:",
                            "\xf0\x9f\x94\x92"}) {
    for (const Template& text : texts().templates()) {
      CHECK(harm_of(text, value) == "");
    }
  }
}

TEST_CASE("no value of marks and letters becomes anything else than text") {
  const bool holds = rc::check([] {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "#", "-", "+", "*", "_", "`", "~", "=", "1", "12", ".", ")", "(", "[", "]", "<", ">", "a",
        "b ", " ", "\n", "!", "&", "amp;", "lt;", ":", "/", "http://", "|", "\\", "{{", "}}", "é",
        "\u00a0", "\"", "'"));
    std::string value;
    for (const std::string& piece : pieces) {
      value += piece;
    }
    RC_PRE(!is_blank(value));
    const auto which = *rc::gen::inRange<std::size_t>(0, texts().templates().size());
    RC_ASSERT(harm_of(texts().templates()[which], value) == "");
  });
  CHECK(holds);
}

TEST_CASE("a text of one customer has nothing of another") {
  const bool holds = rc::check([](std::uint32_t a, std::uint32_t b) {
    const auto which = *rc::gen::inRange<std::size_t>(0, texts().templates().size());
    const Template& text = texts().templates()[which];
    const auto combinations = flag_combinations(text.rules);
    const auto& flags = *rc::gen::elementOf(combinations);
    const std::string ours = fmt::format(" ours{:08x}", a);
    const std::string theirs = fmt::format(" theirs{:08x}", b);
    const Value first = full_context(text.rules, flags, {.mark = ours});
    const Value second = full_context(text.rules, flags, {.mark = theirs, .unknown = true});
    const Rendered before = render(texts(), text, first);
    const Rendered other = render(texts(), text, second);
    const Rendered again = render(texts(), text, first);
    for (const std::string* form : {&again.subject, &again.markdown, &again.html, &again.plain}) {
      RC_ASSERT(!contains(*form, "theirs"));
    }
    RC_ASSERT(!contains(other.markdown, "ours0") && !contains(other.html, ours));
    RC_ASSERT(before.markdown == again.markdown && before.html == again.html);
    // What stands beside the rules, another customer's facts for instance, makes no difference.
    Value crowded = first;
    crowded.set("other", second);
    crowded.set("unknown", true);
    crowded.set("value", theirs);
    RC_ASSERT(render(texts(), text, crowded).markdown == before.markdown);
  });
  CHECK(holds);
}

TEST_CASE("the banner comes first everywhere") {
  const Template& text = texts().find("customer-initial");
  const Rendered rendered =
      render(texts(), text, full_context(text.rules, {}), "DRILL: this is a training exercise");
  CHECK(rendered.subject.starts_with("[DRILL: this is a training exercise] Security incident "));
  CHECK(rendered.markdown.starts_with("**DRILL: this is a training exercise**\n\n# "));
  CHECK(rendered.plain.starts_with("DRILL: this is a training exercise\n"));
  CHECK(contains(rendered.html,
                 "<body>\n<p><strong>DRILL: this is a training exercise</strong></p>\n"));
}

TEST_CASE("a line break in a subject is refused, elsewhere it becomes a space") {
  const Template& text = texts().find("customer-initial");
  Value context = full_context(text.rules, {});
  context.set("incident.description", "first\r\nsecond");
  CHECK(contains(render(texts(), text, context).markdown, "first second"));
  context.set("customer.name", "Acme\r\nBcc: x@y.example");
  const Error error = error_of([&] { (void)render(texts(), text, context); });
  CHECK(error.code() == Code::data);
  CHECK(message_of(error) ==
        "customer-initial: customer.name has a line break and stands in the subject");
}

TEST_CASE("a subject is not escaped for Markdown") {
  const Template& text = texts().find("customer-initial");
  Value context = full_context(text.rules, {});
  context.set("customer.name", "O'Brien & Sons <*>");
  CHECK(render(texts(), text, context).subject.ends_with(" to O'Brien & Sons <*>"));
}

TEST_CASE("an unsound text is not rendered") {
  const test::TemporaryDirectory directory;
  (void)directory.write("customer-initial.md.mustache", "# {{incident.reff}}\n");
  const TemplateSet set = TemplateSet::load(os::posix(), directory.path());
  const Template& text = set.find("customer-initial");
  const Error error = error_of([&] { (void)render(set, text, full_context(text.rules, {})); });
  CHECK(error.code() == Code::config);
  CHECK(contains(message_of(error), "customer-initial.md.mustache:1:3: unknown field"));
  CHECK(error.hint() == "did you mean incident.ref?");
}

TEST_CASE("the first notice to a customer, exactly") {
  const Template& text = texts().find("customer-initial");
  const Value context =
      parse(test::content_of(TRACKIER_SOURCE_DIR "/tests/lib/notice/customer-initial.json"));
  const std::filesystem::path expected =
      TRACKIER_SOURCE_DIR "/tests/lib/notice/customer-initial.md";
  CHECK(render(texts(), text, context).markdown == test::content_of(expected));
}

TEST_CASE("a value is escaped once, and long numbers stay as they are") {
  CHECK(markdown_escaped("27 Nov 2026 22:47 UTC (28 Nov 2026 04:17 IST, UTC+05:30)") ==
        "27 Nov 2026 22:47 UTC (28 Nov 2026 04:17 IST, UTC+05:30)");
  CHECK(markdown_escaped("1. x") == "1\\. x");
  CHECK(markdown_escaped("1234567890. x") == "1234567890. x");
  CHECK(markdown_escaped(repeated("a_", 2)) == "a\\_a\\_");
}

}  // namespace
}  // namespace trackier::notice
