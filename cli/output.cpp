#include "output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace trackier::cli {
namespace {

constexpr std::size_t kept_back = 64 * 1024;
constexpr std::string_view program = "trackier-ctl";
constexpr std::string_view red = "\x1b[1;31m";
constexpr std::string_view yellow = "\x1b[1;33m";
constexpr std::string_view cyan = "\x1b[36m";
constexpr std::string_view plain = "\x1b[0m";

}  // namespace

void write_error_stream(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

Output::Output(const OutputOptions& options, Progress& progress)
    : options_(options), progress_(progress), standard_output_(os::standard_output()) {}

void Output::result(std::string_view text) {
  pending_.append(text);
  if (pending_.size() >= kept_back) {
    finish();
  }
}

void Output::finish() {
  if (!pending_.empty()) {
    standard_output_->write(as_bytes(pending_));
    pending_.clear();
  }
}

void Output::message(std::string_view kind, std::string_view colour, std::string_view text) {
  progress_.clear();
  write_error_stream(options_.colour
                         ? fmt::format("{}: {}{}:{} {}\n", program, colour, kind, plain, text)
                         : fmt::format("{}: {}: {}\n", program, kind, text));
}

void Output::error(const Error& error) {
  message("error", red, error.what());
  if (!error.hint().empty()) {
    message("hint", cyan, error.hint());
  }
}

void Output::warning(std::string_view text) {
  message("warning", yellow, text);
}

void Output::note(std::string_view text) {
  if (!options_.quiet) {
    message("note", cyan, text);
  }
}

void Output::detail(std::string_view text) {
  if (is_verbose()) {
    message("note", cyan, text);
  }
}

void Output::caveat(std::string_view text) {
  if (options_.attended || is_verbose()) {
    note(text);
  }
}

void Output::summary(std::string_view text) {
  caveat(text);
}

void Output::say(std::string_view text) {
  progress_.clear();
  write_error_stream(text);
}

}  // namespace trackier::cli
