#pragma once
/// From the bytes of a chunk to the same bytes without the people in them.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anonymize/detector.hpp"
#include "anonymize/epochs.hpp"
#include "anonymize/record_observer.hpp"
#include "anonymize/record_reader.hpp"
#include "anonymize/replacements.hpp"
#include "anonymize/tally.hpp"
#include "anonymize/transformer.hpp"

namespace trackier::anonymize {

class Patterns;

/// What all workers of a run share; must outlive them.
struct Task {
  const Profile& profile;
  const Pseudonymizer& pseudonymizer;
  Format format = Format::plain;
  Columns columns;
  Instructions instructions = best_instructions();
  bool check = false;  ///< look for what is still there instead of replacing it
  bool undo = false;   ///< put the values of tokens back; findings are those that are none
  const Epochs* epochs = nullptr;  ///< keys for periods, in place of the pseudonymizer's
};

/// One per thread.
class Anonymizer {
 public:
  /// Throws Error{Code::config} for a pattern or network that is none.
  explicit Anonymizer(const Task& task);
  ~Anonymizer();
  Anonymizer(const Anonymizer&) = delete;
  Anonymizer& operator=(const Anonymizer&) = delete;
  Anonymizer(Anonymizer&&) = delete;
  Anonymizer& operator=(Anonymizer&&) = delete;

  /// Appends to `out` what becomes of `chunk`, which holds whole records; `first`: it begins the
  /// input. In a check nothing is appended and findings, their lines counted from the chunk's
  /// first, are added to findings(). lines: every line is a record, also where a quote is open.
  /// directives: those in force at the chunk's beginning, see Chunk.
  void process(std::string_view chunk, bool first, std::string& out, Tally& tally,
               bool lines = false, std::string_view directives = {});

  /// A part of a record that is too long to be held whole, as running text. Appends what becomes of
  /// the front of `window` and returns how long that front is; the rest must come again at the
  /// start of the next window. last: nothing follows. A rule that drops the record leaves out the
  /// value alone: what stands before it has been written.
  std::size_t process_window(std::string_view window, bool last, std::string& out, Tally& tally);

  /// The periods of what is processed next, of a task with epochs; `periods` must stay until then.
  void use_periods(std::span<const PeriodSpan> periods);

  /// What is replaced from now on is noted in `into`; stretches count from the beginning of `out`.
  void note_in(Replacements& into) { replacements_ = &into; }

  std::vector<Finding>& findings() { return findings_; }

  /// From now on `observer` is shown the records; not in a check, and none of process_window().
  void show(RecordObserver& observer) { observer_ = &observer; }

 private:
  void observe(std::string_view chunk, std::size_t begin, std::string_view record, std::size_t end,
               std::size_t written, std::string& out);
  void prepare(std::string_view chunk, std::span<const Match> matches);
  void process_plain(std::string_view chunk, std::string& out, Tally& tally);
  void process_records(std::string_view chunk, bool first, bool lines, std::string& out,
                       Tally& tally);
  void emit(std::string_view chunk, std::size_t end, std::string& out);
  bool replace_match(std::string_view chunk, const Match& match, const Detector& detector,
                     std::string& out, Tally& tally);
  bool replace_last_octet(std::string_view chunk, const Match& match, std::string& out,
                          Tally& tally);
  bool replace_field(std::string_view chunk, const FieldValue& field, std::string& out,
                     Tally& tally);
  bool replace(std::string_view chunk, const FieldValue& field, std::string_view value,
               std::string& out, Tally& tally);
  Outcome transformed(const FieldValue& field, std::string_view value, Tally& tally);
  Outcome transformed_inside(const FieldValue& field, std::string_view value, Tally& tally);
  void append_replacement(std::string_view chunk, const FieldValue& field, std::string& out);
  bool merge(std::string_view chunk, std::size_t end, std::span<const Match> matches,
             std::size_t& next, const Detector& detector, std::string& out, Tally& tally);
  std::size_t record_end(std::string_view chunk, std::size_t begin, bool lines, Tally& tally) const;
  void redact_unparsed(std::string_view chunk, std::size_t begin, std::string_view record,
                       std::string& out);
  void leave_out(std::string_view chunk, std::size_t begin, std::size_t end, std::string& out);
  bool merge_in_marks(std::string_view chunk, std::size_t end, std::span<const Match> matches,
                      std::string& out, Tally& tally);
  bool merge_parts(std::string_view chunk, std::size_t begin, std::string_view record,
                   std::size_t end, std::span<const Match> matches, std::string& out, Tally& tally);
  [[nodiscard]] bool crosses_fields(std::string_view chunk, std::span<const Match> matches,
                                    std::size_t end) const;
  [[nodiscard]] std::size_t window_cut(std::size_t size, bool last,
                                       std::span<const Match> matches) const;
  const Period& period_at(std::size_t at);
  Transformer* transformer_at(std::size_t at);
  Transformer* transformer_of(const Period& period);
  Outcome transformed_without_key(const FieldValue& field, std::string_view value, Tally& tally);
  [[nodiscard]] bool is_for_rule(std::string_view value, bool address_inside,
                                 FieldValue& field) const;
  void note_edit(std::size_t begin, std::size_t end, std::size_t new_begin, std::size_t new_end);
  void note_finding(std::string_view chunk, std::size_t at, std::uint16_t rule);

  const Task& task_;
  FieldRules rules_;
  std::unique_ptr<RecordReader> reader_;
  std::unique_ptr<Patterns> patterns_;
  Detector detector_;
  std::unique_ptr<Detector>
      plain_detector_;  ///< for records that a structured format could not read
  std::unique_ptr<Detector> parts_detector_;  ///< for records in which a match crosses fields
  std::vector<std::uint32_t> divisions_;      ///< of the record at hand
  std::string parts_;                         ///< the record at hand, divided
  Transformer transformer_;                   ///< without epochs, or where no key is needed
  /// Null: the key of the period has been destroyed.
  struct OfPeriod {
    std::shared_ptr<const Pseudonymizer> pseudonymizer;
    std::unique_ptr<Transformer> transformer;
  };
  std::map<Period, OfPeriod> of_periods_;
  std::span<const PeriodSpan> periods_;
  std::size_t in_period_ = 0;                  ///< of periods_
  std::optional<Transformer*> in_force_ = {};  ///< of that period, once it was asked for
  bool may_drop_records_ = false;
  bool plain_ipv4_ =
      false;  ///< IPv4 addresses lose their last octet and nothing else holds for them

  std::unique_ptr<Task> inside_task_;   ///< of inside_
  std::unique_ptr<Anonymizer> inside_;  ///< for the text in base64; made when first needed

  RecordObserver* observer_ = nullptr;
  std::vector<Edit> edits_;  ///< for it, of the record at hand: places in the chunk and in `out`
  Replacements* replacements_ = nullptr;
  bool in_window_ = false;

  std::size_t copied_ = 0;          ///< of the chunk, up to here it is in `out`
  std::vector<FieldValue> fields_;  ///< of the record at hand
  std::string replacement_;
  std::vector<Finding> findings_;
  std::size_t line_begin_ = 0;  ///< check: where the line of the last finding begins
  std::uint64_t line_ = 1;
};

}  // namespace trackier::anonymize
