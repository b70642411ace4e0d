#pragma once
/// Where the checks look, so that a test can have them look elsewhere.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "check/finding.hpp"
#include "core/error.hpp"
#include "os/file.hpp"
#include "os/program.hpp"

namespace trackier::check {

struct Places {
  std::filesystem::path proc = "/proc";
  std::filesystem::path sys = "/sys";
  std::filesystem::path etc = "/etc";
  std::filesystem::path run = "/run";
  std::filesystem::path usr = "/usr";
};

struct Host {
  os::FileSystem& files;
  Places places = {};
  std::uint32_t user = 0;  ///< whose files are ours, beside root's
  /// As os::run_program does it.
  std::function<os::Printed(const os::ProgramOptions&, std::size_t most)> run = os::run_program;
};

/// A small file of text. None when it is not there. Throws Error{Code::data} for one that is larger
/// than a megabyte or has NUL bytes in it, and what reading throws.
std::optional<std::string> read_text(const Host& host, const std::filesystem::path& path);

/// Lines, without their ends.
std::vector<std::string> lines_of(const std::string& text);
/// Words, with blanks and tabs between them.
std::vector<std::string> words_of(const std::string& line);

/// Does `look`, which gives findings; an Error that leaves it is one finding of this id:
/// not_checked for a right that is missing, error for anything else. Interrupted is let through.
void looking(Findings& findings, const Finding& otherwise, const std::function<Finding()>& look);

}  // namespace trackier::check
