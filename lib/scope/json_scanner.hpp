#pragma once
/// Reads the wanted fields of a JSON object that is one line, and checks the rest of it without
/// keeping it: no tree is built, so that logs of gigabytes are read at the speed of the disk.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scope/record.hpp"

namespace trackier::scope {

/// Thread-safe when made.
class JsonScanner {
 public:
  /// fields: paths into nested objects, each once. `user.id` is also found as a key "user.id" of
  /// the outermost object, as some loggers write it.
  explicit JsonScanner(std::span<const std::string> fields);

  /// Fills the record (of as many fields, or more; the others become absent) when `line` is one
  /// JSON object (RFC 8259) with nothing but white space around it; otherwise returns false and
  /// the record is unspecified. Of a key that comes twice the last one counts, whatever it holds.
  /// Bytes that are not UTF-8 are taken as they are. Refuses more than 512 levels.
  bool read(std::string_view line, Record& record) const;

  /// A step of a path: what keys lead on, and what they lead to.
  struct Step {
    struct Key {
      std::string name;
      std::size_t step;
    };
    static constexpr std::size_t no_field = SIZE_MAX;

    std::vector<Key> keys;
    std::size_t field = no_field;       ///< it is this one
    std::vector<std::size_t> affected;  ///< it and those below
  };

 private:
  std::size_t lead(std::size_t from, std::string_view key);

  std::vector<Step> steps_;
};

}  // namespace trackier::scope
