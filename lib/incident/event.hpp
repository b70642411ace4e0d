#pragma once
/// What can happen in an incident. Each kind is an entry of the timeline; nothing else is stored,
/// and all that the program says of an incident follows from its events.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/time.hpp"

namespace trackier::incident {

/// Whom a notice goes to, or whom a fact is about.
struct Recipient {
  std::string tenant;   ///< a customer; empty: none
  std::string country;  ///< of an authority: "AT"; empty: none, or there is but one authority

  [[nodiscard]] const std::string& name() const { return tenant.empty() ? country : tenant; }
  friend auto operator<=>(const Recipient&, const Recipient&) = default;
};

struct Opened {
  std::string title;
  bool is_drill = false;
  std::vector<std::string> roles;  ///< of the company: "processor", "controller"
  std::string establishment;       ///< country where it mainly is: "DE"; empty: not said
  std::string law;                 ///< the day the law was read
};

/// A file that is kept beside the timeline.
struct Attachment {
  std::string name;
  std::uint64_t bytes = 0;
  std::string sha256;

  friend bool operator==(const Attachment&, const Attachment&) = default;
};

struct Noted {
  std::string text;
  std::vector<Attachment> attachments;
};

/// A moment that starts clocks: detected, aware, classified, told_by_processor, ...
struct AnchorSet {
  std::string name;
  std::string because;  ///< may be empty where the rules do not ask for it
};

/// The incident goes on to another state.
struct StateSet {
  std::string state;  ///< "contained", "dismissed", "closed"
  std::string because;
};

enum class Known : std::uint8_t { known, estimate, unknown };
std::string_view to_text(Known known);

/// A field of the notices: a fact with its basis, or that it is not known yet.
struct FactSet {
  std::string key;  ///< "cause", "contact.name", "measures_done"
  Known known = Known::known;
  std::string value;  ///< text, or JSON of a list or flag
  std::string basis;  ///< of an estimate, and of a fact that notices print with it
  std::string reason;
  std::string expected_by;
  Recipient about;  ///< whom alone; empty: everybody
};

struct Counted {
  std::string tenant;
  std::string country;  ///< empty: all
  std::uint64_t exposures = 0;
  std::uint64_t records = 0;
  std::uint64_t people_lower = 0;
  std::uint64_t people_upper = 0;

  friend bool operator==(const Counted&, const Counted&) = default;
};

struct ScopeInput {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::string sha256;

  friend bool operator==(const ScopeInput&, const ScopeInput&) = default;
};

/// A count over logs.
struct ScopeCounted {
  std::string run;  ///< "S-0001"
  Time from;
  Time to;
  std::string exposed;
  std::vector<std::string> person_fields;
  std::string tenant_field;
  std::string country_field;
  std::string time_field;
  std::vector<ScopeInput> inputs;
  std::uint64_t lines = 0;
  std::uint64_t unparsed = 0;
  std::uint64_t untimed = 0;
  std::uint64_t untimed_exposed = 0;  ///< of those, such as match all the same; counted nowhere
  std::uint64_t outside_window = 0;
  std::uint64_t matched = 0;
  std::uint64_t without_tenant = 0;
  std::uint64_t without_person = 0;
  std::vector<Counted> counts;  ///< by tenant, then by tenant and country
  std::string sha256;           ///< of the counts
  bool is_replay = false;
  std::string because;  ///< why customers are gone that an earlier count had
};

struct SeverityScored {
  std::string tenant;  ///< empty: all alike
  std::vector<std::string> contexts;
  std::vector<std::string> identifications;
  std::string circumstances;
  int context = 0;
  int identification_quarters = 0;
  std::vector<int> circumstance_quarters;
  bool is_unintelligible = false;
  std::string because;
};

/// A person's decision about a duty.
struct Decided {
  std::string duty;
  bool notify = false;
  std::string because;
};

/// A version of a notice.
struct Drafted {
  std::string draft;  ///< "D-0001"
  std::uint32_t version = 1;
  std::string duty;
  Recipient to;      ///< empty: whom the duty names
  std::string text;  ///< which model text
  std::string subject;
  std::string markdown;
  std::string html;
  std::string plain;
  std::string context;  ///< JSON of the fields it was made from
  std::string how;      ///< "rendered" or "edited"
  bool promises_update = false;
};

struct Approved {
  std::string draft;
  std::uint32_t version = 1;
  std::string sha256;  ///< of subject, two line feeds and Markdown
  bool is_single_handed = false;
  std::string because;
};

struct Sent {
  std::string draft;  ///< empty: a notice that was made elsewhere
  std::uint32_t version = 0;
  std::string duty;
  Recipient to;
  std::string channel;
  std::string reference;
  std::string because;  ///< how the time is known, of one that lies back
};

/// Says that an earlier entry is wrong. It stays.
struct Corrected {
  std::uint64_t seq = 0;
  std::string because;
};

/// A notice is about to be given to a mail server: recorded before the first byte leaves, so that
/// whatever ends the run then, nobody sends it twice without knowing.
struct Handed {
  std::string draft;
  std::uint32_t version = 1;
  std::string channel;
  std::string because;  ///< why once more, when it was not known whether it had been sent
};

/// It was not: the server does not have the notice that was handed over last.
struct HandedBack {
  std::string draft;
  std::uint32_t version = 1;
  std::string because;  ///< what went wrong
};

using Event =
    std::variant<Opened, Noted, AnchorSet, StateSet, FactSet, ScopeCounted, SeverityScored, Decided,
                 Drafted, Approved, Sent, Corrected, Handed, HandedBack>;

/// "opened", "noted", ...
std::string_view kind_of(const Event& event);

}  // namespace trackier::incident
