#include "incident/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <thread>

#include "core/error.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"
#include "incident/event_json.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"
#include "sqlite/statement.hpp"

namespace trackier::incident {
namespace {

constexpr const char* database_name = "incidents.db";
constexpr const char* heads_name = "heads.json";
constexpr const char* lock_name = "lock";
constexpr unsigned private_directory = 0700;
constexpr unsigned private_file = 0600;
constexpr std::size_t most_heads = std::size_t{16} << 20U;

constexpr const char* schema = R"(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS entry (
  incident TEXT NOT NULL, seq INTEGER NOT NULL, line TEXT NOT NULL, hash TEXT NOT NULL,
  signer TEXT NOT NULL, signature TEXT NOT NULL, PRIMARY KEY (incident, seq));
CREATE TRIGGER IF NOT EXISTS entry_is_not_changed BEFORE UPDATE ON entry
  BEGIN SELECT raise(ABORT, 'a timeline is only added to'); END;
CREATE TRIGGER IF NOT EXISTS entry_is_not_deleted BEFORE DELETE ON entry
  BEGIN SELECT raise(ABORT, 'a timeline is only added to'); END;
)";

/// What does not fit between two entries that one start of the machine has seen.
std::optional<std::string> doubt_between(const Entry& before, const Entry& after) {
  constexpr std::chrono::seconds tolerated{5};
  if (after.recorded.wall < before.recorded.wall) {
    return fmt::format("between entries {} and {} the clock was set back by {} s", before.seq,
                       after.seq, (before.recorded.wall - after.recorded.wall).count());
  }
  if (after.recorded.boot != before.recorded.boot || after.recorded.boot.empty()) {
    return std::nullopt;
  }
  const auto by_wall = after.recorded.wall - before.recorded.wall;
  const auto by_boot = after.recorded.since_boot - before.recorded.since_boot;
  const auto apart = std::chrono::abs(by_wall - by_boot);
  if (apart <= tolerated) {
    return std::nullopt;
  }
  return fmt::format("between entries {} and {} the clock was put {} by {} s", before.seq,
                     after.seq, by_wall > by_boot ? "forward" : "back", apart.count());
}

/// Without names, everybody's signature counts.
bool counts(const std::set<crypto::Ed25519Public>& signers, const crypto::Ed25519Public& signer) {
  return signers.empty() || signers.contains(signer);
}

void append_checked(Chain& chain, SignedEntry entry) {
  const std::uint64_t expected = chain.entries.size() + 1;
  if (entry.entry.seq != expected) {
    throw Error{Code::data, fmt::format("it says of itself that it is entry {}", entry.entry.seq)};
  }
  if (entry.entry.previous != chain.head) {
    throw Error{Code::data, "it does not follow the entry before"};
  }
  if (expected == 1 && !std::holds_alternative<Opened>(entry.entry.event)) {
    throw Error{Code::data, "it does not open the incident"};
  }
  if (!chain.entries.empty()) {
    if (auto doubt = doubt_between(chain.entries.back().entry, entry.entry)) {
      chain.doubts.push_back(std::move(*doubt));
    }
  }
  chain.head = entry.hash;
  chain.entries.push_back(std::move(entry));
}

}  // namespace

Timeline::Timeline(os::FileSystem& files, Options options)
    : files_(files), options_(std::move(options)) {
  const auto path = options_.directory / database_name;
  files_.create_directories(options_.directory, private_directory);
  refuse_shared_directory();
  const bool is_new = !files_.status(path);
  if (is_new) {
    files_.create_exclusive(path, private_file);  // else another run has made it just now
    files_.sync_directory(options_.directory);
  }
  try {
    database_ = std::make_unique<sqlite::Connection>(path, options_.patience, options_.stop, false);
    database_->execute(schema);
  } catch (const Error& error) {
    const bool may_be_read =
        !is_new && (error.code() == Code::no_permission || error.code() == Code::no_input);
    if (!may_be_read) {
      throw;
    }
    // A copy that was put aside, as for an auditor: what cannot be added to can still be verified.
    database_ = std::make_unique<sqlite::Connection>(path, options_.stop);
  }
}

