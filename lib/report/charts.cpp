#include "report/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "report/controls.hpp"
#include "report/html_text.hpp"
#include "report/judge.hpp"

namespace trackier::report {
namespace {

constexpr int width = 680;  // of A4 between its margins, in CSS pixels
constexpr int text_height = 14;

/// role and ids so that screen readers read title and description, and no letter in between.
std::string framed(const Item& item, std::size_t number, int height, const std::string& described,
                   const std::string& drawn) {
  const std::string of = item.subject.empty() ? "" : ": " + item.subject;
  return fmt::format(
      "<svg role=\"img\" aria-labelledby=\"chart{0}-title chart{0}-desc\" viewBox=\"0 0 {1} {2}\" "
      "width=\"{1}\" height=\"{2}\">\n<title id=\"chart{0}-title\">{3}</title>\n"
      "<desc id=\"chart{0}-desc\">{4}</desc>\n{5}</svg>\n",
      number, width, height, escaped(std::string{spec_of(item.id).title} + of), escaped(described),
      drawn);
}

std::string text_at(int x, int y, std::string_view text, std::string_view anchor = "start") {
  return fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                     escaped(text));
}

/// How a slot of some state is drawn: an area, and a mark on it.
struct Look {
  std::string_view state;
  std::string_view style;  ///< class of the area
  std::string_view mark;   ///< path from the upper left corner of a cell of 12 by 12; empty: none
};

constexpr std::array<Look, 5> looks{{
    {"taken", "taken", ""},
    {"late", "late", "m1 11l10 -10"},
    {"damaged", "damaged", "m1 1l10 10"},
    {"unrecorded", "unrecorded", "m6 2v5m0 2v1"},
    {"missing", "missing", "m2 2l8 8m0 -8l-8 8"},
}};

constexpr int cell_height = 12;
constexpr int row_height = 14;
constexpr int label_width = 76;

class Timeline {
 public:
  Timeline(const Item& item, std::size_t number)
      : item_(item),
        number_(number),
        every_(item.every.value_or(std::chrono::hours{1})),
        is_by_day_(every_ < day),
        columns_(is_by_day_ ? static_cast<int>(day / every_) : week_days),
        cell_width_((width - label_width) / columns_) {}

  [[nodiscard]] std::string drawn() {
    std::string rows;
    for (std::size_t i = 0; i < item_.lines.size(); ++i) {
      place(item_.lines[i], i, rows);
    }
    std::string all = axis() + rows;
    for (const Look& look : looks) {
      const std::string& areas = areas_[look.state];
      if (!areas.empty()) {
        all += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", look.style, areas);
      }
      const std::string& marks = marks_[look.state];
      if (!marks.empty()) {
        all += fmt::format("<path class=\"mark\" d=\"{}\"/>\n", marks);
      }
    }
    const int bottom = top + (row_ + 1) * row_height;
    all += legend(bottom + text_height);
    return framed(item_, number_, bottom + 2 * text_height,
                  "Each slot from left to right, a row for each " +
                      std::string{is_by_day_ ? "day" : "seven slots"} + ". " + item_.statement +
                      ". The exceptions are in the table.",
                  all);
  }

 private:
  static constexpr int week_days = 7;
  static constexpr std::chrono::seconds day = std::chrono::days{1};
  static constexpr int top = 18;

  /// Hours above the columns, where a row is a day.
  [[nodiscard]] std::string axis() const {
    std::string text;
    constexpr int hours = 24;
    constexpr int step = 3;
    for (int hour = 0; is_by_day_ && hour < hours; hour += step) {
      text += text_at(label_width + cell_width_ * columns_ * hour / hours, top - 6,
                      fmt::format("{:02}:00", hour));
    }
    return text;
  }

  void place(const Line& line, std::size_t index, std::string& rows) {
    const auto slot = parse_rfc3339(line.subject).value_or(Time{});
    const Time midnight = std::chrono::floor<std::chrono::days>(slot);
    if (!first_day_) {
      first_day_ = midnight;
    }
    const int row = is_by_day_ ? static_cast<int>((midnight - *first_day_) / day)
                               : static_cast<int>(index) / week_days;
    const int column = is_by_day_ ? static_cast<int>((slot - midnight) / every_)
                                  : static_cast<int>(index) % week_days;
    if (row != row_) {
      row_ = row;
      rows += text_at(0, top + row * row_height + cell_height - 1, line.subject.substr(0, date));
    }
    const auto look = std::ranges::find(looks, line.state, &Look::state);
    if (look == looks.end()) {
      return;
    }
    const int x = label_width + column * cell_width_;
    const int y = top + row * row_height;
    areas_[look->state] +=
        fmt::format("M{} {}h{}v{}h-{}z", x, y, cell_width_ - 1, cell_height, cell_width_ - 1);
    if (!look->mark.empty()) {
      marks_[look->state] += fmt::format("M{} {}{}", x, y, look->mark);
    }
  }

