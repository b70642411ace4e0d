#include "anonymize/record_reader.hpp"

namespace trackier::anonymize {

namespace {

class PlainReader : public RecordReader {
 public:
  bool read(std::string_view /*record*/, std::vector<FieldValue>& /*fields*/) override {
    return true;
  }
  [[nodiscard]] bool reads_nothing() const override { return true; }
};

}  // namespace

std::unique_ptr<RecordReader> make_reader(Format format, const FieldRules& rules,
                                          const Columns& columns) {
  switch (format) {
    case Format::common:
    case Format::combined:
      return make_access_log_reader(rules, format == Format::combined);
    case Format::json:
      return make_json_reader(rules, columns.documents);
    case Format::csv:
    case Format::tsv:
      return make_delimited_reader(rules, columns);
    case Format::logfmt:
      return make_logfmt_reader(rules);
    case Format::syslog:
      return make_syslog_reader(rules);
    case Format::w3c:
    case Format::cloudfront:
    case Format::zeek:
      return make_column_log_reader(rules, format);
    case Format::elb:
    case Format::alb:
    case Format::haproxy:
      return make_balancer_reader(rules, format);
    case Format::log_format:
      return make_log_format_reader(rules, columns.log_format);
    default:
      return std::make_unique<PlainReader>();
  }
}

}  // namespace trackier::anonymize
