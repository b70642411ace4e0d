#pragma once
/// Entries for tests: who, when, and one event of each kind.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.hpp"
#include "crypto/secret.hpp"
#include "incident/entry.hpp"
#include "law/duty.hpp"

namespace trackier::incident {

inline crypto::Secret key_of(char letter) {
  return crypto::Secret::copy_of(as_bytes(std::string(32, letter)));
}

inline Time at(std::string_view text) {
  return parse_moment(text).value().time;
}

/// Recorded a minute after it happened, by a machine that runs since 1 November 2026.
inline Entry entry_of(Event event, std::string_view when = "2026-11-27T22:47:31Z") {
  const Moment moment = parse_moment(when).value();
  const Time wall = moment.time + std::chrono::minutes{1};
  return {.incident = "TI-2026-0001",
          .seq = 1,
          .at = moment,
          .recorded = {.wall = wall,
                       .boot = "0c6e1d0e-6b0c-4f43-9d1b-9c1d6c0f0b7e",
                       .since_boot = wall - at("2026-11-01T00:00:00Z"),
                       .is_synchronized = true},
          .by = {.name = "asha", .uid = 1000, .claimed_by = "SUDO_USER"},
          .tool = "trackier-ctl 0.1.0",
          .event = std::move(event),
          .previous = ""};
}

/// One of each kind; `text` stands wherever text may.
inline std::vector<Event> events_with(const std::string& text) {
  const std::vector<std::string> texts{text, "", text + text};
  const Counted counted{.tenant = text,
                        .country = "DE",
                        .exposures = 4,
                        .records = 3,
                        .people_lower = 1,
                        .people_upper = 18'446'744'073'709'551'615U};
  return {
      Opened{.title = text,
             .is_drill = true,
             .roles = texts,
             .establishment = text,
             .law = "2026-11-23"},
      Noted{.text = text, .attachments = {{.name = text, .bytes = 9, .sha256 = "ab"}}},
      AnchorSet{.name = "detected", .because = text},
      StateSet{.state = "contained", .because = text},
      FactSet{.key = "cause",
              .known = Known::estimate,
              .value = text,
              .basis = text,
              .reason = text,
              .expected_by = text,
              .about = {.tenant = text, .country = "DE"}},
      ScopeCounted{.run = "S-0001",
                   .from = at("2026-11-20T00:00:00Z"),
                   .to = at("2026-11-21T00:00:00Z"),
                   .exposed = text,
                   .person_fields = texts,
                   .tenant_field = text,
                   .country_field = text,
                   .time_field = text,
                   .inputs = {{.name = text, .bytes = 1, .lines = 2, .sha256 = "ab"}, {}},
                   .lines = 3,
                   .unparsed = 4,
                   .untimed = 5,
                   .untimed_exposed = 6,
                   .outside_window = 7,
                   .matched = 8,
                   .without_tenant = 9,
                   .without_person = 10,
                   .counts = {counted, {}},
                   .sha256 = "cd",
                   .is_replay = true},
      SeverityScored{.tenant = text,
                     .contexts = texts,
                     .identifications = texts,
                     .circumstances = text,
                     .context = 3,
                     .identification_quarters = 2,
                     .circumstance_quarters = {2, 0, -1, 2},
                     .is_unintelligible = true,
                     .because = text},
      Decided{.duty = "in.certin", .notify = true, .because = text},
      Drafted{.draft = "D-0001",
              .version = 4'294'967'295U,
              .duty = "promise.customer48",
              .to = {.tenant = text, .country = "AT"},
              .text = "customer-initial",
              .subject = text,
              .markdown = text,
              .html = text,
              .plain = text,
              .context = text,
              .how = "rendered",
              .promises_update = true},
      Approved{.draft = "D-0001",
               .version = 2,
               .sha256 = "ef",
               .is_single_handed = true,
               .because = text},
      Sent{.draft = "D-0001",
           .version = 2,
           .duty = "promise.customer48",
           .to = {.tenant = text, .country = {}},
           .channel = text,
           .reference = text},
      Corrected{.seq = 7, .because = text},
      Handed{.draft = "D-0001", .version = 2, .channel = text, .because = text},
      HandedBack{.draft = "D-0001", .version = 2, .because = text},
  };
}

}  // namespace trackier::incident
