#include "report/html.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit/merkle.hpp"
#include "audit/record.hpp"
#include "core/hexadecimal.hpp"
#include "report/charts.hpp"
#include "report/controls.hpp"
#include "report/html_style.hpp"
#include "report/html_text.hpp"
#include "report/judge.hpp"

namespace trackier::report {
namespace {

constexpr std::string_view begin_mark = "<!DOCTYPE html>\n";
constexpr std::string_view data_begin = "<pre id=\"report-data\">";
constexpr std::string_view data_end = "</pre>";

std::string people(Time time) {
  return time_for_people(to_rfc3339(time));
}

std::string badge(Status status) {
  const std::string_view word = check::to_text(status);
  return fmt::format("<span class=\"status {}\">{}</span>", word, word_for_people(word));
}

class Page {
 public:
  explicit Page(const Sealed& sealed) : sealed_(sealed), report_(sealed.report) {}

  std::string all() {
    head();
    summary();
    for (const Measure& each : measures()) {
      measure(each);
    }
    records();
    proof();
    add("</main>\n</body>\n</html>\n");
    return std::move(page_);
  }

 private:
  void add(std::string_view text) { page_ += text; }

  /// values: escaped already, or numbers.
  template <typename... Values>
  void add(fmt::format_string<Values...> text, Values&&... values) {
    fmt::format_to(std::back_inserter(page_), text, std::forward<Values>(values)...);
  }

  void head() {
    const std::string origin = escaped(report_.origin);
    add(begin_mark);
    add("<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    add("<title>Evidence of {}, {} to {}</title>\n<style>", origin,
        to_rfc3339(report_.from).substr(0, date), to_rfc3339(report_.to).substr(0, date));
    add(style);
    add("</style>\n</head>\n<body>\n<header>\n<h1>Evidence of {}</h1>\n", origin);
    add("<p class=\"sub\">From {} to {}. Made by {}.</p>\n</header>\n<main>\n",
        people(report_.from), people(report_.to), escaped(report_.tool));
  }

  void summary() {
    const Counts counts = counts_of(report_.items);
    add("<p><strong>{} passed.</strong> All items: {}. Each is held against ISO/IEC 27001:2013, "
        "Annex A, the edition of 2022, and BS 10012:2017.</p>\n",
        score_text(counts), word_for_people(to_text(counts)));
    add("<table>\n<caption>Promises of the public page, and how many items of each "
        "hold</caption>\n<thead><tr><th scope=\"col\">Promise</th>");
    for (int i = check::status_count; i > 0; --i) {
      add("<th scope=\"col\" class=\"number\">{}</th>",
          word_for_people(check::to_text(static_cast<Status>(i - 1))));
    }
    add("</tr></thead>\n<tbody>\n");
    for (const Measure& each : measures()) {
      row(fmt::format("<a href=\"#{}\">{}</a>", each.id, each.title), counts_of(items_of(each)),
          "");
    }
    row("All", counts, " class=\"total\"");
    add("</tbody>\n</table>\n<h2>What this report is</h2>\n");
    for (const std::string_view each : remarks()) {
      add("<p>{}</p>\n", escaped(each));
    }
  }

  void row(const std::string& title, const Counts& counts, std::string_view attributes) {
    add("<tr{}><th scope=\"row\">{}</th>", attributes, title);
    for (int i = check::status_count; i > 0; --i) {
      add("<td class=\"number\">{}</td>", counts[static_cast<Status>(i - 1)]);
    }
    add("</tr>\n");
  }

  [[nodiscard]] std::vector<Item> items_of(const Measure& measure) const {
    std::vector<Item> items;
    std::ranges::copy_if(report_.items, std::back_inserter(items),
                         [&](const Item& each) { return spec_of(each.id).measure == measure.id; });
    return items;
  }

  void measure(const Measure& measure) {
    add("<h2 id=\"{}\">{}</h2>\n<p class=\"promise\">{}</p>\n", measure.id, escaped(measure.title),
        escaped(measure.promise));
    for (const Item& each : items_of(measure)) {
      item(each);
    }
  }

  void item(const Item& item) {
    ++number_;
    const ItemSpec& spec = spec_of(item.id);
    add("<section class=\"item{}\">\n<div class=\"lead\">\n<div "
        "class=\"head\"><h3>{}{}</h3>{}</div>\n",
        item.kind == Kind::slots ? "" : " whole", escaped(spec.title),
        item.subject.empty() ? "" : ": " + escaped(item.subject), badge(item.status));
    add("<p>{}.</p>\n", escaped(item.statement));
    add(chart_of(item, number_));
    add("</div>\n");
    lines(item);
    meta(item, spec);
    add("</section>\n");
  }

