// Access logs whose records are values between literals: of nginx and Apache httpd, as the operator
// has them written, and those of the load balancers of AWS and of HAProxy, which have fixed
// formats.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
// https://docs.haproxy.org/2.8/configuration.html#8.2
#include <algorithm>
#include <array>
#include <utility>

#include "anonymize/addresses.hpp"
#include "anonymize/characters.hpp"
#include "anonymize/log_format.hpp"
#include "anonymize/record_reader.hpp"
#include "anonymize/secrets.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_digit;

/// A compiled format with the rules that hold for its variables.
class Layout {
 public:
  Layout(const FieldRules& rules, LogFormat format, std::optional<std::size_t> needed)
      : format_(std::move(format)), needed_(needed) {
    for (const LogFormat::Variable& variable : format_.variables) {
      rules_.push_back(rules.for_names(variable.names, rules_.size() + 1));
      note_dividers(variable.behind);
    }
  }

  bool match(std::string_view record) {
    return match_log_format(format_, record, needed_, values_);
  }

  /// Of the record matched last.
  [[nodiscard]] std::string_view value(std::string_view record, std::size_t variable) const {
    const ValueRange range = values_[variable];
    return record.substr(range.begin, range.end - range.begin);
  }
  ValueRange& range(std::size_t variable) { return values_[variable]; }
  [[nodiscard]] std::size_t variable(std::string_view name) const {
    const auto found = std::ranges::find_if(
        format_.variables, [name](const auto& variable) { return variable.names.front() == name; });
    return static_cast<std::size_t>(found - format_.variables.begin());
  }
  [[nodiscard]] bool has(std::string_view name) const {
    return variable(name) < format_.variables.size();
  }

  void put(std::string_view record, std::uint32_t offset, std::vector<FieldValue>& out) const {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::string_view text = value(record, i);
      if (rules_[i].transform == nullptr || text.empty() || text == "-") {
        continue;
      }
      out.push_back({.begin = values_[i].begin + offset,
                     .end = values_[i].end + offset,
                     .quoting = quoting(format_.variables[i]),
                     .rule = rules_[i]});
    }
  }

  [[nodiscard]] std::string_view dividers() const { return dividers_; }

  /// A literal with letters is context ("uid="), and no number goes on behind it.
  void divisions(std::string_view record, std::uint32_t offset,
                 std::vector<std::uint32_t>& places) const {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::string& behind = format_.variables[i].behind;
      if (std::ranges::any_of(behind, character::is_alnum)) {
        continue;
      }
      const std::size_t end = std::min<std::size_t>(values_[i].end + behind.size(), record.size());
      for (std::size_t place = values_[i].end; place < end; ++place) {
        if (dividers_.find(record[place]) != std::string::npos) {
          places.push_back(static_cast<std::uint32_t>(place) + offset);
        }
      }
    }
  }

 private:
  void note_dividers(std::string_view literal) {
    for (const char c : literal) {
      const bool divides = !character::is_alnum(c) &&
                           std::string_view{"\"'[](){}"}.find(c) == std::string_view::npos;
      if (divides && dividers_.find(c) == std::string::npos) {
        dividers_.push_back(c);
      }
    }
  }

  [[nodiscard]] Quoting quoting(const LogFormat::Variable& variable) const {
    if (format_.escape == LogFormat::Escape::json) {
      return Quoting::json_string;
    }
    return variable.quoted ? Quoting::backslashed : Quoting::bare;
  }

  LogFormat format_;
  std::optional<std::size_t> needed_;
  std::vector<FieldRules::Rule> rules_;
  std::string dividers_;
  std::vector<ValueRange> values_;
};

class LogFormatReader : public RecordReader {
 public:
  LogFormatReader(const FieldRules& rules, LogFormat format)
      : layout_(rules, std::move(format), std::nullopt) {}

  bool read(std::string_view record, std::vector<FieldValue>& out) override {
    if (record.empty()) {
      return true;
    }
    if (!layout_.match(record)) {
      return false;
    }
    layout_.put(record, 0, out);
    return true;
  }

  [[nodiscard]] std::string_view dividers() const override { return layout_.dividers(); }
  void divisions(std::string_view record, std::vector<std::uint32_t>& places) override {
    layout_.divisions(record, 0, places);
  }

 private:
  Layout layout_;
};

