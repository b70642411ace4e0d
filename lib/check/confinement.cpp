#include "check/confinement.hpp"

#include <fmt/format.h>

#include "check/host.hpp"

namespace trackier::check {
namespace {

Finding of_files(const os::ProbedConfinement& probed, Finding finding) {
  const unsigned version = probed.confined.landlock;
  if (version == 0) {
    finding.found = "there is no Landlock: a run reaches every file of its user";
    finding.cure =
        "Linux 5.13 or later, with landlock in /sys/kernel/security/lsm: put it first in lsm= on "
        "the kernel's command line; in a container, let it make the system calls landlock_*";
    return finding;
  }
  if (!probed.refuses_files) {
    finding.found = fmt::format("Landlock, version {}, let it open what it must not", version);
    finding.cure = "report it: the kernel does not do what it says";
    return finding;
  }
  finding.status = Status::pass;
  finding.found = fmt::format("refused, by Landlock, version {}", version);
  return finding;
}

Finding of_calls(const os::ProbedConfinement& probed, Finding finding) {
  if (!probed.confined.is_filtered) {
    finding.found = "the kernel filters no system calls for this run";
    finding.cure =
        "Linux 4.14 or later, with CONFIG_SECCOMP_FILTER; in a container, let it make the system "
        "call seccomp";
    return finding;
  }
  if (!probed.refuses_sockets || !probed.refuses_programs) {
    finding.found = probed.refuses_sockets ? "the filter let it start a program"
                                           : "the filter let it open a socket";
    finding.cure = "report it: the kernel does not do what it says";
    return finding;
  }
  finding.status = Status::pass;
  finding.found = "refused, by a seccomp filter";
  return finding;
}

}  // namespace

Findings check_confinement(const std::function<os::ProbedConfinement()>& probe) {
  const Finding files{.id = "confinement.files",
                      .status = Status::fail,
                      .probed = "a confined child opens a directory it was not given"};
  const Finding calls{.id = "confinement.calls",
                      .status = Status::fail,
                      .probed = "a confined child opens sockets and starts a program"};
  Findings findings;
  looking(findings, files, [&] { return of_files(probe(), files); });
  looking(findings, calls, [&] { return of_calls(probe(), calls); });
  return findings;
}

}  // namespace trackier::check
