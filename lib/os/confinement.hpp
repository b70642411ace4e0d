#pragma once
/// A process gives up what it will not need, before it reads what others wrote: a mistake in what
/// parses it then reaches no other file, starts no program and talks to nobody.
///
/// Files are Landlock's, a security module of Linux 5.13 and later; system calls are those of a
/// seccomp filter. Each holds for the rest of the process, and for all threads begun from then on.
/// Where the kernel lacks one, or a container forbids it, the other is in force alone.

#include <cstdint>
#include <filesystem>
#include <vector>

namespace trackier::os {

enum class May : std::uint8_t {
  read,        ///< read a file; of a directory no more than the names in it
  read_below,  ///< read a file, or what is below a directory
  write,       ///< read and write a file, pipe or device that is there, and set a terminal up
  manage,      ///< below a directory: make, read, write, rename and remove files, make directories
  remove,      ///< below a directory: list and remove files
};

struct Reach {
  std::filesystem::path path;  ///< symbolic links are followed, once and now
  May may = May::read;
};

/// The newest version of Landlock that is made use of.
inline constexpr unsigned newest_landlock = 6;

struct Confinement {
  std::vector<Reach> reaches;           ///< what is not there is left out
  unsigned landlock = newest_landlock;  ///< no more than this version; 0: none. For tests
};

/// What came into force.
struct Confined {
  unsigned landlock = 0;     ///< version ("ABI"); 0: none
  bool is_filtered = false;  ///< system calls, by seccomp
};

/// Confines this process: of files to what is named, those open already stay as they are; of system
/// calls to what a run needs that neither starts a program, nor connects, nor changes other
/// processes, the system, who it is, or owners and modes by name. What is refused fails with EACCES
/// (files) or EPERM (calls), and kills nobody. Sets no_new_privs, so that a set-uid program gives
/// nothing back.
///
/// Landlock holds for the calling thread alone and those it begins: call it while there is no
/// other. Throws Error{Code::bug} when there is; Error{Code::unavailable} without libseccomp, and
/// when the kernel refuses for another reason than that it cannot.
Confined confine(const Confinement& confinement);

/// What a confined child of this process could not do.
struct ProbedConfinement {
  Confined confined;
  bool refuses_files = false;      ///< outside of what is named; and lets read what is named
  bool refuses_sockets = false;    ///< of any family
  bool refuses_programs = false;   ///< to start one
  bool refuses_processes = false;  ///< to begin one, which a build with a sanitizer has to let be
};

/// Confines a child, and has it try. For a process without other threads. Throws as confine() does.
ProbedConfinement probe_confinement();

}  // namespace trackier::os
