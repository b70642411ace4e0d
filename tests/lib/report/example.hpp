#pragma once
/// A small report over a small audit log, as the command would make it.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/merkle.hpp"
#include "audit/note.hpp"
#include "core/bytes.hpp"
#include "core/hexadecimal.hpp"
#include "report/cited.hpp"
#include "report/controls.hpp"
#include "report/document.hpp"
#include "report/judge.hpp"
#include "report/verify.hpp"

namespace trackier::test {

inline const std::string origin = "db1.example";

inline Time at(const char* text) {
  return parse_rfc3339(text).value();
}

inline crypto::Secret log_key() {
  crypto::Secret seed{32};
  std::ranges::fill(seed.writable(), std::byte{7});
  return seed;
}

inline audit::Policy log_policy() {
  return {.log = {{.name = origin,
                   .kind = audit::KeyKind::ed25519,
                   .key = crypto::ed25519_public(log_key())}},
          .witnesses = {},
          .quorum = 0};
}

/// A log in memory.
class ExampleLog {
 public:
  void add(const std::string& operation, Time when, audit::Values args,
           const std::string& code = "ok", audit::Phase phase = audit::Phase::outcome) {
    audit::Record record{.seq = lines_.size(),
                         .at = audit::Milliseconds{when},
                         .phase = phase,
                         .operation = operation,
                         .host = "db1",
                         .args = std::move(args),
                         .previous = previous_};
    if (phase == audit::Phase::outcome) {
      record.result = audit::Result{.exit = code == "ok" ? 0U : 1U, .code = code};
    }
    lines_.push_back(audit::to_text(record));
    records_.push_back(record);
    previous_ = audit::leaf_hash(as_bytes(lines_.back()));
    hashes_.push_back(previous_);
  }

  [[nodiscard]] std::uint64_t size() const { return lines_.size(); }
  [[nodiscard]] const std::vector<audit::Record>& records() const { return records_; }

  /// Puts what is cited into the report, and the checkpoint over all.
  void cite(report::Report& report) const {
    const audit::Nodes nodes = [this](unsigned level, std::uint64_t index) {
      return node(level, index);
    };
    report.records.clear();
    for (std::uint64_t number = 0; number < size(); ++number) {
      bool is_cited = false;
      for (const auto& item : report.items) {
        for (const auto& line : item.lines) {
          is_cited = is_cited || line.record == number;
        }
      }
      if (is_cited) {
        std::string path;
        for (const auto& each : audit::inclusion_proof(number, size(), nodes)) {
          path += as_text(each);
        }
        report.records.push_back({.number = number, .text = lines_[number], .path = path});
      }
    }
    audit::Note note{.text = audit::to_text(audit::Checkpoint{
                         .origin = origin, .size = size(), .root = audit::root_of(size(), nodes)})};
    note.signatures.push_back(audit::sign_note(note.text, origin, log_key()));
    report.log.checkpoint = audit::to_text(note);
    report.log.key = audit::to_text(log_policy().log.front());
  }

 private:
  [[nodiscard]] audit::Hash node(unsigned level, std::uint64_t index) const {
    return level == 0
               ? hashes_[index]
               : audit::node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
  }

  std::vector<std::string> lines_;
  std::vector<audit::Record> records_;
  std::vector<audit::Hash> hashes_;
  audit::Hash previous_{};
};

inline const std::string first_digest(64, 'a');
inline const std::string second_digest(64, 'b');
inline const std::string proof_digest(64, 'c');

/// Three hours: two backups, one missing; a check; a restore; a key.
inline ExampleLog example_log() {
  ExampleLog log;
  log.add("backup", at("2026-11-01T00:05:00Z"), {{"backup", first_digest}});
  log.add("check", at("2026-11-01T00:06:00Z"), {{"memory.swap", std::string{"fail"}}});
  log.add("check", at("2026-11-01T00:16:00Z"), {{"memory.swap", std::string{"pass"}}});
  log.add("backup", at("2026-11-01T01:45:00Z"), {{"backup", second_digest}});
  log.add("verify", at("2026-11-01T01:50:00Z"), {{"proof", proof_digest}});
  log.add("anonymize", at("2026-11-01T02:00:00Z"), {});
  return log;
}

inline report::Report example_report(const ExampleLog& log) {
  report::Report made{.origin = origin,
                      .tool = "trackier-ctl 0.1.0",
                      .from = at("2026-11-01T00:00:00Z"),
                      .to = at("2026-11-01T03:00:00Z")};
  for (const report::ItemSpec& spec : report::item_specs()) {
    report::Item item{.id = std::string{spec.id}, .kind = spec.kind, .about = about_of(spec)};
    if (spec.id == "backup.slots") {
      item.subject = "shop <script>";
      item.every = std::chrono::hours{1};
      item.since = made.from - std::chrono::hours{9};
      item.lines = {{.subject = "2026-11-01T00:00:00Z",
                     .state = "taken",
                     .at = at("2026-11-01T00:05:00Z"),
                     .digest = first_digest,
                     .record = 0},
                    {.subject = "2026-11-01T01:00:00Z",
                     .state = "late",
                     .at = at("2026-11-01T01:45:00Z"),
                     .digest = second_digest,
                     .record = 3},
                    {.subject = "2026-11-01T02:00:00Z",
                     .state = "missing",
                     .remark = "no run was recorded & \"more\""}};
    } else if (spec.id == "restore.drill") {
      item.subject = "shop <script>";
      item.most = 31;
      item.lines = {{.subject = "backup aaaaaaaa",
                     .state = "passed",
                     .at = at("2026-11-01T01:50:00Z"),
                     .value = 2100,
                     .digest = proof_digest,
                     .record = 4}};
    } else if (spec.id == "key.age") {
      item.most = 365;
      item.lines = {report::age_line("keys.web", at("2025-01-01T00:00:00Z"), 365, made.to)};
    } else if (spec.id == "audit.intact") {
      item.lines = {report::intact_line(log.size())};
    } else {
      for (const audit::Record& record : log.records()) {
        if (auto line = report::check_line(spec.id, record)) {
          item.lines.push_back(*line);
        } else if (report::belongs(spec.id, record)) {
          item.lines.push_back(report::run_line(record));
        }
      }
    }
    made.items.push_back(std::move(item));
  }
  for (report::Item& each : made.items) {
    report::judge(each, made);
  }
  log.cite(made);
  return made;
}

inline report::Item& item_of(report::Report& report, std::string_view id) {
  return *std::ranges::find(report.items, id, &report::Item::id);
}

}  // namespace trackier::test
