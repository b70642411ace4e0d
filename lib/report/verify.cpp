#include "report/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "report/cited.hpp"
#include "report/controls.hpp"
#include "report/verify_lines.hpp"

namespace trackier::report {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error{Code::data, why};
}

std::vector<audit::Hash> hashes_in(std::string_view bytes, const std::string& what) {
  std::vector<audit::Hash> hashes(bytes.size() / audit::Hash{}.size());
  if (bytes.size() % audit::Hash{}.size() != 0) {
    refuse(what + " is cut short");
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::ranges::copy(as_bytes(bytes).subspan(i * hashes[i].size(), hashes[i].size()),
                      hashes[i].begin());
  }
  return hashes;
}

void check_seal(const Sealed& sealed, const audit::Policy& policy) {
  doing("the seal", [&] {
    const audit::Note note = audit::parse_note(sealed.seal);
    if (note.text != seal_text(sealed.report)) {
      refuse("is over another report");
    }
    if (audit::to_text(note) != sealed.seal) {
      refuse("is not as it has to be");
    }
    const auto signers = audit::signers_of(note, policy.log);
    if (signers.empty()) {
      refuse("is by none of the keys that are expected");
    }
    if (audit::to_text(signers.front().by) != sealed.report.log.key ||
        signers.front().by.name != sealed.report.origin) {
      refuse("is by another key than the one the report names");
    }
  });
}

audit::Checkpoint checkpoint_of(const Report& report, const audit::Policy& policy) {
  return doing("the checkpoint", [&] {
    const auto anchor = audit::check_anchor(audit::parse_note(report.log.checkpoint), policy);
    if (anchor.checkpoint.origin != report.origin) {
      refuse("is of another log");
    }
    return anchor.checkpoint;
  });
}

std::optional<audit::Anchor> anchor_of(const Report& report, const audit::Policy& policy,
                                       const audit::Checkpoint& checkpoint) {
  if (!report.log.anchor) {
    return std::nullopt;
  }
  return doing("the checkpoint of witnesses", [&] {
    auto anchor = audit::check_anchor(audit::parse_note(report.log.anchor->note), policy);
    const auto proof = hashes_in(report.log.anchor->consistency, "its proof");
    if (anchor.checkpoint.size > checkpoint.size ||
        !audit::verify_consistency(anchor.checkpoint.size, anchor.checkpoint.root, checkpoint.size,
                                   checkpoint.root, proof)) {
      refuse("is of another log than that of the report");
    }
    return anchor;
  });
}

/// The records by number, each shown to be in the log.
CitedRecords records_of(const Report& report, const audit::Checkpoint& checkpoint) {
  CitedRecords records;
  for (const CitedRecord& each : report.records) {
    doing(fmt::format("record {}", each.number), [&] {
      audit::Record record;
      if (!audit::parse_record(each.text, record) || record.seq != each.number) {
        refuse("is no record of that number");
      }
      if (!records.empty() && records.rbegin()->first >= each.number) {
        refuse("is out of order");
      }
      if (second_of(record) >= report.to) {
        refuse("is of after the period");
      }
      if (each.number >= checkpoint.size ||
          !audit::verify_inclusion(audit::leaf_hash(as_bytes(each.text)), each.number,
                                   checkpoint.size, hashes_in(each.path, "its proof"),
                                   checkpoint.root)) {
        refuse("is not in the log that was signed");
      }
      records.emplace(each.number, std::move(record));
    });
  }
  return records;
}

/// Each known item is there, once or for each of its subjects, and judged by its lines.
void check_items(const Report& report, const CitedRecords& records) {
  std::set<std::pair<std::string, std::string>> seen;
  std::set<std::string> ids;
  for (const Item& each : report.items) {
    const std::string name =
        each.id + (each.subject.empty() ? "" : " of " + printable(each.subject));
    doing(name, [&] {
      if (!seen.emplace(each.id, each.subject).second) {
        refuse("is there twice");
      }
      if (spec_of(each.id).kind != each.kind) {
        refuse("is judged by the rules of another kind");
      }
      check_lines(each, report, records);
      Item again = each;
      judge(again, report);
      if (again.status != each.status || again.statement != each.statement ||
          again.collected != each.collected || again.expires != each.expires) {
        refuse(fmt::format("its lines add up to {}: {}", check::to_text(again.status),
                           printable(again.statement)));
      }
    });
    ids.insert(each.id);
  }
  for (const ItemSpec& each : item_specs()) {
    if (!ids.contains(std::string{each.id})) {
      refuse(fmt::format("{} is missing", each.id));
    }
  }
}

void check_all_cited(const Report& report) {
  std::set<std::uint64_t> cited;
  for (const Item& item : report.items) {
    for (const Line& line : item.lines) {
      if (line.record) {
        cited.insert(*line.record);
      }
    }
  }
  for (const CitedRecord& each : report.records) {
    if (!cited.contains(each.number)) {
      refuse(fmt::format("record {}: no line names it", each.number));
    }
  }
}

/// What the items about the log itself say of it.
void check_log_items(const Report& report, const audit::Checkpoint& checkpoint,
                     const std::optional<audit::Anchor>& anchor, const audit::Policy& policy) {
  for (const Item& item : report.items) {
    if (item.id == "audit.intact" && !item.lines.empty() &&
        item.lines != std::vector{intact_line(checkpoint.size)}) {
      refuse("audit.intact: its line is of another log");
    }
    const bool has_none = item.lines.empty() || item.lines.front().state == "missing";
    if (item.id != "audit.anchor" || (has_none && !report.log.anchor)) {
      continue;
    }
    if (item.lines.size() != 1 || !anchor) {
      refuse("audit.anchor: its line is of no checkpoint that is here");
    }
    const bool is_known = !policy.witnesses.empty() && anchor->seen;
    const Line& line = item.lines.front();
    if (line.value != anchor->checkpoint.size ||
        (is_known && line != anchor_line(anchor->checkpoint.size, checkpoint.size,
                                         anchor->witnesses.size(), *anchor->seen, report.to))) {
      refuse("audit.anchor: its line is of another checkpoint");
    }
  }
}

}  // namespace

Verified verify(std::string_view file, const audit::Policy& policy) {
  Opened it = opened(file);
  if (written(it.sealed, it.format) != file) {
    refuse("what it shows is not what the data in it gives: it was changed");
  }
  const Report& report = it.sealed.report;
  check_seal(it.sealed, policy);
  const audit::Checkpoint checkpoint = checkpoint_of(report, policy);
  const auto anchor = anchor_of(report, policy, checkpoint);
  check_items(report, records_of(report, checkpoint));
  check_all_cited(report);
  check_log_items(report, checkpoint, anchor, policy);
  const bool is_witnessed = anchor && !anchor->witnesses.empty();
  const Counts counts = counts_of(report.items);
  return {.format = it.format,
          .report = std::move(it.sealed.report),
          .counts = counts,
          .log_records = checkpoint.size,
          .anchored_records = is_witnessed ? anchor->checkpoint.size : 0};
}

}  // namespace trackier::report