void Timeline::refuse_shared_directory() const {
  constexpr unsigned written_by_others = 022;
  const auto status = files_.status(options_.directory);
  if (status && (status->mode & written_by_others) != 0) {
    throw Error{Code::no_permission,
                fmt::format("others may write to {}", printable(options_.directory.native())),
                fmt::format("chmod go-w {}", printable(options_.directory.native()))};
  }
}

std::vector<std::string> Timeline::incidents() {
  std::set<std::string> all;
  for (auto& each : database_->column("SELECT DISTINCT incident FROM entry")) {
    all.insert(std::move(each));
  }
  for (const auto& [each, head] : heads()) {  // one that is gone as a whole is missed
    all.insert(each);
  }
  return {all.begin(), all.end()};
}

void Timeline::expect(const std::string& incident) {
  const std::vector<std::string> all = incidents();
  if (std::ranges::find(all, incident) != all.end()) {
    return;
  }
  const auto near = closest(incident, all);
  throw Error{Code::usage, fmt::format("there is no incident {}", printable(incident)),
              all.empty() ? "trackier-ctl breach open begins one"
                          : fmt::format("did you mean {}?", near ? *near : all.back())};
}

Chain Timeline::read(const std::string& incident, const std::set<crypto::Ed25519Public>& signers) {
  const auto heads_before = heads();  // an entry is in the database before it is a head
  Chain chain;
  sqlite::Statement rows{*database_,
                         "SELECT seq, line, hash, signer, signature FROM entry WHERE incident = ?1 "
                         "ORDER BY seq"};
  rows.bind(1, incident);
  while (!chain.bad && rows.step()) {
    const std::uint64_t expected = chain.entries.size() + 1;
    try {
      if (rows.text(0) != std::to_string(expected)) {
        throw Error{Code::data, "it is not there"};
      }
      auto entry = read_entry(rows.text(1), rows.text(2), rows.text(3), rows.text(4));
      if (entry.entry.incident != incident) {
        throw Error{Code::data, fmt::format("it belongs to {}", printable(entry.entry.incident))};
      }
      if (!counts(signers, entry.signer)) {
        throw Error{Code::data, "nobody whom we trust has signed it"};
      }
      append_checked(chain, std::move(entry));
    } catch (const Error& error) {
      chain.bad = BadEntry{expected, error.what()};
    }
  }
  const auto head = heads_before.find(incident);
  // The first entry of all may be there while its head is being written.
  chain.has_lost_head = !chain.bad && head == heads_before.end() && chain.entries.size() > 1;
  if (!chain.bad && head != heads_before.end()) {
    const auto& [seq, hash] = head->second;
    if (seq > chain.entries.size()) {
      chain.bad = BadEntry{chain.entries.size() + 1,
                           fmt::format("it is not there; there were {} entries", seq)};
    } else if (chain.entries[seq - 1].hash != hash) {
      chain.bad = BadEntry{seq, "another entry stood here"};
    }
  }
  return chain;
}

std::unique_ptr<os::File> Timeline::lock() {
  constexpr std::chrono::milliseconds between_tries{20};
  const auto path = options_.directory / lock_name;
  auto file = files_.create_exclusive(path, private_file);
  if (!file) {
    file = files_.open_for_update(path);
  }
  const auto begun = std::chrono::steady_clock::now();
  while (!file->try_lock(0, 1)) {
    if (options_.stop.stop_requested() ||
        std::chrono::steady_clock::now() - begun > options_.patience) {
      throw Error{Code::busy, "another run is adding to a timeline", "try again"};
    }
    std::this_thread::sleep_for(between_tries);
  }
  return file;
}

