// logfmt: key=value pairs, values with spaces in quotes.
#include <algorithm>
#include <array>

#include "anonymize/characters.hpp"
#include "anonymize/record_reader.hpp"
#include "anonymize/remembered_names.hpp"

namespace trackier::anonymize {

namespace {

/// What ends a value for the detectors (character::value_end) ends one here.
constexpr std::string_view blanks{" \t\r\0", 4};

constexpr std::array<bool, 256> table_of(std::string_view characters) {
  std::array<bool, 256> table{};
  for (const char c : characters) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}

constexpr std::array<bool, 256> is_blank_byte = table_of(blanks);
constexpr std::array<bool, 256> ends_key = table_of({" \t\r\0=\"", 6});

bool is_blank(char c) {
  return is_blank_byte[static_cast<unsigned char>(c)];
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
      while (i < record.size() && !ends_key[static_cast<unsigned char>(record[i])]) {
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
      const FieldRules::Rule rule = rule_of(name, pairs);
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
  FieldRules::Rule rule_of(std::string_view name, std::size_t place) {
    if (const FieldRules::Rule* known = names_.rule_of(name, place)) {
      return *known;
    }
    const FieldRules::Rule rule = rules_.for_name(name);
    names_.remember(name, place, rule);
    return rule;
  }

  const FieldRules& rules_;
  RememberedNames names_;
};

}  // namespace

std::unique_ptr<RecordReader> make_logfmt_reader(const FieldRules& rules) {
  return std::make_unique<LogfmtReader>(rules);
}

}  // namespace trackier::anonymize
