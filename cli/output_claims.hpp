#pragma once
/// The outputs of one run: none replaces another, nor what is still to be read.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "destination.hpp"
#include "inputs.hpp"

namespace trackier::cli {

class OutputClaims {
 public:
  /// Both must outlive it.
  OutputClaims(os::FileSystem& files, const std::vector<Input>& inputs);

  /// Throws Error{Code::cannot_create} when the result of another input has this name, or when it
  /// is another input. That it is the input itself is for Destination to say.
  void check(const Input& input, const Target& target) const;

  /// From now on the name belongs to the result of this input.
  void note(const Input& input, const Target& target);

 private:
  using FileId = std::pair<std::uint64_t, std::uint64_t>;  ///< device and inode

  [[nodiscard]] std::filesystem::path name_of(const std::filesystem::path& target) const;

  os::FileSystem& files_;
  std::map<FileId, const Input*> read_;
  std::map<std::filesystem::path, const Input*> made_;
};

/// Refuses what is known before anything is done. target_of: without a path when it is not known
/// yet. Throws Error{Code::usage}.
void refuse_collisions(os::FileSystem& files, const std::vector<Input>& inputs,
                       const std::function<Target(const Input&)>& target_of);

}  // namespace trackier::cli
