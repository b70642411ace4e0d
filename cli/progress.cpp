#include "progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "os/terminal.hpp"
#include "output.hpp"

namespace trackier::cli {
namespace {

constexpr auto interval = std::chrono::milliseconds{100};
constexpr std::string_view erase_line = "\r\x1b[K";

}  // namespace

void Progress::begin(std::string name, std::uint64_t bytes) {
  const std::scoped_lock lock{lock_};
  name_ = std::move(name);
  bytes_ = bytes;
  started_ = last_ = Clock::now();
  consumed_ = 0;
  produced_ = 0;
}

void Progress::advance(std::uint64_t consumed, std::uint64_t produced) {
  consumed_ = consumed;
  produced_ = produced;
  if (!drawn_) {
    return;
  }
  const auto now = Clock::now();
  if (now - last_ < interval) {
    return;
  }
  last_ = now;
  std::string text = line();
  const auto columns = static_cast<std::size_t>(os::terminal_columns(os::Stream::error));
  text.resize(std::min(text.size(), columns - 1));
  write_error_stream(std::string{erase_line} + text);
  visible_ = true;
}

void Progress::clear() {
  if (std::exchange(visible_, false)) {
    write_error_stream(erase_line);
  }
}

void Progress::answer() {
  write_error_stream("trackier-ctl: " + line() + "\n");
}

std::string Progress::line() const {
  const std::scoped_lock lock{lock_};
  if (name_.empty()) {
    return "nothing begun yet";
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  const double rate = seconds > 0 ? static_cast<double>(produced_) / seconds : 0;
  const std::string share =
      bytes_ == 0 ? ""
                  : fmt::format("{:.0f}% ", std::min(100.0, 100.0 * static_cast<double>(consumed_) /
                                                                static_cast<double>(bytes_)));
  return fmt::format("{}: {}{} in {:.0f} s, {}/s", name_, share, human_bytes(produced_), seconds,
                     human_bytes(static_cast<std::uint64_t>(rate)));
}

}  // namespace trackier::cli
