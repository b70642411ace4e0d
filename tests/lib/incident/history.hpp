#pragma once
/// An incident, event by event.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "example.hpp"
#include "incident/incident.hpp"

namespace trackier::incident {

/// Begins with an incident of a company that is both processor and controller.
class History {
 public:
  explicit History(std::vector<std::string> roles = {"processor", "controller"}) {
    add(Opened{.title = "a token in a log",
               .is_drill = false,
               .roles = std::move(roles),
               .law = "2026-11-23"},
        "2026-11-27T22:47:00Z");
  }

  void add(Event event, std::string_view when = "2026-11-28T12:00:00Z") {
    Entry entry = entry_of(std::move(event), when);
    entry.seq = entries_.size() + 1;
    entry.previous = entries_.empty() ? "" : entries_.back().hash;
    entries_.push_back(sign_entry(std::move(entry), key_of('k')));
  }

  [[nodiscard]] Incident incident() const { return incident_of(entries_); }
  [[nodiscard]] const std::vector<SignedEntry>& entries() const { return entries_; }

 private:
  std::vector<SignedEntry> entries_;
};

inline Counted counted(const std::string& tenant, std::uint64_t records,
                       const std::string& country = "") {
  return {.tenant = tenant,
          .country = country,
          .exposures = records,
          .records = records,
          .people_lower = records,
          .people_upper = records};
}

inline ScopeCounted scope(const std::string& run, std::vector<Counted> counts) {
  ScopeCounted made{
      .run = run, .from = at("2026-11-20T00:00:00Z"), .to = at("2026-11-27T00:00:00Z")};
  made.counts = std::move(counts);
  return made;
}

inline Drafted draft(const std::string& name, std::uint32_t version, const std::string& duty,
                     const std::string& tenant = "", const std::string& country = "") {
  return {.draft = name,
          .version = version,
          .duty = duty,
          .to = {.tenant = tenant, .country = country},
          .text = "x",
          .subject = "s",
          .markdown = "m",
          .html = "h",
          .plain = "p",
          .context = "{}",
          .how = "rendered"};
}

}  // namespace trackier::incident
