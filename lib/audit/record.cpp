#include "audit/record.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/time.hpp"

namespace trackier::audit {
namespace {

constexpr std::array phase_names{std::pair{Phase::intent, std::string_view{"intent"}},
                                 std::pair{Phase::outcome, std::string_view{"outcome"}},
                                 std::pair{Phase::recover, std::string_view{"recover"}},
                                 std::pair{Phase::anchor, std::string_view{"anchor"}}};

constexpr std::size_t most_word = 128;
constexpr std::size_t most_name = 64;

/// What the characters of a kind of text are.
using Letters = std::array<bool, 256>;

constexpr Letters letters(std::string_view more, bool upper_case) {
  Letters all{};
  for (unsigned c = 0; c < all.size(); ++c) {
    const char letter = static_cast<char>(c);
    all[c] = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
             (upper_case && letter >= 'A' && letter <= 'Z') ||
             more.find(letter) != std::string_view::npos;
  }
  return all;
}

constexpr Letters word_letters = letters("._:%-", true);
constexpr Letters name_letters = letters("._-", false);
constexpr Letters key_letters = letters(":+/", true);

bool consists_of(std::string_view text, const Letters& letters_of, std::size_t most) {
  return text.size() <= most && std::ranges::all_of(text, [&](char c) {
           return letters_of[static_cast<unsigned char>(c)];
         });
}

void must_be(bool holds, std::string_view what) {
  if (!holds) {
    throw Error{Code::bug, fmt::format("a record of the audit log cannot have this {}", what)};
  }
}

// ---- writing

void add_number(std::string& line, std::uint64_t number) {
  must_be(number <= most_number, "number");
  fmt::format_to(std::back_inserter(line), "{}", number);
}

void add_text(std::string& line, std::string_view text, const Letters& letters_of,
              std::size_t most) {
  must_be(consists_of(text, letters_of, most), "text");
  line += '"';
  line += text;
  line += '"';
}

void add_values(std::string& line, const Values& values) {
  must_be(values.size() <= most_values, "number of values");
  line += '{';
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [name, value] = values[i];
    must_be(is_name(name) && (i == 0 || values[i - 1].first < name), "name, or order of names");
    line += i == 0 ? "\"" : ",\"";
    line += name;
    line += "\":";
    if (const auto* const number = std::get_if<std::uint64_t>(&value)) {
      add_number(line, *number);
    } else {
      must_be(!std::get<std::string>(value).empty(), "empty value");
      add_text(line, std::get<std::string>(value), word_letters, most_word);
    }
  }
  line += '}';
}

void add_process(std::string& line, const Process& process) {
  line += "\"pid\":";
  add_number(line, process.pid);
  line += ",\"space\":";
  add_number(line, process.space);
  line += ",\"start\":";
  add_number(line, process.start);
  line += '}';
}

void add_open(std::string& line, const OpenOperation& open) {
  line += "{\"boot\":";
  add_text(line, open.process.boot, name_letters, most_name);
  line += ",\"oid\":\"";
  line += hexadecimal(open.id);
  line += "\",\"op\":\"";
  must_be(is_name(open.operation), "name of an operation");
  line += open.operation;
  line += "\",";
  add_process(line, open.process);
}

// ---- reading

/// 16 for what is no digit.
constexpr std::array<unsigned char, 256> digit_values = [] {
  std::array<unsigned char, 256> values{};
  values.fill(16);
  for (unsigned i = 0; i < 16; ++i) {
    values[static_cast<unsigned char>("0123456789abcdef"[i])] = static_cast<unsigned char>(i);
  }
  return values;
}();

/// Takes a line apart from left to right. A call that fails returns false, and then all is lost.
class Scanner {
 public:
  explicit Scanner(std::string_view line) : rest_(line) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) {
      return false;
    }
    rest_.remove_prefix(expected.size());
    return true;
  }

  bool number(std::uint64_t& into) {
    constexpr std::size_t most_digits = 16;
    std::uint64_t value = 0;
    std::size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9' &&
           count <= most_digits) {
      value = value * 10 + static_cast<std::uint64_t>(rest_[count] - '0');
      ++count;
    }
    if (count == 0 || count > most_digits || (count > 1 && rest_.front() == '0') ||
        value > most_number) {
      return false;
    }
    into = value;
    rest_.remove_prefix(count);
    return true;
  }

  /// The quotes are part of it.
  bool text(std::string& into, const Letters& letters_of, std::size_t most) {
    if (!literal("\"")) {
      return false;
    }
    std::size_t size = 0;
    while (size < rest_.size() && letters_of[static_cast<unsigned char>(rest_[size])]) {
      ++size;
    }
    if (size > most || size == rest_.size() || rest_[size] != '"') {
      return false;
    }
    into.assign(rest_.substr(0, size));
    rest_.remove_prefix(size + 1);
    return true;
  }

  /// Not empty.
  bool name(std::string& into) { return text(into, name_letters, most_name) && !into.empty(); }
  bool word(std::string& into) { return text(into, word_letters, most_word) && !into.empty(); }

  bool digits(MutBytes into) {
    if (rest_.size() < 2 * into.size()) {
      return false;
    }
    unsigned wrong = 0;
    for (std::size_t i = 0; i < into.size(); ++i) {
      const unsigned high = digit_values[static_cast<unsigned char>(rest_[2 * i])];
      const unsigned low = digit_values[static_cast<unsigned char>(rest_[2 * i + 1])];
      wrong |= (high | low) & 16U;
      into[i] = static_cast<std::byte>((high << 4U | low) & 0xffU);
    }
    rest_.remove_prefix(2 * into.size());
    return wrong == 0;
  }

  bool values(Values& into) {
    std::size_t count = 0;
    if (!literal("{")) {
      return false;
    }
    while (!literal("}")) {
      if (count == most_values || (count != 0 && !literal(","))) {
        return false;
      }
      if (into.size() == count) {
        into.emplace_back();
      }
      auto& [name_of_it, value] = into[count];
      if (!name(name_of_it) || !literal(":") ||
          (count != 0 && !(into[count - 1].first < name_of_it))) {
        return false;
      }
      if (rest_.starts_with('"')) {
        auto* text_of_it = std::get_if<std::string>(&value);
        if (text_of_it == nullptr) {
          text_of_it = &value.emplace<std::string>();
        }
        if (!word(*text_of_it)) {
          return false;
        }
      } else if (!number(value.emplace<std::uint64_t>())) {
        return false;
      }
      ++count;
    }
    into.resize(count);
    return true;
  }

  bool process(Process& into) {
    return literal("\"pid\":") && number(into.pid) && literal(",\"space\":") &&
           number(into.space) && literal(",\"start\":") && number(into.start) && literal("}");
  }

  bool open(std::vector<OpenOperation>& into) {
    into.clear();
    while (!literal("]")) {
      if (into.size() == most_open || (!into.empty() && !literal(","))) {
        return false;
      }
      OpenOperation& each = into.emplace_back();
      if (!literal("{\"boot\":") || !text(each.process.boot, name_letters, most_name) ||
          !literal(",\"oid\":\"") || !digits(each.id) || !literal("\",\"op\":") ||
          !name(each.operation) || !literal(",") || !process(each.process)) {
        return false;
      }
    }
    return true;
  }

  bool login(std::optional<std::uint64_t>& into) {
    into.reset();
    return literal("null") || number(into.emplace());
  }

  bool phase(Phase& into) {
    for (const auto& [value, name_of_it] : phase_names) {
      if (literal(name_of_it)) {
        into = value;
        return true;
      }
    }
    return false;
  }

  bool result(std::optional<Result>& into) {
    if (literal("null")) {
      into.reset();
      return true;
    }
    if (!into) {
      into.emplace();
    }
    return literal("{\"code\":") && name(into->code) && literal(",\"exit\":") &&
           number(into->exit) && literal("}");
  }

  /// "2026-11-27T10:44:15.123Z", without quotes, of a day that is in the calendar.
  bool time(Milliseconds& into) {
    using std::chrono::day;
    using std::chrono::month;
    using std::chrono::year;
    unsigned y = 0;
    unsigned mo = 0;
    unsigned d = 0;
    unsigned h = 0;
    unsigned mi = 0;
    unsigned s = 0;
    unsigned ms = 0;
    if (!(fixed(4, y) && literal("-") && fixed(2, mo) && literal("-") && fixed(2, d) &&
          literal("T") && fixed(2, h) && literal(":") && fixed(2, mi) && literal(":") &&
          fixed(2, s) && literal(".") && fixed(3, ms) && literal("Z"))) {
      return false;
    }
    const std::chrono::year_month_day date{year{static_cast<int>(y)}, month{mo}, day{d}};
    if (!date.ok() || y < 1970 || h > 23 || mi > 59 || s > 59) {
      return false;
    }
    into = Milliseconds{std::chrono::sys_days{date}} + std::chrono::hours{h} +
           std::chrono::minutes{mi} + std::chrono::seconds{s} + std::chrono::milliseconds{ms};
    return true;
  }

 private:
  bool fixed(std::size_t count, unsigned& into) {
    if (rest_.size() < count) {
      return false;
    }
    into = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const unsigned digit = digit_values[static_cast<unsigned char>(rest_[i])];
      if (digit > 9) {
        return false;
      }
      into = into * 10 + digit;
    }
    rest_.remove_prefix(count);
    return true;
  }

  std::string_view rest_;
};

