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

void Progress::begin(std::string name, std::uint64_t total, Unit unit) {
  const std::scoped_lock lock{lock_};
  name_ = std::move(name);
  total_ = total;
  unit_ = unit;
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
  const auto rate =
      static_cast<std::uint64_t>(seconds > 0 ? static_cast<double>(produced_) / seconds : 0);
  std::string share;
  std::string left;
  if (total_ > 0) {
    const double done = std::min(1.0, static_cast<double>(consumed_) / static_cast<double>(total_));
    share = fmt::format("{:.0f}% ", 100 * done);
    if (done > 0 && seconds >= 1) {
      left = fmt::format(", {:.0f} s left", seconds * (1 - done) / done);
    }
  }
  const auto amount = [this](std::uint64_t number) {
    return unit_ == Unit::bytes ? human_bytes(number) : grouped(number) + " files";
  };
  return fmt::format("{}: {}{} in {:.0f} s, {}/s{}", name_, share, amount(produced_), seconds,
                     amount(rate), left);
}

}  // namespace trackier::cli
