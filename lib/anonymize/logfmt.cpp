// logfmt: key=value pairs, values with spaces in quotes.
#include <algorithm>

#include "anonymize/characters.hpp"
#include "anonymize/record_reader.hpp"

namespace trackier::anonymize {

namespace {

/// What ends a value for the detectors (character::value_end) ends one here.
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

class LogfmtReader : public RecordReader {
 public:
  explicit LogfmtReader(const FieldRules& rules) : rules_(rules) {}

  bool read(std::string_view record, std::vector<FieldValue>& out) override {
    std::size_t pairs = 0;
    std::size_t words = 0;
    std::size_t i = 0;
    while (i < record.size()) {
      if (is_blank(record[i])) {
        ++i;
        continue;
      }
      const std::size_t key = i;
      while (i < record.size() && !is_blank(record[i]) && record[i] != '=' && record[i] != '"') {
        ++i;
      }
      if (character::at(record, i) == '"') {
        return false;
      }
      ++words;
      if (character::at(record, i) != '=') {
        continue;  // a key without a value
      }
      if (i == key) {
        return false;
      }
      ++pairs;
      const std::string_view name = record.substr(key, i - key);
      ++i;
      std::size_t begin = i;
      std::size_t end = 0;
      Quoting quoting = Quoting::bare;
      if (character::at(record, i) == '"') {
        begin = i + 1;
        end = record.find('"', begin);
        while (end != std::string_view::npos && character::is_escaped(record, end)) {
          end = record.find('"', end + 1);
        }
        if (end == std::string_view::npos) {
          return false;
        }
        quoting = Quoting::backslashed;
        i = end + 1;
      } else {
        while (i < record.size() && !is_blank(record[i])) {
          ++i;
        }
        end = i;
      }
      const auto rule = rules_.for_name(name);
      if (rule.transform != nullptr && end > begin && record.substr(begin, end - begin) != "-") {
        out.push_back({.begin = static_cast<std::uint32_t>(begin),
                       .end = static_cast<std::uint32_t>(end),
                       .quoting = quoting,
                       .rule = rule});
      }
    }
    return words == 0 || (pairs >= 2 && pairs * 2 >= words);
  }

 private:
  const FieldRules& rules_;
};

}  // namespace

std::unique_ptr<RecordReader> make_logfmt_reader(const FieldRules& rules) {
  return std::make_unique<LogfmtReader>(rules);
}

}  // namespace trackier::anonymize