  [[nodiscard]] std::string legend(int y) const {
    std::string text;
    int x = label_width;
    constexpr int letter = 8;
    for (const Look& look : looks) {
      const auto count = std::ranges::count(item_.lines, look.state, &Line::state);
      const std::string words = fmt::format("{} {}", count, look.state);
      text += fmt::format("<path class=\"{}\" d=\"M{} {}h16v12h-16z\"/>\n", look.style, x, y - 10);
      if (!look.mark.empty()) {
        text += fmt::format("<path class=\"mark\" d=\"M{} {}{}\"/>\n", x + 2, y - 10, look.mark);
      }
      text += text_at(x + 20, y, words);
      x += 34 + letter * static_cast<int>(words.size());
    }
    return text;
  }

  static constexpr std::size_t date = 10;

  const Item& item_;
  std::size_t number_;
  std::chrono::seconds every_;
  bool is_by_day_;
  int columns_;
  int cell_width_;
  int row_ = -1;
  std::optional<Time> first_day_;
  std::map<std::string_view, std::string> areas_;
  std::map<std::string_view, std::string> marks_;
};

/// No character of UTF-8 is cut in two.
std::string shortened(const std::string& text) {
  constexpr std::size_t most = 90;
  if (text.size() <= most) {
    return text;
  }
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end) + "...";
}

/// Restores follow each other, so the day comes first.
std::string label_of(const Item& item, const Line& line) {
  constexpr std::size_t date = 10;
  return item.kind == Kind::drills && line.at
             ? to_rfc3339(*line.at).substr(0, date) + ", " + line.subject
             : line.subject;
}

/// A bar for each line, its label above it, and a dashed line at the most it may be.
std::string bars(const Item& item, std::size_t number, std::string_view unit,
                 std::uint64_t divisor) {
  constexpr int bar_height = 12;
  constexpr int step = 32;
  constexpr int value_width = 130;
  constexpr int most_width = width - value_width;
  std::uint64_t largest = item.most && item.kind == Kind::ages ? *item.most : 0;
  for (const Line& each : item.lines) {
    largest = std::max(largest, each.value.value_or(0));
  }
  largest = std::max<std::uint64_t>(largest, 1);
  const auto scaled = [&](std::uint64_t value) {
    return static_cast<int>(static_cast<double>(value) / static_cast<double>(largest) * most_width);
  };
  std::string drawn;
  int y = 0;
  for (const Line& each : item.lines) {
    const bool is_bad = is_exception(item.kind, each);
    drawn += text_at(0, y + text_height - 2, shortened(label_of(item, each)));
    const int long_as = std::max(scaled(each.value.value_or(0)), 1);
    drawn +=
        fmt::format("<path class=\"{}\" d=\"M0 {}h{}v{}h-{}z\"/>\n", is_bad ? "missing" : "taken",
                    y + text_height + 1, long_as, bar_height, long_as);
    const std::uint64_t tenths = each.value.value_or(0) * 10 / divisor;
    const std::string value = divisor == 1 ? fmt::format("{}", each.value.value_or(0))
                                           : fmt::format("{}.{}", tenths / 10, tenths % 10);
    drawn += text_at(long_as + 6, y + text_height + bar_height - 1,
                     fmt::format("{} {}, {}", each.value ? value : "no time", unit, each.state));
    y += step;
  }
  if (item.kind == Kind::ages && item.most) {
    drawn += fmt::format("<path class=\"limit\" d=\"M{} 0v{}\"/>\n", scaled(*item.most), y);
    drawn += text_at(scaled(*item.most) - 4, y + text_height - 2,
                     fmt::format("{} {} at most", *item.most, unit), "end");
    y += text_height;
  }
  return framed(item, number, y + 4, item.statement + ". The numbers are in the table.", drawn);
}

}  // namespace

std::string chart_of(const Item& item, std::size_t number) {
  if (item.lines.empty()) {
    return {};
  }
  constexpr std::uint64_t ms_per_second = 1000;
  switch (item.kind) {
    case Kind::slots:
      return Timeline{item, number}.drawn();
    case Kind::ages:
      return bars(item, number, "days", 1);
    case Kind::drills:
      return bars(item, number, "s", ms_per_second);
    default:
      return {};
  }
}

}  // namespace trackier::report
