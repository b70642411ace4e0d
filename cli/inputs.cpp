#include "inputs.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <thread>

#include "core/text.hpp"
#include "os/replace_file.hpp"
#include "passphrase.hpp"

namespace trackier::cli {
namespace {

using os::FileStatus;
using Path = std::filesystem::path;

/// Smaller files have nothing to share, and threads take time to begin.
constexpr std::uint64_t small_file = 256 * 1024;

class Walk {
 public:
  Walk(os::FileSystem& files, const WalkOptions& options,
       const std::function<void(const Error&)>& failed, std::vector<Input>& found)
      : files_(files), options_(options), failed_(failed), found_(found) {}

  /// top: as named; below: the way from there to the directory.
  void directory(const Path& top, const Path& below) {
    std::vector<Path> names;
    try {
      names = files_.list(top / below);
    } catch (const Error& error) {
      failed_(error);
      return;
    }
    for (const Path& name : names) {
      const Path way = below / name;
      std::optional<FileStatus> status;
      try {
        status = files_.entry(top / way);
      } catch (const Error& error) {
        failed_(error);
      }
      if (status && status->kind == FileStatus::Kind::directory) {
        directory(top, way);
      } else if (status && status->kind == FileStatus::Kind::regular && wanted(name, way)) {
        found_.push_back({.path = (top / way).native(), .below = way, .walked = status});
      }
    }
  }

 private:
  [[nodiscard]] bool wanted(const Path& name, const Path& way) const {
    std::string_view last = name.native();
    std::string_view all = way.native();
    const bool envelope = last.ends_with(envelope_suffix);
    if (envelope != options_.envelopes || !os::target_of_temporary(last).empty()) {
      return false;
    }
    if (envelope) {
      last.remove_suffix(envelope_suffix.size());
      all.remove_suffix(envelope_suffix.size());
    }
    const auto matches = [&](const std::string& pattern) {
      const bool whole_way = pattern.find('/') != std::string::npos;
      const std::string text{whole_way ? all : last};
      return ::fnmatch(pattern.c_str(), text.c_str(), whole_way ? FNM_PATHNAME : 0) == 0;
    };
    return options_.include.empty() || std::ranges::any_of(options_.include, matches);
  }

  os::FileSystem& files_;
  const WalkOptions& options_;
  const std::function<void(const Error&)>& failed_;
  std::vector<Input>& found_;
};

}  // namespace

std::string shown(const Input& input) {
  return input.path == "-" ? "standard input" : printable(input.path);
}

std::vector<Input> inputs_of(os::FileSystem& files, const std::vector<std::string>& arguments,
                             const WalkOptions& options,
                             const std::function<void(const Error&)>& failed) {
  if (std::ranges::count(arguments, "-") > 1) {
    throw Error{Code::usage, "standard input can be read once", "give - once"};
  }
  std::vector<Input> inputs;
  if (arguments.empty()) {
    inputs.push_back({.path = "-"});
  }
  for (const std::string& argument : arguments) {
    std::optional<FileStatus> status;
    try {
      status = argument == "-" ? std::nullopt : files.status(argument);
    } catch (const Error& error) {
      failed(error);
      continue;
    }
    if (status && status->kind == FileStatus::Kind::directory) {
      Walk{files, options, failed, inputs}.directory(argument, {});
    } else {
      inputs.push_back({.path = argument, .below = Path{argument}.filename()});
    }
  }
  return inputs;
}

std::unique_ptr<os::File> open_input(os::FileSystem& files, const Input& input) {
  if (input.path == "-") {
    return os::standard_input();
  }
  auto file = files.open(input.path);
  if (input.walked && !file->status().same_file(*input.walked)) {
    throw Error{Code::no_input,
                fmt::format("{} is another file than a moment ago", printable(input.path))};
  }
  return file;
}

std::optional<Code> for_each_input(Context& context, const std::vector<Input>& inputs,
                                   std::optional<Code> failure,
                                   const std::function<void(const Input&)>& one) {
  for (const Input& input : inputs) {
    try {
      one(input);
    } catch (const os::BrokenPipe&) {
      throw;
    } catch (const os::Interrupted&) {
      throw;
    } catch (const NoPassphrase&) {
      throw;
    } catch (const Error& error) {
      context.out().error(error);
      failure = failure.value_or(error.code());
    }
    os::throw_if_interrupted();
  }
  return failure;
}

unsigned workers_for(std::optional<unsigned> asked, const FileStatus& input, bool into_pipe) {
  if (input.kind == FileStatus::Kind::regular && input.size <= small_file) {
    return 1;
  }
  if (asked.value_or(0) != 0) {
    return *asked;
  }
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  const bool is_filter = input.kind == FileStatus::Kind::pipe && into_pipe;
  return is_filter ? std::max(2U, processors) - 1 : processors;
}

bool reads_standard_input(const std::vector<std::string>& inputs) {
  return inputs.empty() || std::ranges::find(inputs, "-") != inputs.end();
}

void check_output_options(const std::optional<std::string>& output,
                          const std::optional<std::string>& output_directory) {
  if (output && output_directory) {
    throw Error{Code::usage, "-o and --out-dir name two places", "give one of them"};
  }
}

}  // namespace trackier::cli