constexpr std::string_view elb_format =
    R"($time $elb $client $backend $request_processing_time $backend_processing_time )"
    R"($response_processing_time $elb_status_code $backend_status_code $received_bytes )"
    R"($sent_bytes "$request" "$user_agent" $ssl_cipher $ssl_protocol)";
constexpr std::size_t elb_needed = 12;  // user agents and ciphers were added in 2014

constexpr std::string_view alb_format =
    R"($type $time $elb $client $target $request_processing_time $target_processing_time )"
    R"($response_processing_time $elb_status_code $target_status_code $received_bytes $sent_bytes )"
    R"("$request" "$user_agent" $ssl_cipher $ssl_protocol $target_group_arn "$trace_id" )"
    R"("$domain_name" "$chosen_cert_arn" $matched_rule_priority $request_creation_time )"
    R"("$actions_executed" "$redirect_url" "$error_reason" "$target_list" )"
    R"("$target_status_code_list" "$classification" "$classification_reason" $conn_trace_id)";
constexpr std::size_t alb_needed = 17;

/// What is common to HAProxy's formats; the captured headers are there if they are configured.
constexpr auto haproxy_formats = std::to_array<std::string_view>({
    R"($client [$accept_date] $frontend_name $backend_name/$server_name $timers $status_code )"
    R"($bytes_read $captured_request_cookie $captured_response_cookie $termination_state )"
    R"($connections $queues {$captured_request_headers} {$captured_response_headers} "$request")",
    R"($client [$accept_date] $frontend_name $backend_name/$server_name $timers $status_code )"
    R"($bytes_read $captured_request_cookie $captured_response_cookie $termination_state )"
    R"($connections $queues {$captured_request_headers} "$request")",
    R"($client [$accept_date] $frontend_name $backend_name/$server_name $timers $status_code )"
    R"($bytes_read $captured_request_cookie $captured_response_cookie $termination_state )"
    R"($connections $queues "$request")",
    R"($client [$accept_date] $frontend_name $backend_name/$server_name $timers $bytes_read )"
    R"($termination_state $connections $queues)",
    R"($client [$accept_date] $frontend_name: $error)",
});

/// The names by which the built-in rules know the fields of load balancers.
LogFormat balancer_format(std::string_view text) {
  LogFormat format = compile_log_format(text);
  for (LogFormat::Variable& variable : format.variables) {
    if (variable.names.front() == "client") {
      variable.names.insert(variable.names.end(), {"client_ip", "ip"});
    } else if (variable.names.front().starts_with("captured_") &&
               variable.names.front().ends_with("_cookie")) {
      variable.names.emplace_back("cookie");
    }
  }
  return format;
}

