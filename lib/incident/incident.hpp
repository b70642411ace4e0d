#pragma once
/// An incident as its events have made it.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "incident/entry.hpp"

namespace trackier::incident {

struct Recorded {
  std::uint64_t seq = 0;
  Moment at;
  Time recorded;
  Person by;
};

struct Anchor {
  AnchorSet set;
  Recorded entry;
};

struct Fact {
  FactSet set;
  Recorded entry;
};

struct Decision {
  Decided decided;
  Recorded entry;
};

struct Severity {
  SeverityScored scored;
  Recorded entry;
};

struct ScopeRun {
  ScopeCounted counted;
  Recorded entry;

  /// Those with records, all countries together.
  [[nodiscard]] std::vector<Counted> affected() const;
  /// Null: none of this tenant.
  [[nodiscard]] const Counted* of(const std::string& tenant) const;
};

struct Approval {
  Approved approved;
  Recorded entry;
};

struct Sending {
  Sent sent;
  Recorded entry;
};

/// Given to a mail server.
struct Handover {
  Handed handed;
  Recorded entry;
};

struct DraftVersion {
  Drafted drafted;
  Recorded entry;
};

struct Draft {
  std::vector<DraftVersion> versions;
  std::vector<Approval> approvals;
  std::vector<Sending> sendings;
  std::optional<Handover> handover;  ///< of which it is not known how it ended

  [[nodiscard]] const Drafted& newest() const { return versions.back().drafted; }
  /// Of the newest version; null: there is none.
  [[nodiscard]] const Approval* approval() const;
  [[nodiscard]] bool is_sent() const { return !sendings.empty(); }
};

struct Incident {
  std::string id;
  Opened opened;
  Recorded entry;                   ///< that opened it
  std::string state = "suspected";  ///< "confirmed", "contained", "closed", "dismissed"
  std::string state_because;
  std::map<std::string, std::vector<Anchor>> anchors;  ///< by name, each as it was set over time
  std::map<std::pair<std::string, Recipient>, Fact> facts;  ///< by key and whom it is about
  std::map<std::string, Decision> decisions;                ///< by duty
  /// When it was first decided so, of duties that it was not decided otherwise of since.
  std::map<std::string, Time> decided_to_notify;
  std::map<std::string, Severity> severities;  ///< by tenant
  std::vector<ScopeRun> runs;                  ///< replays are not among them
  std::map<std::string, Draft> drafts;
  std::vector<Sending> sendings;  ///< all, of drafts and of what was made elsewhere
  std::uint64_t length = 0;       ///< entries
  std::string head;               ///< hash of the last one

  [[nodiscard]] bool is_over() const { return state == "closed" || state == "dismissed"; }

  /// The moment in force; of "sent:DUTY" the first sending. None: it has not come.
  [[nodiscard]] std::optional<Time> anchor(const std::string& name) const;

  /// The newest count; null: nothing has been counted.
  [[nodiscard]] const ScopeRun* scope() const { return runs.empty() ? nullptr : &runs.back(); }
  [[nodiscard]] const ScopeRun* find_run(const std::string& name) const;

  /// The score that holds for a tenant: its own, or that of all; null: none.
  [[nodiscard]] const Severity* severity_of(const std::string& tenant) const;

  /// The fact that holds for somebody: their own, or everybody's; null: none.
  [[nodiscard]] const Fact* fact(const std::string& key, const Recipient& about) const;

  /// Country where the company mainly is: as a fact has it, or as it was when the incident was
  /// opened. Empty: not said, or in none that matters.
  [[nodiscard]] std::string establishment() const;
};

/// entries: a whole chain, at least one. Throws Error{Code::data} for a draft that is approved or
/// sent and was not made.
Incident incident_of(const std::vector<SignedEntry>& entries);

}  // namespace trackier::incident