/// What the parts of a record have to be together.
bool fits_together(const Record& record) {
  return record.result.has_value() == (record.phase == Phase::outcome) &&
         (record.seq != 0 || record.previous == Hash{});
}

}  // namespace

std::string to_text(Milliseconds at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  must_be(at.time_since_epoch().count() >= 0, "time");
  std::string text = to_rfc3339(seconds);
  text.pop_back();
  return fmt::format("{}.{:03}Z", text, (at - seconds).count());
}

std::string_view name_of(Phase phase) {
  return std::ranges::find(phase_names, phase, [](const auto& each) { return each.first; })->second;
}

bool is_word(std::string_view text) {
  return !text.empty() && consists_of(text, word_letters, most_word);
}

bool is_name(std::string_view text) {
  return !text.empty() && consists_of(text, name_letters, most_name);
}

std::string escaped(std::string_view text) {
  std::string made;
  for (const char c : text) {
    const std::string each = word_letters[static_cast<unsigned char>(c)] && c != '%'
                                 ? std::string{c}
                                 : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    if (made.size() + each.size() >= most_word) {
      return made + '%';
    }
    made += each;
  }
  return made.empty() ? "%" : made;
}

std::string to_text(const Record& record) {
  must_be(fits_together(record), "result or beginning");
  std::string line;
  line.reserve(1024);
  line += "{\"actor\":{\"claims\":";
  add_values(line, record.actor.claims);
  line += ",\"loginuid\":";
  if (record.actor.login) {
    add_number(line, *record.actor.login);
  } else {
    line += "null";
  }
  line += ",\"ssh_key\":";
  add_text(line, record.actor.ssh_key, key_letters, most_word);
  line += ",\"uid\":";
  add_number(line, record.actor.uid);
  line += "},\"args\":";
  add_values(line, record.args);
  line += ",\"boot_us\":";
  add_number(line, record.boot_us);
  line += ",\"host\":";
  must_be(is_word(record.host), "name of a host");
  add_text(line, record.host, word_letters, most_word);
  line += ",\"oid\":\"";
  line += hexadecimal(record.id);
  line += "\",\"op\":\"";
  must_be(is_name(record.operation), "name of an operation");
  line += record.operation;
  line += "\",\"open\":[";
  must_be(record.open.size() <= most_open, "number of open operations");
  for (std::size_t i = 0; i < record.open.size(); ++i) {
    line += i == 0 ? "" : ",";
    add_open(line, record.open[i]);
  }
  line += "],\"phase\":\"";
  line += name_of(record.phase);
  line += "\",\"prev\":\"";
  line += hexadecimal(record.previous);
  line += "\",\"process\":{\"boot\":";
  add_text(line, record.process.boot, name_letters, most_name);
  line += ',';
  add_process(line, record.process);
  line += ",\"result\":";
  if (record.result) {
    must_be(is_name(record.result->code), "code of a result");
    line += fmt::format("{{\"code\":\"{}\",\"exit\":", record.result->code);
    add_number(line, record.result->exit);
    line += '}';
  } else {
    line += "null";
  }
  line += ",\"seq\":";
  add_number(line, record.seq);
  line += ",\"tenant\":";
  add_text(line, record.tenant, word_letters, most_word);
  line += ",\"ts\":\"";
  line += to_text(record.at);
  line += "\",\"v\":1}";
  must_be(line.size() < most_line_bytes, "length");
  return line;
}