  void meta(const Item& item, const ItemSpec& spec) {
    add("<p class=\"meta\">{}", escaped(item.id));
    if (item.collected) {
      add("; collected {}", people(*item.collected));
    }
    if (item.expires) {
      add("; expires {}", people(*item.expires));
    }
    add(".<br>ISO 27001:2013 (2022):");
    bool is_first = true;
    for (const std::string_view id : spec.controls) {
      if (!id.empty()) {
        const Control& control = control_of(id);
        add("{} {} ({}{}) {}", is_first ? "" : ";", control.iso2013, control.iso2022,
            control.is_ours ? ", our reading" : "", escaped(control.words));
        is_first = false;
      }
    }
    is_first = true;
    for (const std::string_view id : spec.clauses) {
      if (!id.empty()) {
        const Clause& clause = clause_of(id);
        add("{} {} {}{}", is_first ? ".<br>BS 10012:2017:" : ";", clause.id, escaped(clause.words),
            clause.is_confirmed ? "" : " (to be confirmed)");
        is_first = false;
      }
    }
    add(".</p>\n");
  }

  void lines(const Item& item) {
    if (item.lines.empty()) {
      return;
    }
    std::vector<const Line*> exceptions;
    std::vector<const Line*> all;
    for (const Line& each : item.lines) {
      all.push_back(&each);
      if (is_exception(item.kind, each)) {
        exceptions.push_back(&each);
      }
    }
    constexpr std::size_t few = 12;
    if (all.size() <= few) {
      table(item, all, all.size() == 1 ? "The one line" : fmt::format("All {} lines", all.size()));
      return;
    }
    if (!exceptions.empty()) {
      table(item, exceptions,
            fmt::format("{} of {} lines stand out", exceptions.size(), all.size()));
    }
    if (item.kind == Kind::slots) {
      days(item);
    }
    add("<details>\n<summary>All {} lines</summary>\n", all.size());
    table(item, all, fmt::format("All {} lines", all.size()));
    add("</details>\n<p class=\"meta printed\">All {} lines are in the file.</p>\n", all.size());
  }

  /// A row for each day, so that the whole period is on paper as well.
  void days(const Item& item) {
    add("<table>\n<caption>Slots of each "
        "day</caption>\n<thead><tr><th scope=\"col\">Day</th>");
    constexpr std::array<std::string_view, 5> states{"taken", "late", "damaged", "unrecorded",
                                                     "missing"};
    for (const std::string_view each : states) {
      add("<th scope=\"col\" class=\"number\">{}</th>", each);
    }
    add("<th scope=\"col\">Records</th></tr></thead>\n<tbody>\n");
    for (auto first = item.lines.begin(); first != item.lines.end();) {
      const std::string day = first->subject.substr(0, date);
      const auto end = std::find_if_not(
          first, item.lines.end(), [&](const Line& each) { return each.subject.starts_with(day); });
      add("<tr><th scope=\"row\">{}</th>", escaped(day));
      for (const std::string_view each : states) {
        add("<td class=\"number\">{}</td>",
            std::count_if(first, end, [&](const Line& line) { return line.state == each; }));
      }
      add("<td>{}</td></tr>\n", numbers(first, end));
      first = end;
    }
    add("</tbody>\n</table>\n");
  }

  template <typename Iterator>
  static std::string numbers(Iterator first, Iterator end) {
    std::optional<std::uint64_t> least;
    std::optional<std::uint64_t> most;
    for (; first != end; ++first) {
      if (first->record) {
        least = std::min(least.value_or(*first->record), *first->record);
        most = std::max(most.value_or(0), *first->record);
      }
    }
    return !least          ? "none"
           : least == most ? fmt::format("{}", *least)
                           : fmt::format("within {} to {}", *least, *most);
  }

  /// Those that no line has anything in are left out.
  struct Columns {
    bool when = false;
    bool value = false;
    bool digest = false;
  };

