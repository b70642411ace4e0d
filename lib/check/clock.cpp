#include "check/clock.hpp"

#include <fmt/format.h>
#include <sys/timex.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace trackier::check {
namespace {

constexpr std::int64_t most_offset_us = 500'000;
constexpr std::int64_t most_error_us = 1'000'000;
constexpr std::int64_t ns_in_us = 1000;

/// Who keeps the clock, by what it leaves in /run; empty when it is none of those.
std::string keeper(const Host& host) {
  constexpr std::array<std::pair<const char*, const char*>, 6> known{
      {{"chrony/chronyd.pid", "chrony"},
       {"chronyd.pid", "chrony"},
       {"systemd/timesync/synchronized", "systemd-timesyncd"},
       {"ntpd.pid", "ntpd"},
       {"ntpsec/ntpd.pid", "ntpsec"},
       {"openntpd.pid", "openntpd"}}};
  for (const auto& [file, name] : known) {
    if (host.files.status(host.places.run / file)) {
      return name;
    }
  }
  return {};
}

Finding look(const Host& host, Finding finding, const std::optional<KernelClock>& clock) {
  finding.cure = "apt-get install chrony; chronyc tracking says how it goes";
  if (!clock) {
    finding.status = Status::not_checked;
    finding.found = "the kernel does not tell";
    finding.cure = "run it on the host itself, not in a container";
    return finding;
  }
  const std::string by = keeper(host);
  const std::string whom = by.empty() ? "by no service that is known here" : "by " + by;
  const auto milliseconds = [](std::int64_t us) { return static_cast<double>(us) / 1000.0; };
  finding.status = Status::fail;
  if (!clock->is_synchronised) {
    finding.found = fmt::format("the clock is not synchronised ({} was found)",
                                by.empty() ? "no time service" : by);
  } else if (std::llabs(clock->offset_us) > most_offset_us || clock->max_error_us > most_error_us ||
             clock->max_error_us < 0) {
    finding.found = fmt::format(
        "the clock is synchronised {}, and off by {:.1f} ms, at most {:.1f} ms; 500 and 1000 are "
        "allowed",
        whom, milliseconds(clock->offset_us), milliseconds(clock->max_error_us));
  } else {
    finding.status = Status::pass;
    finding.cure.clear();
    finding.found =
        fmt::format("the clock is synchronised {}, off by {:.1f} ms, at most {:.1f} ms", whom,
                    milliseconds(clock->offset_us), milliseconds(clock->max_error_us));
  }
  return finding;
}

}  // namespace

std::optional<KernelClock> kernel_clock() {
  timex clock{};  // modes: nothing is changed
  const int state = ::adjtimex(&clock);
  if (state < 0) {
    return std::nullopt;
  }
  const bool in_ns = (clock.status & STA_NANO) != 0;
  return KernelClock{.is_synchronised = state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0,
                     .offset_us = clock.offset / (in_ns ? ns_in_us : 1),
                     .max_error_us = clock.maxerror};
}

Findings check_clock(const Host& host, const std::optional<KernelClock>& clock) {
  Findings findings;
  const Finding finding{.id = "clock.synchronised",
                        .probed = "adjtimex(2), and /run for a time service"};
  looking(findings, finding, [&] { return look(host, finding, clock); });
  return findings;
}

}  // namespace trackier::check
