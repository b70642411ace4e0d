#pragma once
/// The audit log as a report cites it: the records up to the last one of the period, as a tree of
/// its own, which stays the same whatever is written later.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "context.hpp"
#include "report/report.hpp"

namespace trackier::cli {

class ReportLog {
 public:
  struct Kept {
    audit::Record record;
    std::string line;
  };

  /// Reads the log up to the last record of before `to`. Those of `since` or later are kept.
  /// Throws Error{Code::data} when a record does not follow from the one before.
  ReportLog(Context& context, Time since, Time to);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<Kept>& records() const { return records_; }

  /// The outcome of a run of `operation` that names `digest` as `name`; none: nothing is on record.
  [[nodiscard]] std::optional<std::uint64_t> record_of(const std::string& operation,
                                                       const std::string& name,
                                                       const std::string& digest) const;

  /// Signs the tree, and puts the records that lines of the report name into it, with their proofs.
  /// Throws Error{Code::data} when the log is not the one that was signed before.
  void cite(report::Report& report) const;

  /// The largest checkpoint of witnesses that covers no more than this, and had enough of them
  /// before `to`; none: there is none.
  struct Anchor {
    std::string note;
    std::uint64_t size = 0;
    std::size_t witnesses = 0;
    Time seen;
  };
  [[nodiscard]] const std::optional<Anchor>& anchor() const { return anchor_; }

 private:
  void find_anchor();

  Context& context_;
  Time to_;
  std::uint64_t size_ = 0;
  std::vector<Kept> records_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> digests_;  ///< by operation, digest
  std::optional<Anchor> anchor_;
};

}  // namespace trackier::cli
