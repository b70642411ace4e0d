#include "incident_desk.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>

#include "backup_sources.hpp"
#include "core/duration.hpp"
#include "core/text.hpp"
#include "keyring/recipient_line.hpp"
#include "notice/leaks.hpp"
#include "os/process_identity.hpp"
#include "os/whole_file.hpp"
#include "shipped/shipped.hpp"

namespace trackier::cli {
namespace {

constexpr std::size_t most_law = std::size_t{16} << 20U;
/// Clocks are apart by so much, and typing takes as long.
constexpr std::chrono::minutes grace{5};

law::Law law_of(Context& context) {
  const config::Breach& settings = context.settings().breach;
  if (settings.regimes.empty() && settings.holidays.empty()) {
    return law::shipped_law();
  }
  const auto text = [&](const std::string& path, std::string_view shipped) {
    return path.empty() ? std::string{shipped::file(shipped).value_or("")}
                        : os::read_whole(context.files(), path, most_law);
  };
  return law::parse_law(
      {.text = text(settings.regimes, "regimes.json"),
       .name = settings.regimes.empty() ? "regimes.json" : printable(settings.regimes)},
      {.text = text(settings.holidays, "holidays.json"),
       .name = settings.holidays.empty() ? "holidays.json" : printable(settings.holidays)});
}

std::string account_name(uid_t uid) {
  const passwd* const account = ::getpwuid(uid);  // NOLINT(concurrency-mt-unsafe) one thread
  return account == nullptr ? fmt::format("uid {}", uid) : std::string{account->pw_name};
}

/// As useradd(8) has them: another spelling is nobody else.
bool is_account_name(std::string_view name) {
  const auto fits = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' ||
           letter == '-' || letter == '.';
  };
  return !name.empty() && name.front() != '-' && std::ranges::all_of(name, fits);
}

Time time_of_clock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// The clocks at one moment: they are compared with each other.
incident::Clocks clocks(os::FileSystem& files) {
  const Time wall = time_of_clock();
  timespec since_boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  timex asked{};
  return {.wall = wall,
          .boot = os::boot_id(files),
          .since_boot = std::chrono::seconds{since_boot.tv_sec},
          .is_synchronized = ::adjtimex(&asked) != TIME_ERROR && (asked.status & STA_UNSYNC) == 0};
}

[[noreturn]] void refuse_time(const std::string& what, const std::string& text,
                              const std::string& why, const std::string& hint) {
  throw Error{Code::usage, fmt::format("{}: {} {}", what, printable(text), why), hint};
}

Moment local_moment(const LocalTime& shown, const os::Zone& zone, const std::string& what,
                    const std::string& text) {
  const auto when = zone.when(shown);
  if (when.empty()) {
    refuse_time(what, text, fmt::format("is a time that clocks in {} leap over", zone.name()),
                "that night clocks went forward; look at the time again");
  }
  const auto moment = [&](Time time) { return Moment{time, zone.offset(time)}; };
  if (when.size() > 1) {
    refuse_time(what, text, fmt::format("is there twice in {}", zone.name()),
                fmt::format("that night clocks went back: say {} or {}",
                            to_rfc3339(moment(when.front())), to_rfc3339(moment(when.back()))));
  }
  return moment(when.front());
}

}  // namespace

std::filesystem::path incident_directory(Context& context) {
  const std::string& named = context.settings().breach.directory;
  return named.empty() ? context.environment().state_directory() / "breach"
                       : std::filesystem::path{named};
}

bool has_incidents(Context& context) {
  return context.files().entry(incident_directory(context) / "incidents.db").has_value();
}

void add_moment_options(Command& command, MomentOptions& options) {
  command.option("--at", options.at, "TIME",
                 "when it happened: now, 2026-11-27T22:47:31Z, or without offset and --tz");
  command.option("--tz", options.zone, "ZONE", "of times without offset: Asia/Kolkata");
  command.option("--because", options.because, "TEXT", "why; needed for what lies back");
}

const std::string& not_blank(const std::string& text, const std::string& what) {
  const auto says_something = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
           static_cast<unsigned char>(letter) >= 0x80;
  };
  if (std::ranges::none_of(text, says_something)) {
    throw Error{Code::usage, fmt::format("{} is empty", what), "say it in words"};
  }
  return text;
}

void add_incident(Command& command, std::string& incident) {
  command.positional("INCIDENT", incident, "as TI-2026-0007").required();
}

