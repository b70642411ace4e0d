#pragma once
/// What an incident obliges to, and how far each duty has come.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "incident/incident.hpp"
#include "law/deadline.hpp"
#include "law/duty.hpp"

namespace trackier::incident {

enum class Progress : std::uint8_t {
  undecided,  ///< a person has to decide whether to notify
  due,        ///< nothing has been drafted for everybody it is owed to
  drafted,    ///< a draft for each, not all of them approved
  approved,   ///< all approved, not all sent
  sent,       ///< all sent
  not_due,    ///< somebody has decided so
};
std::string_view to_text(Progress progress);

struct DutyState {
  const law::Duty* duty = nullptr;
  Progress progress = Progress::undecided;
  law::Deadline deadline;
  std::optional<law::Deadline> earlier;  ///< by an anchor that was moved later since
  std::vector<Recipient> recipients;     ///< customers, or authorities by country; empty: none are
                                         ///< known, or there is but one
  std::size_t sent = 0;                  ///< of the recipients; of other duties 0 or 1
  bool waits_for_scope = false;          ///< owed to customers, and nothing has been counted
  bool has_promised_update = false;      ///< the last notice says that another will follow
  std::optional<Time> sent_at;           ///< the last of the sendings that were needed

  [[nodiscard]] bool is_open() const {
    return progress != Progress::sent && progress != Progress::not_due;
  }
  /// The moment that counts, of both.
  [[nodiscard]] std::optional<Time> due_at() const;
  /// Sent after it was due, or due before `now` and not sent.
  [[nodiscard]] bool is_late(Time now) const;
};

/// Whether the duty is one to customers, whose notices go to each tenant that is affected.
bool goes_to_customers(const law::Duty& duty);

/// Whether it goes to the authorities of countries, one notice to each.
bool goes_to_authorities(const law::Duty& duty);

/// Whether the company owes it at all: by the roles it has in the incident.
bool concerns(const Incident& incident, const law::Duty& duty);

/// Whether one notice does for both: to a customer, of the same model text. Authorities each want
/// their own.
bool shares_notice(const law::Duty& one, const law::Duty& other);

/// The duty that a notice goes by which serves several: of `states` that share it the one that ends
/// first, for by that it is late or not. `state` itself when none of them does.
const DutyState& notice_for(const std::vector<DutyState>& states, const DutyState& state);

/// The day whose law counts: when the breach was detected, in UTC.
std::chrono::year_month_day day_of_law(const Incident& incident);

/// All that are in force and concern the company, those first that end first. with_all: also those
/// that are not shown unless asked for; without, such as have been decided or drafted are there.
std::vector<DutyState> duties_of(const Incident& incident, const law::Law& law, bool with_all);

}  // namespace trackier::incident
