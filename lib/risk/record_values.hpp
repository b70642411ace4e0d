#pragma once
/// Reads of each record whose it is, and the fields that a survey asks for.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anonymize/record_observer.hpp"
#include "anonymize/record_reader.hpp"
#include "risk/values.hpp"

namespace trackier::risk {

/// Which fields, by names as rules of a profile have them, see anonymize::FieldRule::selector.
struct WantedFields {
  std::string id;
  std::vector<std::string> fields;
};

/// One for each worker.
class RecordValues {
 public:
  RecordValues(anonymize::Format format, const anonymize::Columns& columns,
               const WantedFields& wanted, const HashKey& key);
  ~RecordValues();
  RecordValues(const RecordValues&) = delete;
  RecordValues& operator=(const RecordValues&) = delete;
  RecordValues(RecordValues&&) = delete;
  RecordValues& operator=(RecordValues&&) = delete;

  /// See anonymize::RecordReader::begin().
  void begin(std::string_view directives);

  /// See anonymize::RecordObserver::record(): the id is that of `before`, the fields are those of
  /// `after`. False: not of the format.
  bool read(std::string_view before, std::string_view after,
            std::span<const anonymize::Edit> edits);

  /// Of the record that was read last: 0 when it does not say whose it is.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  /// One for each field that is wanted.
  [[nodiscard]] std::span<const HashedValue> values() const { return values_; }

 private:
  class Reader;

  void take(std::size_t number, const anonymize::FieldValue& field, std::string_view text);

  std::unique_ptr<Reader> fields_;
  std::unique_ptr<Reader> ids_;  ///< null: fields_ finds the id as well
  std::size_t id_selector_ = 0;  ///< of fields_
  ValueHash hash_;
  std::vector<ValueHasher> hashers_;
  std::uint64_t id_ = 0;
  std::vector<HashedValue> values_;
  std::string decoded_;
};

}  // namespace trackier::risk