IncidentDesk::IncidentDesk(Context& context)
    : context_(context),
      now_(time_of_clock()),
      directory_(incident_directory(context)),
      timeline_(
          context.files(),
          {.directory = directory_, .stop = context.interrupt().token(), .signers = signers()}),
      law_(law_of(context)),
      zone_(context.settings().breach.zone) {}

void IncidentDesk::look_at_clock() {
  now_ = time_of_clock();
}

incident::Chain IncidentDesk::chain(const std::string& incident) {
  timeline_.expect(incident);
  return timeline_.read(incident);
}

incident::Chain IncidentDesk::sound_chain(const std::string& name) {
  incident::Chain found = chain(name);
  if (found.bad) {
    throw Error{Code::data,
                fmt::format("the timeline of {} is broken at entry {}: {}", name, found.bad->seq,
                            found.bad->why),
                fmt::format("trackier-ctl breach timeline {} shows what is sound", name)};
  }
  if (found.has_lost_head) {
    context_.out().warning(fmt::format("{}: {}", name, lost_head_text(found)));
  }
  for (const std::string& doubt : found.doubts) {
    context_.out().warning(fmt::format("{}: {}", name, doubt));
  }
  return found;
}

incident::Incident IncidentDesk::incident(const std::string& name) {
  auto made = incident::incident_of(sound_chain(name).entries);
  if (!made.is_over() && made.opened.law != law_.snapshot) {
    context_.out().note(
        fmt::format("{} was opened under the law as read on {}; now it is that of {}", name,
                    printable(made.opened.law), law_.snapshot));
  }
  return made;
}

incident::Entry IncidentDesk::entry(const Moment& at, incident::Event event) const {
  return {.incident = {},
          .at = at,
          .recorded = clocks(context_.files()),
          .by = person(),
          .tool = std::string{"trackier-ctl "} + TRACKIER_VERSION,
          .event = std::move(event),
          .previous = {}};
}

void IncidentDesk::refuse_over(const incident::Incident& incident) {
  if (incident.is_over()) {
    throw Error{Code::usage, fmt::format("{} is {}", incident.id, incident.state),
                "nothing is added to it; open another that refers to it"};
  }
}

incident::SignedEntry IncidentDesk::record(const std::string& incident, const Moment& at,
                                           const Make& make) {
  timeline_.expect(incident);
  return timeline_.append(incident, signing_key(), [&](const incident::Chain& chain) {
    const auto now = incident::incident_of(chain.entries);
    refuse_over(now);
    return entry(at, make(now));
  });
}

incident::SignedEntry IncidentDesk::open(const std::string& prefix, const incident::Opened& event) {
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now_)};
  return timeline_.open(prefix, static_cast<int>(today.year()), signing_key(),
                        entry({now_, {}}, event));
}

Moment IncidentDesk::moment(const std::string& text, const std::optional<std::string>& zone,
                            const std::string& what) const {
  Moment made{now_, {}};
  if (text != "now") {
    const auto local = parse_local_time(text);
    const auto moment = parse_moment(text);
    if (moment) {
      made = *moment;
    } else if (local && zone) {
      made = local_moment(*local, os::Zone{*zone}, what, text);
    } else if (local) {
      refuse_time(what, text, "does not say in which zone",
                  fmt::format("write {} for UTC, or add --tz {}",
                              to_rfc3339(Time{local->time_since_epoch()}), zone_.name()));
    } else {
      refuse_time(
          what, text, "is no time",
          "write now, 2026-11-27T22:47:31Z, or \"2026-11-28 04:17\" with --tz Asia/Kolkata");
    }
  }
  if (made.time > now_ + grace) {
    refuse_time(what, text, "is to come",
                fmt::format("here it is {}; set the clock if that is wrong", to_rfc3339(now_)));
  }
  return made;
}

Moment IncidentDesk::moment(const MomentOptions& options) const {
  const Moment made = moment(options.at.value_or("now"), options.zone, "--at");
  if (options.because) {
    not_blank(*options.because, "the reason");
  }
  if (made.time < now_ - grace && !options.because) {
    throw Error{Code::usage,
                fmt::format("--at {} lies {} back, and there is no reason", printable(*options.at),
                            duration_text(now_ - made.time)),
                "say with --because how the time is known"};
  }
  return made;
}

std::set<crypto::Ed25519Public> IncidentDesk::signers() const {
  std::set<crypto::Ed25519Public> made;
  for (const std::string& text : context_.settings().breach.signers) {
    made.insert(*keyring::parse_signer(text));  // the reader of settings has checked it
  }
  return made;
}

