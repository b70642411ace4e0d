// Records from text: one pass, and nothing allocated where an object is used again.
#include <array>
#include <chrono>

#include "audit/record.hpp"
#include "audit/record_letters.hpp"

namespace trackier::audit {
namespace {

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

}  // namespace

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

}  // namespace trackier::audit
