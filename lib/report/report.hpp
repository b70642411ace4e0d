#pragma once
/// What an auditor is given: per measure of the company's public page the controls it serves, and
/// the evidence, all of it and not samples. A report is data; its statuses, sentences and counts
/// follow from its lines (judge.hpp), it is sealed by the key of the audit log (seal.hpp), written
/// as JSON, HTML or OSCAL, and checked again from the file alone (verify.hpp).
/// trackier-ctl-report(1) describes the formats.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "check/finding.hpp"
#include "core/time.hpp"

namespace trackier::report {

using check::Status;

/// What the lines of an item are, and so how they are judged.
enum class Kind : std::uint8_t {
  slots,      ///< each stretch of time of a source, and the backup that was taken for it
  checks,     ///< each recorded run of a check of the host; the last one counts
  drills,     ///< each restore of a source that was compared
  ages,       ///< each key in use at the end of the period
  settings,   ///< each setting in force, held against the promise
  runs,       ///< each recorded run of some commands
  incidents,  ///< each breach that was detected, and when customers heard of it
  exercises,  ///< each breach that was practised
  log,        ///< what vouches for the records
  manual,     ///< a person has to look
};

std::string_view to_text(Kind kind);  ///< the name
std::optional<Kind> parse_kind(std::string_view text);

/// One object that was looked at.
struct Line {
  std::string subject;                 ///< a slot, a key, an operation; printable
  std::string state;                   ///< a word of its kind: "taken", "missing", "pass", "io"
  std::optional<Time> at;              ///< when: taken, created, ended, sent
  std::optional<Time> due;             ///< of an incident: by when
  std::optional<std::uint64_t> value;  ///< milliseconds of a drill, days of a key
  std::string digest;  ///< of a manifest or proof, that the record names; else empty
  std::optional<std::uint64_t> record;  ///< its number in the audit log
  std::string remark;                   ///< printable; empty: nothing to explain

  friend bool operator==(const Line&, const Line&) = default;
};

struct Item {
  std::string id;       ///< "backup.slots"; controls.hpp knows them all
  std::string subject;  ///< which one, where there are several: a source; printable
  Kind kind = Kind::manual;
  std::string about;    ///< what lines there would be, and where they were looked for; printable
  std::string problem;  ///< why it could not be looked at; empty: it could
  bool is_owed = true;  ///< without lines it is not checked; otherwise there is no such thing here
  std::optional<std::chrono::seconds> every;  ///< of slots: how long each is
  std::optional<std::uint64_t> most;  ///< days: of ages, and of drills since the last that passed
  std::optional<Time> since;          ///< of slots: when the source was first backed up
  std::vector<Line> lines;            ///< oldest first

  // What judge() makes of it.
  Status status = Status::not_checked;
  std::string statement;
  std::optional<Time> collected;  ///< when the newest line was seen
  std::optional<Time> expires;    ///< from then on it proves nothing
};

/// A record of the audit log that lines refer to.
struct CitedRecord {
  std::uint64_t number = 0;
  std::string text;  ///< as it stands in the log, without its line end
  std::string path;  ///< inclusion proof under Log::checkpoint: 32 bytes a hash, from the leaf up
};

/// A checkpoint that witnesses signed, and what ties the one of the report to it.
struct Anchored {
  std::string note;
  std::string consistency;  ///< 32 bytes a hash, from its size to that of the report
};

struct Log {
  std::string key;         ///< public key that signs: NAME+ID+KEY of a signed note
  std::string checkpoint;  ///< note over all records before the end of the period
  std::optional<Anchored> anchor;
};

struct Report {
  std::string origin;  ///< name of the audit log
  std::string tool;    ///< "trackier-ctl 0.1.0"
  Time from;
  Time to;
  std::vector<Item> items;           ///< in the order of controls.hpp
  std::vector<CitedRecord> records;  ///< in order of their numbers, each once
  Log log;
};

}  // namespace trackier::report
