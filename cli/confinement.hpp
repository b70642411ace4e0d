#pragma once
/// Commands that read what others wrote keep themselves to the files they were asked for, once
/// their settings and keys are there; see trackier-ctl-hardening(7), WHAT A RUN MAY STILL DO.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "inputs.hpp"

namespace trackier::cli {

/// What the rest of a run works with, beside standard streams, the terminal and the audit log.
struct Needs {
  std::vector<std::string> inputs;                ///< files to read; "-": standard input
  std::vector<std::filesystem::path> outputs;     ///< devices, or files that appear whole
  std::vector<std::filesystem::path> read_below;  ///< directories with files to read
  std::vector<std::filesystem::path> inside;      ///< directories in which files come and go
  std::vector<std::string> removed;               ///< files that go in the end
  bool is_recorded = true;                        ///< how the run ended goes into the audit log
};

std::vector<std::string> paths_of(const std::vector<Input>& inputs);

/// Of a run that makes a file of each input: as -o and --out-dir say, or beside it. Makes that
/// directory when others are to be made in it.
Needs needs_of_each(Context& context, const std::vector<Input>& inputs,
                    const std::optional<std::string>& output,
                    const std::optional<std::string>& output_directory);

/// Confines the process to this as os::confine() does. For a run that has fetched its keys, since
/// it starts no program and connects to nothing afterwards, and has begun no thread. Throws what
/// os::confine throws.
void confine(Context& context, const Needs& needs);

}  // namespace trackier::cli
