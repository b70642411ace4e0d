#include "report_log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit/checkpoints.hpp"
#include "audit/search.hpp"
#include "audit/segments.hpp"
#include "audit/tree.hpp"
#include "audit_log.hpp"
#include "report/cited.hpp"

namespace trackier::cli {
namespace {

std::string bytes_of(const std::vector<audit::Hash>& hashes) {
  std::string bytes;
  for (const audit::Hash& each : hashes) {
    bytes += as_text(each);
  }
  return bytes;
}

}  // namespace

ReportLog::ReportLog(Context& context, Time since, Time to) : context_(context), to_(to) {
  const auto directory = audit_directory(context);
  if (audit::segments_in(context.files(), directory).empty()) {
    return;
  }
  // Not the first one that claims a later time: a clock that was ahead once would hide what
  // follows.
  std::uint64_t size = 0;
  audit::search(
      context.files(), directory,
      [&](const audit::Record& record) { return report::second_of(record) < to; },
      [&](const audit::Record& record, std::string_view /*line*/) { size = record.seq + 1; },
      context.interrupt().token());
  audit::Hash previous{};
  const auto matches = [&](const audit::Record& record) { return record.seq < size; };
  audit::search(
      context.files(), directory, matches,
      [&](const audit::Record& record, std::string_view line) {
        if (record.seq != size_ || record.previous != previous) {
          throw Error{Code::data, fmt::format("record {} of the audit log does not follow", size_),
                      "trackier-ctl audit verify says what is wrong; nothing is reported until it "
                      "is cleared up"};
        }
        previous = audit::leaf_hash(as_bytes(line));
        ++size_;
        if (report::second_of(record) < since || report::second_of(record) >= to) {
          return;
        }
        if (record.phase == audit::Phase::outcome) {
          for (const auto& [name, value] : record.args) {
            if (const auto* const word = std::get_if<std::string>(&value)) {
              digests_.emplace(std::pair{record.operation, *word}, record.seq);
            }
          }
        }
        records_.push_back({.record = record, .line = std::string{line}});
      },
      context.interrupt().token());
  find_anchor();
}

std::optional<std::uint64_t> ReportLog::record_of(const std::string& operation,
                                                  const std::string& name,
                                                  const std::string& digest) const {
  const auto found = digests_.find({operation, digest});
  if (found == digests_.end()) {
    return std::nullopt;
  }
  const auto at = std::ranges::lower_bound(records_, found->second, {},
                                           [](const Kept& each) { return each.record.seq; });
  return report::names(at->record, name, digest) ? std::optional{found->second} : std::nullopt;
}

void ReportLog::find_anchor() {
  const audit::Policy policy = audit_policy(context_);
  if (policy.witnesses.empty()) {
    return;
  }
  for (const std::string& text :
       audit::kept_checkpoints(context_.files(), audit_directory(context_))) {
    const audit::Note note = audit::parse_note(text);
    if (audit::signers_of(note, policy.log).empty()) {
      continue;  // of a key that this host had before
    }
    const audit::Anchor found = audit::check_anchor(note, policy);
    const bool is_larger = !anchor_ || found.checkpoint.size > anchor_->size;
    if (found.seen && *found.seen < to_ && found.checkpoint.size <= size_ && is_larger) {
      anchor_ = Anchor{.note = text,
                       .size = found.checkpoint.size,
                       .witnesses = found.witnesses.size(),
                       .seen = *found.seen};
    }
  }
}

void ReportLog::cite(report::Report& report) const {
  const auto directory = audit_directory(context_);
  audit::Note note;
  audit::Checkpoint checkpoint{
      .origin = report.origin, .size = size_, .root = audit::Frontier{}.root()};
  std::set<std::uint64_t> cited;
  for (const report::Item& item : report.items) {
    for (const report::Line& line : item.lines) {
      if (line.record) {
        cited.insert(*line.record);
      }
    }
  }
  if (size_ > 0) {
    const auto held = audit::hold_log(context_.files(), directory, audit::LogOptions{}.patience,
                                      context_.interrupt().token());
    audit::Tree tree{context_.files(), directory};
    if (const auto before = audit::newest_checkpoint(context_.files(), directory)) {
      const auto old = audit::parse_checkpoint(audit::parse_note(*before).text);
      if (old.size > tree.size() || tree.root_at(old.size) != old.root) {
        throw Error{Code::data, "the audit log is not the one that was signed before",
                    "trackier-ctl audit verify says what is wrong"};
      }
    }
    checkpoint.root = tree.root_at(size_);
    for (const Kept& each : records_) {
      if (cited.contains(each.record.seq)) {
        report.records.push_back({.number = each.record.seq,
                                  .text = each.line,
                                  .path = bytes_of(tree.inclusion(each.record.seq, size_))});
      }
    }
    if (anchor_) {
      report.log.anchor = report::Anchored{
          .note = anchor_->note, .consistency = bytes_of(tree.consistency(anchor_->size, size_))};
    }
  }
  note.text = audit::to_text(checkpoint);
  note.signatures.push_back(
      audit::sign_note(note.text, report.origin, audit_signing_key(context_)));
  report.log.checkpoint = audit::to_text(note);
  report.log.key = audit::to_text(audit_log_key(context_));
}

}  // namespace trackier::cli