bool parse_record(std::string_view line, Record& into) {
  Scanner scan{line};
  return line.size() < most_line_bytes && scan.literal("{\"actor\":{\"claims\":") &&
         scan.values(into.actor.claims) && scan.literal(",\"loginuid\":") &&
         scan.login(into.actor.login) && scan.literal(",\"ssh_key\":") &&
         scan.text(into.actor.ssh_key, key_letters, most_word) && scan.literal(",\"uid\":") &&
         scan.number(into.actor.uid) && scan.literal("},\"args\":") && scan.values(into.args) &&
         scan.literal(",\"boot_us\":") && scan.number(into.boot_us) && scan.literal(",\"host\":") &&
         scan.word(into.host) && scan.literal(",\"oid\":\"") && scan.digits(into.id) &&
         scan.literal("\",\"op\":") && scan.name(into.operation) && scan.literal(",\"open\":[") &&
         scan.open(into.open) && scan.literal(",\"phase\":\"") && scan.phase(into.phase) &&
         scan.literal("\",\"prev\":\"") && scan.digits(into.previous) &&
         scan.literal("\",\"process\":{\"boot\":") &&
         scan.text(into.process.boot, name_letters, most_name) && scan.literal(",") &&
         scan.process(into.process) && scan.literal(",\"result\":") && scan.result(into.result) &&
         scan.literal(",\"seq\":") && scan.number(into.seq) && scan.literal(",\"tenant\":") &&
         scan.text(into.tenant, word_letters, most_word) && scan.literal(",\"ts\":\"") &&
         scan.time(into.at) && scan.literal("\",\"v\":1}") && scan.at_end() && fits_together(into);
}

std::vector<OpenOperation> open_after(const Record& record) {
  std::vector<OpenOperation> open = record.open;
  if (record.phase == Phase::intent) {
    open.push_back({.id = record.id, .operation = record.operation, .process = record.process});
  }
  return open;
}

}  // namespace trackier::audit
