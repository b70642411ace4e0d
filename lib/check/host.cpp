#include "check/host.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "os/signals.hpp"
#include "os/whole_file.hpp"

namespace trackier::check {

std::optional<std::string> read_text(const Host& host, const std::filesystem::path& path) {
  constexpr std::size_t largest = 1024 * 1024;
  if (!host.files.status(path)) {
    return std::nullopt;
  }
  std::string text = os::read_whole(host.files, path, largest);
  if (text.find('\0') != std::string::npos) {
    throw Error{Code::data, printable(path.native()) + " is not text"};
  }
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> words_of(const std::string& line) {
  constexpr const char* blanks = " \t\r\v\f";
  std::vector<std::string> words;
  for (std::size_t at = line.find_first_not_of(blanks); at != std::string::npos;) {
    const std::size_t end = std::min(line.find_first_of(blanks, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(blanks, end);
  }
  return words;
}

void looking(Findings& findings, const Finding& otherwise, const std::function<Finding()>& look) {
  try {
    findings.push_back(look());
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    Finding made = otherwise;
    made.status = error.code() == Code::no_permission ? Status::not_checked : Status::error;
    made.found = error.what();
    if (!error.hint().empty()) {
      made.cure = error.hint();
    }
    findings.push_back(std::move(made));
  }
}

}  // namespace trackier::check
