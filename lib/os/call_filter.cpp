#include "os/call_filter.hpp"

#include <fmt/format.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string_view>

#include "core/error.hpp"
#include "os/sanitized.hpp"
#include "os/shared_library.hpp"

namespace trackier::os {
namespace {

/// What no run needs that has its keys and reads what others wrote. A list of what is refused, not
/// of what is let through: the C library, OpenSSL and zstd may use another call for the same
/// purpose tomorrow, and a log that is not anonymized is no gain in safety. What these calls do to
/// files is Landlock's to refuse; here is what Landlock cannot see.
constexpr std::array refused{
    // talking to others
    "socket", "connect", "bind", "listen", "accept", "accept4",
    // other programs, other processes
    "execve", "execveat", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_open",
    "pidfd_getfd", "pidfd_send_signal", "kcmp", "tkill", "move_pages", "migrate_pages",
    // who we are
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid",
    "setfsgid", "capset", "unshare", "setns", "personality",
    // files, where Landlock does not look: by name, owners and modes; by handle, everything
    "chmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchownat", "setxattr", "lsetxattr",
    "setxattrat", "removexattr", "lremovexattr", "removexattrat", "utime", "utimes", "futimesat",
    "truncate", "name_to_handle_at", "open_by_handle_at", "fanotify_init", "chroot", "pivot_root",
    "mount", "umount", "umount2", "mount_setattr", "move_mount", "open_tree", "open_tree_attr",
    "fsopen", "fsconfig", "fsmount", "fspick", "quotactl", "quotactl_fd",
    // the kernel and the machine
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "swapon", "swapoff", "acct", "syslog", "settimeofday", "clock_settime", "stime", "sethostname",
    "setdomainname", "iopl", "ioperm", "vhangup", "nfsservctl", "lookup_dcookie",
    // what has had more holes than uses
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "keyctl", "add_key", "request_key", "vmsplice", "shmget", "shmat",
    "semget", "msgget", "mq_open", "uselib"};

/// Numbers of calls that libseccomp 2.5 has no names for; the same on every architecture.
struct Numbered {
  std::string_view name;
  int number;
};
constexpr std::array newer{Numbered{"fchmodat2", 452}, Numbered{"setxattrat", 463},
                           Numbered{"removexattrat", 466}, Numbered{"open_tree_attr", 467}};

/// The functions of libseccomp. Linked, it would cost every start of the program, whatever it does.
struct Library {
  decltype(&::seccomp_init) init = nullptr;
  decltype(&::seccomp_release) release = nullptr;
  decltype(&::seccomp_attr_set) attr_set = nullptr;
  decltype(&::seccomp_rule_add_array) rule_add = nullptr;
  decltype(&::seccomp_syscall_resolve_name) resolve = nullptr;
  decltype(&::seccomp_load) load = nullptr;
};

Library load_library() {
  const SharedLibrary loaded{"libseccomp.so.2",
                             {.missing = "confining a run needs libseccomp, which is not installed",
                              .cure = "apt-get install libseccomp2",
                              .least = "libseccomp 2.5"}};
  Library made;
  loaded.find("seccomp_init", made.init);
  loaded.find("seccomp_release", made.release);
  loaded.find("seccomp_attr_set", made.attr_set);
  loaded.find("seccomp_rule_add_array", made.rule_add);
  loaded.find("seccomp_syscall_resolve_name", made.resolve);
  loaded.find("seccomp_load", made.load);
  return made;
}

void expect_done(int result, std::string_view what) {
  if (result < 0) {
    throw Error{Code::unavailable,
                fmt::format("confining to system calls: {}: {}", what, errno_text(-result))};
  }
}

class Filter {
 public:
  Filter() : library_(load_library()), context_(library_.init(SCMP_ACT_ALLOW), library_.release) {
    if (context_ == nullptr) {
      expect_done(-ENOMEM, "making a filter");
    }
    // Calls of another architecture (32 bits) are refused as a whole.
    set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
    set(SCMP_FLTATR_CTL_TSYNC, 1);
    constexpr std::uint32_t binary_tree = 2;
    set(SCMP_FLTATR_CTL_OPTIMIZE, binary_tree);
  }

  void refuse(const char* name, std::initializer_list<scmp_arg_cmp> when = {}, int with = EPERM) {
    int number = library_.resolve(name);
    for (const Numbered& each : newer) {
      if (number == __NR_SCMP_ERROR && each.name == name) {
        number = each.number;
      }
    }
    if (number == __NR_SCMP_ERROR) {
      return;  // of an older kernel, or of a newer one than libseccomp
    }
    const int added =
        library_.rule_add(context_.get(), SCMP_ACT_ERRNO(static_cast<std::uint16_t>(with)), number,
                          static_cast<unsigned>(when.size()), when.begin());
    if (added == -EDOM) {
      return;  // this architecture has no such call
    }
    expect_done(added, name);
  }

  void load() { expect_done(library_.load(context_.get()), "putting the filter in force"); }

 private:
  void set(scmp_filter_attr attribute, std::uint32_t value) {
    expect_done(library_.attr_set(context_.get(), attribute, value), "setting the filter up");
  }

  Library library_;
  std::unique_ptr<void, decltype(&::seccomp_release)> context_;
};

scmp_arg_cmp other_than(unsigned argument, scmp_datum_t value) {
  return {.arg = argument, .op = SCMP_CMP_NE, .datum_a = value, .datum_b = 0};
}

/// The kernel looks at 32 bits of it.
scmp_arg_cmp low_half(unsigned argument, scmp_datum_t value) {
  return {.arg = argument,
          .op = SCMP_CMP_MASKED_EQ,
          .datum_a = std::numeric_limits<std::uint32_t>::max(),
          .datum_b = value};
}

void refuse_processes(Filter& filter) {
  filter.refuse("fork");
  filter.refuse("vfork");
  filter.refuse("ptrace");
  // What is no thread of ours. The flags of clone3 are in memory, where a filter cannot look; the C
  // library takes clone when there is none.
  filter.refuse("clone",
                {{.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = 0}});
  filter.refuse("clone3", {}, ENOSYS);
}

}  // namespace

bool can_filter_calls() {
  std::uint32_t action = SECCOMP_RET_ERRNO;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

std::function<void()> call_filter() {
  const auto filter = std::make_shared<Filter>();
  for (const char* const name : refused) {
    filter->refuse(name);
  }
  if (!sanitized) {  // whose search for leaks begins a process that looks into this one
    refuse_processes(*filter);
  }
  // Signals to other processes; 0 only asks whether there is one.
  const auto self = static_cast<scmp_datum_t>(::getpid());
  filter->refuse("kill", {other_than(0, self), other_than(1, 0)});
  for (const char* const name : {"tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"}) {
    filter->refuse(name, {other_than(0, self)});
  }
  filter->refuse("utimensat", {other_than(1, 0)});  // by name, not of what is open
  // Typing into the terminal in place of the person at it.
  filter->refuse("ioctl", {low_half(1, TIOCSTI)});
  filter->refuse("ioctl", {low_half(1, TIOCLINUX)});
  return [filter] { filter->load(); };
}

}  // namespace trackier::os
