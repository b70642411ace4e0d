#include "json_shape.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace trackier::fuzz {

namespace {

constexpr std::size_t deepest = 64;  // trackier-ctl-anonymize(1), FORMATS

/// Writes down what the reader comes across.
class Shape final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return put('0'); }
  bool boolean(bool /*value*/) override { return put('b'); }
  bool number_integer(number_integer_t /*value*/) override { return put('n'); }
  bool number_unsigned(number_unsigned_t /*value*/) override { return put('n'); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override {
    return put('n');
  }
  bool string(string_t& /*value*/) override { return put('s'); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*elements*/) override { return ++depth_ <= deepest && put('{'); }
  bool key(string_t& /*value*/) override { return put('k'); }
  bool end_object() override {
    --depth_;
    return put('}');
  }
  bool start_array(std::size_t /*elements*/) override { return ++depth_ <= deepest && put('['); }
  bool end_array() override {
    --depth_;
    return put(']');
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  bool put(char kind) {
    text_.push_back(kind);
    return true;
  }

  std::string text_;
  std::size_t depth_ = 0;
};

}  // namespace

std::optional<std::string> json_shape(std::string_view line) {
  // nlohmann::json skips a byte order mark and takes NUL for the end; RFC 8259 has neither.
  if (line.starts_with("\xEF\xBB\xBF") || line.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  Shape shape;
  if (!nlohmann::json::sax_parse(line, &shape) ||
      (shape.text().front() != '{' && shape.text().front() != '[')) {
    return std::nullopt;
  }
  return shape.text();
}

bool same_shape(std::string_view before, std::string_view after) {
  return std::ranges::equal(before, after, [](char was, char is) {
    return was == is || (was == 'n' && (is == 's' || is == '0'));
  });
}

}  // namespace trackier::fuzz