/// 192.0.2.1:2817, [2001:db8::1]:2817, 2001:db8::1:2817: the field is the address.
void without_port(std::string_view record, ValueRange& range) {
  std::uint32_t end = range.end;
  while (end > range.begin && is_digit(record[end - 1])) {
    --end;
  }
  if (end > range.begin + 1 && end < range.end && record[end - 1] == ':') {
    range.end = end - 1;
  }
  const std::string_view client = record.substr(range.begin, range.end - range.begin);
  const std::string_view inside =
      client.size() > 2 ? client.substr(1, client.size() - 2) : std::string_view{};
  if (client.starts_with('[') && client.ends_with(']') &&
      (parse_address(inside) || is_redaction(inside))) {
    ++range.begin;
    --range.end;
  }
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// 2026-01-31T12:34:56.789012Z.
bool is_iso_time(std::string_view text) {
  return text.size() >= 20 && is_digit(text[0]) && text[4] == '-' && text[10] == 'T' &&
         text[13] == ':' && text.ends_with('Z');
}

class AwsReader : public RecordReader {
 public:
  AwsReader(const FieldRules& rules, bool application)
      : layout_(rules, balancer_format(application ? alb_format : elb_format),
                application ? alb_needed : elb_needed),
        application_(application) {}

  bool read(std::string_view record, std::vector<FieldValue>& out) override {
    if (record.empty()) {
      return true;
    }
    const std::size_t time = application_ ? 1 : 0;
    if (!layout_.match(record) || !is_iso_time(layout_.value(record, time)) ||
        !is_status(layout_.value(record, time + 7))) {
      return false;
    }
    ValueRange& client = layout_.range(time + 2);
    if (client.end > client.begin) {
      without_port(record, client);
    }
    layout_.put(record, 0, out);
    return true;
  }

  [[nodiscard]] std::string_view dividers() const override { return " "; }
  void divisions(std::string_view record, std::vector<std::uint32_t>& places) override {
    if (!record.empty() && layout_.match(record)) {
      layout_.divisions(record, 0, places);
    }
  }

 private:
  static bool is_status(std::string_view text) { return text == "-" || is_number(text); }

  Layout layout_;
  bool application_;
};

class HaproxyReader : public RecordReader {
 public:
  explicit HaproxyReader(const FieldRules& rules) : messages_(make_syslog_reader(rules)) {
    for (const std::string_view text : haproxy_formats) {
      LogFormat format = balancer_format(text);
      const std::size_t needed = format.variables.size();
      layouts_.emplace_back(rules, std::move(format),
                            format_is_open(text) ? std::optional{needed} : std::nullopt);
    }
  }

  bool read(std::string_view record, std::vector<FieldValue>& out) override {
    matched_ = nullptr;
    if (record.empty()) {
      return true;
    }
    const std::size_t begin = client_begin(record);
    if (begin == std::string_view::npos) {  // a server comes and goes, a proxy starts
      constexpr std::size_t front = 128;
      return record.substr(0, front).find("haproxy") != std::string_view::npos &&
             messages_->read(record, out);
    }
    offset_ = static_cast<std::uint32_t>(begin);
    const std::string_view text = record.substr(begin);
    for (Layout& layout : layouts_) {
      if (layout.match(text) && is_sound(layout, text)) {
        matched_ = &layout;
        without_port(text, layout.range(0));
        layout.put(text, offset_, out);
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::string_view dividers() const override { return " "; }
  void divisions(std::string_view record, std::vector<std::uint32_t>& places) override {
    if (matched_ != nullptr) {
      matched_->divisions(record.substr(offset_), offset_, places);
    }
  }

 private:
  static bool format_is_open(std::string_view text) { return text.ends_with('"'); }

  /// [06/Feb/2009:12:14:14.655]
  static bool is_accept_date(std::string_view record, std::size_t open) {
    return is_digit(at(record, open + 1)) && is_digit(at(record, open + 2)) &&
           at(record, open + 3) == '/' && at(record, open + 7) == '/' &&
           at(record, open + 12) == ':' && at(record, open + 21) == '.' &&
           at(record, open + 25) == ']';
  }

  /// Where the client stands, the word before the date: whatever syslog has put in front.
  static std::size_t client_begin(std::string_view record) {
    constexpr std::size_t front = 1024;
    const std::string_view searched = record.substr(0, front);
    std::size_t open = searched.find(" [");
    while (open != std::string_view::npos && !is_accept_date(record, open + 1)) {
      open = searched.find(" [", open + 1);
    }
    if (open == std::string_view::npos || open == 0) {
      return std::string_view::npos;
    }
    const std::size_t space = record.rfind(' ', open - 1);
    const std::size_t begin = space == std::string_view::npos ? 0 : space + 1;
    return begin < open ? begin : std::string_view::npos;
  }

  /// The find of a literal may have gone too far: these hold no blank.
  static bool is_sound(const Layout& layout, std::string_view record) {
    for (const std::string_view name : {"timers", "connections", "queues"}) {
      const std::size_t variable = layout.variable(name);
      if (layout.has(name) && layout.value(record, variable).find_first_not_of("0123456789/+-") !=
                                  std::string_view::npos) {
        return false;
      }
    }
    return true;
  }

  std::vector<Layout> layouts_;
  std::unique_ptr<RecordReader> messages_;
  const Layout* matched_ = nullptr;  ///< of the record at hand
  std::uint32_t offset_ = 0;         ///< of the client in it
};

}  // namespace

std::unique_ptr<RecordReader> make_log_format_reader(const FieldRules& rules,
                                                     const std::string& log_format) {
  return std::make_unique<LogFormatReader>(rules, compile_log_format(log_format));
}

std::unique_ptr<RecordReader> make_balancer_reader(const FieldRules& rules, Format format) {
  if (format == Format::haproxy) {
    return std::make_unique<HaproxyReader>(rules);
  }
  return std::make_unique<AwsReader>(rules, format == Format::alb);
}

}  // namespace trackier::anonymize
