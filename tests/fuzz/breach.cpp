// What a breach reads: expressions and logs, values of notices, texts about personal data.
#include <algorithm>
#include <chrono>
#include <string>

#include "core/error.hpp"
#include "crypto/secret.hpp"
#include "mail/mail.hpp"
#include "notice/leaks.hpp"
#include "notice/render.hpp"
#include "notice/value.hpp"
#include "scope/count.hpp"
#include "streams.hpp"
#include "targets.hpp"

namespace trackier::fuzz {
namespace {

/// The counts of a log as a text that can be compared.
std::string counts_of(const scope::Expression& exposed, std::string_view log, unsigned threads,
                      std::size_t step) {
  constexpr Time from{};
  constexpr Time to{std::chrono::seconds{1'900'000'000}};
  scope::Counter counter{{.from = from,
                          .to = to,
                          .exposed = exposed,
                          .person_fields = {"gaid", "user.id", "remote_addr"},
                          .threads = threads},
                         crypto::Secret::copy_of(as_bytes("0123456789abcdef0123456789abcdef"))};
  TextSource source{log, step};
  counter.add("log", source, {});
  const scope::Result result = counter.finish();
  require(result.lines >= result.blank + result.unparsed + result.untimed + result.outside_window +
                              result.matched,
          "every line is counted once at most");
  std::string text = std::to_string(result.lines) + " " + std::to_string(result.matched);
  for (const scope::Cell& each : result.tenants) {
    require(each.people_lower <= each.people_upper, "at least is not more than at most");
    require(each.exposures <= each.records, "exposures are records");
    text += "\n" + each.tenant + " " + std::to_string(each.records) + " " +
            std::to_string(each.people_lower) + " " + std::to_string(each.people_upper);
  }
  return text;
}

}  // namespace

/// The first line is an expression, the rest a log.
void scope_log(std::string_view input) {
  const std::size_t end = std::min(input.find('\n'), input.size());
  try {
    const auto exposed = scope::Expression::parse(input.substr(0, end));
    const std::string_view log = input.substr(std::min(end + 1, input.size()));
    require_equal(counts_of(exposed, log, 1, 0), counts_of(exposed, log, 2, 1 + dice(input) % 7),
                  "the pace of the input and the number of threads change nothing");
  } catch (const Error& error) {
    require(error.code() == Code::usage || error.code() == Code::data,
            "an expression or a log is refused as what it is");
  }
}

/// JSON of a notice's fields.
void notice_facts(std::string_view input) {
  try {
    const notice::Value value = notice::parse(input);
    const std::string once = notice::to_json(value);
    require_equal(once, notice::to_json(notice::parse(once)), "facts are written one way");
    const auto texts = notice::TemplateSet::shipped();
    for (const notice::Template& each : texts.templates()) {
      try {
        notice::render(texts, each, value);
      } catch (const Error& error) {
        require(error.code() == Code::data, "what a notice lacks is said");
      }
    }
  } catch (const Error& error) {
    require(error.code() == Code::data, "facts that are none are bad data");
  }
}

/// A text that is looked through for what must not leave the house, and mailed.
void notice_text(std::string_view input) {
  const std::string text{input};
  for (const notice::Leak& leak : notice::leaks_in(
           text, {.allowed = {"privacy@trackier.example"},
                 .other_names = {"Bolt Ltd"},
                 .other_domains = {"bolt.example"},
                 .is_affected = [](std::string_view word) { return word == "device-1"; }})) {
    require(leak.where < text.size(), "a leak is in the text");
  }
  try {
    const std::string mail = mail::to_eml({.from_name = text.substr(0, 20),
                                           .from_address = "a@trackier.example",
                                           .to_name = {},
                                           .to_address = "b@acme.example",
                                           .subject = text.substr(0, 200),
                                           .plain = text,
                                           .html = text,
                                           .message_id = "1@trackier.example",
                                           .date = {}});
    for (const char letter : mail) {
      require(
          (letter >= ' ' && letter <= '~') || letter == '\r' || letter == '\n' || letter == '\t',
          "a mail is ASCII");
    }
  } catch (const Error& error) {
    require(error.code() == Code::data, "a mail that cannot be is bad data");
  }
}

}  // namespace trackier::fuzz
