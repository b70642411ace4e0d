#pragma once
/// Who can read and change what is secret, and what decides.

#include <filesystem>
#include <string>
#include <vector>

#include "check/host.hpp"

namespace trackier::check {

/// A file that the settings name: "keys.web".
struct NamedFile {
  std::string name;
  std::filesystem::path path;
};

struct FilesSubject {
  std::filesystem::path settings;  ///< empty: there is none
  std::vector<NamedFile> secrets;  ///< keys, passwords, passfiles
  std::filesystem::path keyring;
  std::filesystem::path state;
  std::filesystem::path store;  ///< empty: none
};

/// A file is well when it belongs to us or to root, nobody else can write to it, or, where it is
/// secret, read it, and nobody else can put another in its place: the directories above it are ours
/// or root's, and writable for others only with the sticky bit.
Findings check_files(const Host& host, const FilesSubject& subject);

}  // namespace trackier::check