SignedEntry Timeline::append(const std::string& incident, const crypto::Secret& signing_key,
                             const Make& make) {
  const auto held = lock();
  expect(incident);
  const Chain chain = read(incident);
  if (chain.bad) {
    throw Error{Code::data,
                fmt::format("the timeline of {} is broken at entry {}: {}", incident,
                            chain.bad->seq, chain.bad->why),
                "keep the database as it is, and restore it from a backup"};
  }
  return add(incident, signing_key, make(chain), chain);
}

SignedEntry Timeline::open(const std::string& prefix, int year, const crypto::Secret& signing_key,
                           Entry entry) {
  const auto held = lock();
  const std::string begin = fmt::format("{}-{:04}-", prefix, year);
  unsigned long last = 0;
  for (const std::string& each : incidents()) {
    if (each.starts_with(begin)) {
      last = std::max(last, std::strtoul(each.c_str() + begin.size(), nullptr, 10));
    }
  }
  return add(fmt::format("{}{:04}", begin, last + 1), signing_key, std::move(entry), {});
}

SignedEntry Timeline::add(const std::string& incident, const crypto::Secret& signing_key,
                          Entry entry, const Chain& chain) {
  entry.incident = incident;
  entry.seq = chain.entries.size() + 1;
  entry.previous = chain.head;
  SignedEntry made = sign_entry(std::move(entry), signing_key);
  if (!counts(options_.signers, made.signer)) {
    throw Error{Code::config, "the key of this host is none of those whose signatures count",
                fmt::format("add {} to breach.signers", crypto::base64(made.signer))};
  }
  sqlite::Statement insert{
      *database_,
      "INSERT INTO entry (incident, seq, line, hash, signer, signature) VALUES "
      "(?1, CAST(?2 AS INTEGER), ?3, ?4, ?5, ?6)"};
  int number = 0;
  for (const std::string& value : {incident, std::to_string(made.entry.seq), made.line, made.hash,
                                   crypto::base64(made.signer), crypto::base64(made.signature)}) {
    insert.bind(++number, value);
  }
  doing("recording an entry of " + incident, [&] { insert.step(); });
  doing(fmt::format("entry {} of {} is recorded, but its hash is not kept beside it",
                    made.entry.seq, incident),
        [&] { keep_head(made); });
  return made;
}

std::map<std::string, std::pair<std::uint64_t, std::string>> Timeline::heads() const {
  const auto path = options_.directory / heads_name;
  std::map<std::string, std::pair<std::uint64_t, std::string>> made;
  if (!files_.status(path)) {
    return made;
  }
  bool is_damaged = false;
  try {
    const Json json = Json::parse(os::read_whole(files_, path, most_heads));
    for (const auto& [incident, head] : json.items()) {
      const Json& seq = head.at("seq");
      is_damaged = is_damaged || !seq.is_number_unsigned() || seq == 0;
      if (!is_damaged) {
        made[incident] = {seq.get<std::uint64_t>(), head.at("hash").get<std::string>()};
      }
    }
  } catch (const Json::exception&) {
    is_damaged = true;
  }
  if (is_damaged) {
    throw Error{Code::data, fmt::format("{} is damaged", printable(path.native())),
                "it is made anew from the database when it is moved away; what was cut off at the "
                "end of a timeline then cannot be told"};
  }
  return made;
}

void Timeline::keep_head(const SignedEntry& entry) const {
  auto all = heads();
  all[entry.entry.incident] = {entry.entry.seq, entry.hash};
  Json json = Json::object();
  for (const auto& [incident, head] : all) {
    json[incident] = {{"seq", head.first}, {"hash", head.second}};
  }
  os::ReplaceFile file{
      files_, options_.directory / heads_name, {.replace = true, .mode = private_file}};
  file.write(as_bytes(json.dump(1) + "\n"));
  file.finish();
}

}  // namespace trackier::incident
