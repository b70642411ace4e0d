#include "incident/incident.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::incident {
namespace {

/// Takes one event after the other.
class Fold {
 public:
  Fold(Incident& incident, Recorded entry) : incident_(incident), entry_(std::move(entry)) {}

  void operator()(const Opened& event) {
    incident_.opened = event;
    incident_.entry = entry_;
  }
  void operator()(const Noted& /*event*/) {}
  void operator()(const Corrected& /*event*/) {}
  void operator()(const AnchorSet& event) {
    incident_.anchors[event.name].push_back({event, entry_});
    if (event.name == "aware" && incident_.state == "suspected") {
      incident_.state = "confirmed";
    }
  }
  void operator()(const StateSet& event) {
    incident_.state = event.state;
    incident_.state_because = event.because;
  }
  void operator()(const FactSet& event) {
    incident_.facts[{event.key, event.about}] = {event, entry_};
  }
  void operator()(const ScopeCounted& event) {
    if (!event.is_replay) {
      incident_.runs.push_back({event, entry_});
    }
  }
  void operator()(const SeverityScored& event) {
    incident_.severities[event.tenant] = {event, entry_};
  }
  void operator()(const Decided& event) {
    incident_.decisions[event.duty] = {event, entry_};
    if (!event.notify) {
      incident_.decided_to_notify.erase(event.duty);
      return;
    }
    const auto [first, is_new] =
        incident_.decided_to_notify.try_emplace(event.duty, entry_.at.time);
    first->second = std::min(first->second, entry_.at.time);
  }
  void operator()(const Drafted& event) {
    incident_.drafts[event.draft].versions.push_back({event, entry_});
  }
  void operator()(const Approved& event) {
    draft(event.draft).approvals.push_back({event, entry_});
  }
  void operator()(const Sent& event) {
    incident_.sendings.push_back({event, entry_});
    if (!event.draft.empty()) {
      draft(event.draft).sendings.push_back({event, entry_});
      draft(event.draft).handover.reset();
    }
  }
  void operator()(const Handed& event) { draft(event.draft).handover = {event, entry_}; }
  void operator()(const HandedBack& event) { draft(event.draft).handover.reset(); }

 private:
  Draft& draft(const std::string& name) {
    const auto found = incident_.drafts.find(name);
    if (found == incident_.drafts.end()) {
      throw Error{Code::data, fmt::format("entry {} is about draft {}, which is not there",
                                          entry_.seq, printable(name))};
    }
    return found->second;
  }

  Incident& incident_;
  Recorded entry_;
};

}  // namespace

std::vector<Counted> ScopeRun::affected() const {
  std::vector<Counted> found;
  std::ranges::copy_if(counted.counts, std::back_inserter(found), [](const Counted& each) {
    return each.country.empty() && each.records > 0;
  });
  return found;
}

const Counted* ScopeRun::of(const std::string& tenant) const {
  const auto found = std::ranges::find_if(counted.counts, [&](const Counted& each) {
    return each.tenant == tenant && each.country.empty();
  });
  return found == counted.counts.end() ? nullptr : &*found;
}

const Approval* Draft::approval() const {
  const auto found = std::ranges::find(approvals, newest().version,
                                       [](const Approval& each) { return each.approved.version; });
  return found == approvals.end() ? nullptr : &*found;
}

std::optional<Time> Incident::anchor(const std::string& name) const {
  constexpr std::string_view before_duty = "sent:";
  if (name.starts_with(before_duty)) {
    const std::string duty = name.substr(before_duty.size());
    std::optional<Time> first;
    for (const Sending& each : sendings) {
      if (each.sent.duty == duty && (!first || each.entry.at.time < *first)) {
        first = each.entry.at.time;
      }
    }
    return first;
  }
  const auto found = anchors.find(name);
  return found == anchors.end() ? std::nullopt : std::optional{found->second.back().entry.at.time};
}

const ScopeRun* Incident::find_run(const std::string& name) const {
  const auto found =
      std::ranges::find(runs, name, [](const ScopeRun& each) { return each.counted.run; });
  return found == runs.end() ? nullptr : &*found;
}

const Severity* Incident::severity_of(const std::string& tenant) const {
  auto found = severities.find(tenant);
  if (found == severities.end()) {
    found = severities.find("");
  }
  return found == severities.end() ? nullptr : &found->second;
}

const Fact* Incident::fact(const std::string& key, const Recipient& about) const {
  auto found = facts.find({key, about});
  if (found == facts.end()) {
    found = facts.find({key, {}});
  }
  return found == facts.end() ? nullptr : &found->second;
}

std::string Incident::establishment() const {
  const Fact* const said = fact("org.establishment", {});
  return said != nullptr && said->set.known != Known::unknown ? said->set.value
                                                              : opened.establishment;
}

Incident incident_of(const std::vector<SignedEntry>& entries) {
  if (entries.empty()) {
    throw Error{Code::bug, "an incident without entries"};
  }
  Incident made;
  made.id = entries.front().entry.incident;
  made.length = entries.size();
  made.head = entries.back().hash;
  for (const SignedEntry& each : entries) {
    const Entry& entry = each.entry;
    std::visit(Fold{made, {entry.seq, entry.at, entry.recorded.wall, entry.by}}, entry.event);
  }
  return made;
}

}  // namespace trackier::incident
