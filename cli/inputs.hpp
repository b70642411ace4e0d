#pragma once
/// The files a run is about: what the command line names, directories walked.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "core/error.hpp"
#include "os/file.hpp"

namespace trackier::cli {

inline constexpr std::string_view envelope_suffix = ".tke";

struct Input {
  std::string path;                      ///< "-": standard input
  std::filesystem::path below;           ///< where it belongs below --out-dir
  std::optional<os::FileStatus> walked;  ///< of what was met in a directory: no link may have taken
                                         ///< its place since
};

/// "standard input", or the path made printable.
std::string shown(const Input& input);

struct WalkOptions {
  std::vector<std::string> include;  ///< patterns of glob(7); empty: everything
  bool envelopes = false;            ///< only *.tke, patterns being held against what is before it;
                                     ///< otherwise all but *.tke
};

/// What `arguments` name, in their order; those of a directory sorted. No argument is standard
/// input. A directory that cannot be read is told to `failed`, and the others are walked all the
/// same; links within directories are not followed. Throws Error{Code::usage} when standard input
/// is named twice.
std::vector<Input> inputs_of(os::FileSystem& files, const std::vector<std::string>& arguments,
                             const WalkOptions& options,
                             const std::function<void(const Error&)>& failed);

/// Opens it; what was met in a directory has to be the same file still. Throws
/// Error{Code::no_input}.
std::unique_ptr<os::File> open_input(os::FileSystem& files, const Input& input);

/// Does `one` for each input. What fails is told, and the others are done all the same; returns the
/// code of the first failure. A closed pipe, a signal and a passphrase
/// that nobody gives end the run.
std::optional<Code> for_each_input(Context& context, const std::vector<Input>& inputs,
                                   std::optional<Code> failure,
                                   const std::function<void(const Input&)>& one);

/// Worker threads for an input; asked: --threads. From pipe to pipe one processor is left to the
/// programs at the other ends.
unsigned workers_for(std::optional<unsigned> asked, const os::FileStatus& input,
                     bool into_pipe = false);

/// Whether "-" is among the inputs, or stands for none.
bool reads_standard_input(const std::vector<std::string>& inputs);

/// Throws Error{Code::usage} for -o and --out-dir together, or an -o that is empty.
void check_output_options(const std::optional<std::string>& output,
                          const std::optional<std::string>& output_directory);

}  // namespace trackier::cli