AffectedPeople IncidentDesk::affected(const std::string& incident) const {
  return {context_, directory_, incident};
}

void IncidentDesk::expect_customer(const incident::Incident& incident,
                                   const std::string& tenant) const {
  std::vector<std::string> known;
  for (const auto& [name, each] : context_.settings().tenants) {
    known.push_back(name);
  }
  if (const auto* const scope = incident.scope()) {
    for (const incident::Counted& each : scope->counted.counts) {
      known.push_back(each.tenant);
    }
  }
  if (!tenant.empty() && std::ranges::find(known, tenant) == known.end()) {
    const auto near = closest(tenant, known);
    throw Error{Code::usage, fmt::format("there is no customer {}", printable(tenant)),
                near ? fmt::format("did you mean {}?", *near)
                     : "customers are those of the settings, and those that breach scope has "
                       "counted"};
  }
}

AffectedPeople& IncidentDesk::affected_to_ask(const std::string& incident) const {
  return to_ask_.try_emplace(incident, context_, directory_, incident).first->second;
}

void IncidentDesk::refuse_leaks(const std::string& text, const std::string& what,
                                const std::string& incident, bool is_contact) const {
  notice::LeakRules rules;
  if (is_contact) {
    rules.contacts.push_back(text);
  }
  refuse(text, what, incident, std::move(rules));
}

void IncidentDesk::refuse_people(const std::string& text, const std::string& what,
                                 const std::string& incident) const {
  notice::LeakRules rules;
  rules.with_ip_addresses = true;
  refuse(text, what, incident, std::move(rules));
}

void IncidentDesk::refuse(const std::string& text, const std::string& what,
                          const std::string& incident, notice::LeakRules rules) const {
  AffectedPeople& people = affected_to_ask(incident);
  rules.is_affected = [&](std::string_view word) { return people.contains(word); };
  const auto leaks = notice::leaks_in(text, rules);
  if (!leaks.empty()) {
    throw Error{Code::verdict,
                fmt::format("{} has {} in it: {}", what, leaks.front().what, leaks.front().shown),
                "say it without; what identifies people does not belong into the record"};
  }
}

void IncidentDesk::prepare_to_record() {
  signing_key_ = signing_key();
  person_ = person();
}

crypto::Secret IncidentDesk::signing_key() const {
  if (signing_key_) {
    return crypto::Secret::copy_of(signing_key_->bytes());
  }
  return manifest_signing_key(context_);
}

incident::Person IncidentDesk::person() const {
  if (person_) {
    return *person_;
  }
  const uid_t uid = ::getuid();
  if (const auto login = os::login_account(context_.files())) {
    return {.name = account_name(*login), .uid = uid, .claimed_by = {}};
  }
  const auto& claimed = context_.environment().sudo_user;
  if (uid == 0 && claimed && is_account_name(*claimed)) {  // only root could have it say otherwise
    return {.name = printable(*claimed), .uid = uid, .claimed_by = "SUDO_USER"};
  }
  return {.name = account_name(uid), .uid = uid, .claimed_by = {}};
}

std::string lost_head_text(const incident::Chain& chain) {
  return fmt::format("nothing kept beside the timeline says that its {} entries are all there were",
                     chain.entries.size());
}

std::string time_text(Time time, const os::Zone& zone) {
  const auto offset = zone.offset(time);
  const std::string in_utc = to_text(LocalTime{time.time_since_epoch()}) + " UTC";
  if (offset.count() == 0) {
    return in_utc;
  }
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(offset).count();
  return fmt::format("{} ({} {}, UTC{}{:02}:{:02})", in_utc, to_text(zone.local(time)),
                     zone.abbreviation(time), minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                     std::abs(minutes) % 60);
}

std::string left_text(std::chrono::seconds left) {
  const bool is_over = left.count() < 0;
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(is_over ? -left : left).count();
  constexpr int of_hour = 60;
  constexpr int of_day = 24 * of_hour;
  constexpr int many_days = 3;
  const std::string text =
      minutes >= many_days * of_day
          ? fmt::format("{} d {:02} h", minutes / of_day, minutes % of_day / of_hour)
          : fmt::format("{} h {:02} min", minutes / of_hour, minutes % of_hour);
  return (is_over ? "-" : "") + text;
}

}  // namespace trackier::cli
