#pragma once
/// The duties that a breach can bring, as data: one row of regimes.json each. A new country is a
/// row, and no code. trackier-regimes(5) describes the file.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::law {

enum class Unit : std::uint8_t { hours, calendar_days, business_days, months };

struct Period {
  int n = 0;
  Unit unit = Unit::hours;
};

struct Duty {
  std::string id;  ///< "gdpr.art33-1"
  std::string law;
  std::string text_date;  ///< of the text that was read
  std::string role;       ///< "processor", "controller", "any", or that of somebody else
  std::string recipient;
  std::string trigger;
  std::string anchor;            ///< what starts the clock: "detected", "sent:OTHER.DUTY"
  std::optional<Period> period;  ///< none: without undue delay
  /// Another end, from another event; the earlier one counts.
  std::optional<std::pair<std::string, Period>> cap;
  std::string zone;               ///< in which days are counted
  bool ends_with_day = false;     ///< the last day counts whole
  bool is_default = false;        ///< shown without being asked for
  bool is_unconditional = false;  ///< no threshold: owed without anybody's decision
  std::string confidence;         ///< in the row: "H", "M", "L"
  std::string source;
  std::string text;       ///< model text; empty: none
  std::string late_rule;  ///< empty: none
  std::string phased;     ///< empty: the law knows no phases
  std::string record;     ///< what has to be kept, and how long
  std::string note;
  /// Group of countries, each of which has an authority of its own to be told; empty: there is one
  /// recipient.
  std::string authorities;
  std::optional<int> soft_target_hours;  ///< advice where the law has no number
  bool has_outer_limit = false;          ///< Regulation 1182/71, for information
  std::optional<std::chrono::year_month_day> in_force_from;   ///< the first day
  std::optional<std::chrono::year_month_day> in_force_until;  ///< the last day
};

/// Days on which nobody works, by zone and year. A year that is not there is not known.
class Holidays {
 public:
  using Days = std::map<std::chrono::year_month_day, std::string>;

  /// text: holidays.json. Throws Error{Code::config}.
  static Holidays parse(std::string_view text, const std::string& file);

  /// What the day is called; none: it is a day like any other. Throws Error{Code::config} for a
  /// year that the table does not have.
  [[nodiscard]] std::optional<std::string> on(const std::string& zone,
                                              std::chrono::year_month_day day) const;

 private:
  std::map<std::pair<std::string, int>, Days> years_;
  std::string file_;
};

struct Authority {
  std::string country;  ///< "Austria"
  std::string name;
  std::vector<std::string> also;  ///< what else logs call the country: "AUT", "Österreich"
};

/// By ISO 3166-1 code: "AT".
using Authorities = std::map<std::string, Authority>;

struct Law {
  std::string snapshot;  ///< the day the texts were read: "2026-11-23"
  std::string disclaimer;
  std::vector<Duty> duties;
  std::map<std::string, std::string> anchors;      ///< what each means
  std::map<std::string, Authorities> authorities;  ///< by group: "EEA"
  Holidays holidays;

  /// The duty as it stood on that day; null: there is none of this name, or it was not in force.
  [[nodiscard]] const Duty* find(std::string_view id, std::chrono::year_month_day day) const;
  /// All that are in force on that day, in the order of the file.
  [[nodiscard]] std::vector<const Duty*> in_force(std::chrono::year_month_day day) const;
  /// Throws Error{Code::usage} with a suggestion for an id that no duty has.
  void expect(const std::string& id) const;
  /// Of the countries where people are whom the duty may be about; null: it has one recipient.
  [[nodiscard]] const Authorities* authorities_for(const Duty& duty) const;
};

/// What the program carries.
Law shipped_law();

struct NamedText {
  std::string text;
  std::string name;  ///< what errors call it, printable
};

/// regimes, holidays: what is in such files. Throws Error{Code::config} naming file, duty and
/// member for what is missing, unknown or makes no sense, and for rows of one id that are in force
/// at the same time.
Law parse_law(const NamedText& regimes, const NamedText& holidays);

}  // namespace trackier::law
