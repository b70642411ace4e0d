#include "scope/access_line.hpp"

#include <algorithm>

namespace trackier::scope {

namespace {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }

  [[nodiscard]] bool begins_with(char letter) const { return text_.starts_with(letter); }

  bool take(char letter) {
    if (!begins_with(letter)) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }

  /// Up to `end`, which is taken too.
  std::optional<std::string_view> until(std::string_view end) {
    const std::size_t at = text_.find(end);
    if (at == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view found = text_.substr(0, at);
    text_.remove_prefix(at + end.size());
    return found;
  }

  /// Up to a space or the end, neither of which is taken.
  std::string_view word() {
    const std::string_view found = text_.substr(0, text_.find(' '));
    text_.remove_prefix(found.size());
    return found;
  }

  std::optional<std::string_view> quoted() {
    if (!take('"')) {
      return std::nullopt;
    }
    std::size_t at = text_.find_first_of("\"\\");
    while (at != std::string_view::npos && text_[at] == '\\') {
      at = at + 2 <= text_.size() ? text_.find_first_of("\"\\", at + 2) : std::string_view::npos;
    }
    if (at == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view found = text_.substr(0, at);
    text_.remove_prefix(at + 1);
    return found;
  }

 private:
  std::string_view text_;
};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

struct Target {
  std::string_view method;
  std::string_view path;
};

/// "GET /path HTTP/1.1"; HTTP/0.9 has no version.
Target target_of(std::string_view request) {
  const std::size_t space = request.find(' ');
  if (space == 0 || space == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = request.substr(space + 1);
  const std::size_t version = rest.rfind(" HTTP/");
  return {request.substr(0, space), rest.substr(0, version)};
}

}  // namespace

AccessLineReader::AccessLineReader(std::span<const std::string> fields) {
  static constexpr std::array<std::string_view, parts> names{
      "remote_addr", "remote_user", "time",    "method",     "path",
      "status",      "bytes",       "referer", "user_agent",
  };
  field_of_.fill(unwanted);
  for (std::size_t part = 0; part < names.size(); ++part) {
    const auto found = std::ranges::find(fields, names.at(part));
    if (found != fields.end()) {
      field_of_.at(part) = static_cast<std::size_t>(found - fields.begin());
    }
  }
}

void AccessLineReader::put(Part part, std::string_view text, Record& record) const {
  const std::size_t field = field_of_.at(part);
  if (field == unwanted || text.empty() || text == "-") {
    return;
  }
  const bool counts = part == status || part == bytes;
  record.set(field, {counts ? Value::Kind::number : Value::Kind::text, text});
}

std::optional<std::string_view> AccessLineReader::read(std::string_view line,
                                                       Record& record) const {
  record.clear();
  Cursor cursor{line};
  const std::string_view address = cursor.word();
  if (address.empty() || !cursor.take(' ') || !cursor.until(" ")) {  // the identity of RFC 1413
    return std::nullopt;
  }
  const auto user = cursor.until(" [");  // a user's name may have spaces
  const auto when = user ? cursor.until("]") : std::nullopt;
  if (!when || !cursor.take(' ')) {
    return std::nullopt;
  }
  const auto request = cursor.quoted();
  if (!request || !cursor.take(' ')) {
    return std::nullopt;
  }
  const std::string_view code = cursor.word();
  if (!(is_number(code) || code == "-") || !cursor.take(' ')) {
    return std::nullopt;
  }
  const std::string_view size = cursor.word();
  if (!(is_number(size) || size == "-")) {
    return std::nullopt;
  }
  if (!cursor.at_end()) {
    cursor.take(' ');
    if (cursor.begins_with('"')) {
      const auto from = cursor.quoted();
      const auto agent = cursor.take(' ') ? cursor.quoted() : std::nullopt;
      if (!from || !agent) {
        return std::nullopt;
      }
      put(referer, *from, record);
      put(user_agent, *agent, record);
    }
  }
  const Target target = target_of(*request);
  put(remote_addr, address, record);
  put(remote_user, *user, record);
  put(time, *when, record);
  put(method, target.method, record);
  put(path, target.path, record);
  put(status, code, record);
  put(bytes, size, record);
  return when;
}

}  // namespace trackier::scope