  void table(const Item& item, const std::vector<const Line*>& lines, const std::string& caption) {
    const auto any = [&lines](auto has) {
      return std::ranges::any_of(lines, [&has](const Line* each) { return has(*each); });
    };
    const Columns columns{.when = any([](const Line& each) { return each.at || each.due; }),
                          .value = item.kind == Kind::ages || item.kind == Kind::drills,
                          .digest = any([](const Line& each) { return !each.digest.empty(); })};
    add("<table>\n<caption>{}</caption>\n<thead><tr><th scope=\"col\">What</th><th "
        "scope=\"col\">State</th>",
        caption);
    add(columns.when ? "<th scope=\"col\">When</th>" : "");
    if (columns.value) {
      add("<th scope=\"col\" class=\"number\">{}</th>", item.kind == Kind::ages ? "Days" : "ms");
    }
    add(columns.digest ? "<th scope=\"col\">Digest</th>" : "");
    add("<th scope=\"col\" class=\"number\">Record</th></tr></thead>\n<tbody>\n");
    for (const Line* each : lines) {
      line(*each, columns);
    }
    add("</tbody>\n</table>\n");
  }

  void line(const Line& line, const Columns& columns) {
    constexpr std::size_t shown = 12;  // letters of a digest; all of it is in the data
    const bool is_time = parse_rfc3339(line.subject).has_value();
    add("<tr><th scope=\"row\"{}>{}</th><td>{}{}</td>", is_time ? " class=\"short\"" : "",
        escaped(time_for_people(line.subject)), escaped(word_for_people(line.state)),
        line.remark.empty() ? "" : "; " + escaped(line.remark));
    if (columns.when) {
      add("<td class=\"when\">{}{}</td>", line.at ? people(*line.at) : "",
          line.due ? (line.at ? ", due " : "due ") + people(*line.due) : "");
    }
    if (columns.value) {
      add("<td class=\"number\">{}</td>", line.value ? fmt::format("{}", *line.value) : "");
    }
    if (columns.digest) {
      add("<td class=\"short\"><code>{}</code></td>", escaped(line.digest.substr(0, shown)));
    }
    add("<td class=\"number\">{}</td></tr>\n",
        line.record ? fmt::format("{}", *line.record) : "none");
  }

  void records() {
    add("<h2 id=\"records\">Records of the audit log</h2>\n<p>{} records are named above. Each is "
        "in this file as it stands in the log, with the proof that it is there.</p>\n",
        report_.records.size());
    if (report_.records.empty()) {
      return;
    }
    add("<details>\n<summary>All {} records</summary>\n<table>\n<caption>Records and their hashes "
        "as leaves of the log</caption>\n<thead><tr><th scope=\"col\" class=\"number\">Number</th>"
        "<th scope=\"col\">When</th><th scope=\"col\">What</th><th scope=\"col\">Hash</th>"
        "</tr></thead>\n<tbody>\n",
        report_.records.size());
    for (const CitedRecord& each : report_.records) {
      audit::Record record;
      const bool is_record = audit::parse_record(each.text, record);
      add("<tr><th scope=\"row\" class=\"number\">{}</th><td "
          "class=\"when\">{}</td><td>{}</td><td class=\"hash\"><code>{}"
          "</code></td></tr>\n",
          each.number, is_record ? audit::to_text(record.at) : "",
          is_record ? escaped(record.operation) : "no record",
          hexadecimal(audit::leaf_hash(as_bytes(each.text))));
    }
    add("</tbody>\n</table>\n</details>\n");
  }

  void proof() {
    add("<h2 id=\"proof\">Proof</h2>\n<p>To check all of this without the log or a network: "
        "<code>trackier-ctl report verify --key '{}' FILE</code>. The key has to come from "
        "elsewhere than this file.</p>\n",
        escaped(report_.log.key));
    note("Seal: the hash of the report, signed", sealed_.seal);
    note("Checkpoint: all records up to the end of the period, signed", report_.log.checkpoint);
    if (report_.log.anchor) {
      note("Checkpoint that witnesses have signed", report_.log.anchor->note);
    }
    add("<details>\n<summary>The report as data</summary>\n");
    add(data_begin);
    add(escaped_data(json_document(sealed_)));
    add(data_end);
    add("\n</details>\n");
  }

  void note(std::string_view title, const std::string& text) {
    add("<h3>{}</h3>\n<pre>{}</pre>\n", title, escaped(text));
  }

  static constexpr std::size_t date = 10;  ///< letters of "2026-11-26"

  const Sealed& sealed_;
  const Report& report_;
  std::string page_;
  std::size_t number_ = 0;
};

}  // namespace

std::string html_document(const Sealed& sealed) {
  return Page{sealed}.all();
}

std::optional<std::string> document_in_html(std::string_view file) {
  const std::size_t begin = file.find(data_begin);
  if (!file.starts_with(begin_mark) || begin == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view data = file.substr(begin + data_begin.size());
  return unescaped_data(data.substr(0, data.find(data_end)));
}

}  // namespace trackier::report
