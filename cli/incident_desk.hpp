#pragma once
/// What the verbs of `breach` have in common: timelines, the law, who records what and when.

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "affected_people.hpp"
#include "context.hpp"
#include "incident/duties.hpp"
#include "incident/incident.hpp"
#include "incident/timeline.hpp"
#include "law/duty.hpp"
#include "notice/leaks.hpp"
#include "os/zone.hpp"

namespace trackier::cli {

/// When something happened, as it is typed: --at, --tz, --because.
struct MomentOptions {
  std::optional<std::string> at;
  std::optional<std::string> zone;
  std::optional<std::string> because;
};

/// The text itself; throws Error{Code::usage} when there is nothing in it. what: "the note".
const std::string& not_blank(const std::string& text, const std::string& what);

void add_moment_options(Command& command, MomentOptions& options);
void add_incident(Command& command, std::string& incident);

/// Where incidents are kept: as the settings say, else in the state directory.
std::filesystem::path incident_directory(Context& context);

/// Whether anybody opened one yet: for who looks, and must not make the place.
bool has_incidents(Context& context);

class IncidentDesk {
 public:
  explicit IncidentDesk(Context& context);

  [[nodiscard]] incident::Timeline& timeline() { return timeline_; }
  [[nodiscard]] const law::Law& law() const { return law_; }
  [[nodiscard]] Time now() const { return now_; }
  /// Something took its time: what is recorded from here on is recorded now.
  void look_at_clock();
  [[nodiscard]] const os::Zone& zone() const { return zone_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// The chain as it is, for who looks at it whatever it is. Throws Error{Code::usage} for an
  /// incident that is not there.
  [[nodiscard]] incident::Chain chain(const std::string& incident);
  /// Warns of clocks that do not fit together; throws Error{Code::data} when the chain is broken.
  [[nodiscard]] incident::Chain sound_chain(const std::string& name);
  /// What follows from a sound chain.
  [[nodiscard]] incident::Incident incident(const std::string& name);

  /// Throws Error{Code::usage} when nothing is added to the incident any more.
  static void refuse_over(const incident::Incident& incident);

  /// Records what `make` gives of the incident as it is then; what it throws leaves nothing behind.
  using Make = std::function<incident::Event(const incident::Incident&)>;
  incident::SignedEntry record(const std::string& incident, const Moment& at, const Make& make);
  /// A new incident. prefix: "TI", or "DRILL".
  incident::SignedEntry open(const std::string& prefix, const incident::Opened& event);

  /// "now", RFC 3339, or a local time with a zone. what: what it is called in errors. Throws
  /// Error{Code::usage} for what is none of it, what clocks in the zone do not show or show twice,
  /// and what is to come.
  [[nodiscard]] Moment moment(const std::string& text, const std::optional<std::string>& zone,
                              const std::string& what) const;
  /// Of the options; now without --at. What lies back needs a reason.
  [[nodiscard]] Moment moment(const MomentOptions& options) const;

  /// Refuses text with personal values in it, or somebody whom the incident touches:
  /// Error{Code::verdict}. what: "the note". incident: empty: of none. is_contact: e-mail addresses
  /// and telephone numbers may stand in it.
  void refuse_leaks(const std::string& text, const std::string& what, const std::string& incident,
                    bool is_contact = false) const;

  /// The same, but IP addresses may stand in it: of servers, and of who broke in.
  void refuse_people(const std::string& text, const std::string& what,
                     const std::string& incident) const;

  /// Throws Error{Code::usage} with the nearest for a customer who is neither in the settings nor
  /// counted; empty: of none in particular.
  void expect_customer(const incident::Incident& incident, const std::string& tenant) const;

  [[nodiscard]] std::set<crypto::Ed25519Public> signers() const;
  [[nodiscard]] AffectedPeople affected(const std::string& incident) const;
  /// The same, read once in a run: for asking, again and again.
  [[nodiscard]] AffectedPeople& affected_to_ask(const std::string& incident) const;
  [[nodiscard]] crypto::Secret signing_key() const;
  [[nodiscard]] incident::Person person() const;

  /// Has record() need neither the key that signs nor the names of accounts any more, for a run
  /// that will be out of reach of them.
  void prepare_to_record();

 private:
  void refuse(const std::string& text, const std::string& what, const std::string& incident,
              notice::LeakRules rules) const;
  [[nodiscard]] incident::Entry entry(const Moment& at, incident::Event event) const;

  Context& context_;
  Time now_;
  std::filesystem::path directory_;
  incident::Timeline timeline_;
  law::Law law_;
  os::Zone zone_;
  std::optional<crypto::Secret> signing_key_;  ///< these two: of prepare_to_record()
  std::optional<incident::Person> person_;
  mutable std::map<std::string, AffectedPeople> to_ask_;  ///< by incident
};

/// Of a chain that has lost its head.
std::string lost_head_text(const incident::Chain& chain);

/// "28 Nov 2026 04:47:31 UTC", and what clocks in the zone show, when that is another: "(28 Nov
/// 2026 10:17:31 IST, UTC+05:30)".
std::string time_text(Time time, const os::Zone& zone);

/// "3 h 09 min", "2 d 04 h"; of what is over "-3 h 09 min".
std::string left_text(std::chrono::seconds left);

}  // namespace trackier::cli
