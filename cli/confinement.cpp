#include "confinement.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "audit_log.hpp"
#include "os/confinement.hpp"

namespace trackier::cli {
namespace {

using os::May;
using Path = std::filesystem::path;

/// What libraries read of the system whenever they like: other libraries, settings of OpenSSL, time
/// zones, how many processors there are. Nothing in it is anybody's secret.
constexpr std::array system{
    std::pair{"/usr", May::read_below},
    std::pair{"/lib", May::read_below},
    std::pair{"/lib64", May::read_below},
    std::pair{"/etc/ld.so.cache", May::read},
    std::pair{"/etc/localtime", May::read},
    std::pair{"/etc/ssl/openssl.cnf", May::read},
    std::pair{"/sys/devices/system/cpu", May::read_below},
    std::pair{"/proc/self", May::read_below},
    std::pair{"/proc/stat", May::read},
    std::pair{"/proc/sys/kernel/random/boot_id", May::read},
    std::pair{"/dev/urandom", May::read},
    std::pair{"/dev/null", May::write},
    std::pair{"/dev/tty", May::write},  // a passphrase is asked for when an envelope needs it
};

Path directory_of(const Path& path) {
  return path.has_parent_path() ? path.parent_path() : Path{"."};
}

/// Whether a path leads to what is written to as it is, and not replaced. What cannot be looked up
/// is told when it is opened.
bool is_device(Context& context, const Path& path) {
  using Kind = os::FileStatus::Kind;
  try {
    const auto status = context.files().status(path);
    return status && (status->kind == Kind::pipe || status->kind == Kind::terminal ||
                      status->kind == Kind::other);
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::vector<std::string> paths_of(const std::vector<Input>& inputs) {
  std::vector<std::string> paths;
  paths.reserve(inputs.size());
  for (const Input& input : inputs) {
    paths.push_back(input.path);
  }
  return paths;
}

Needs needs_of_each(Context& context, const std::vector<Input>& inputs,
                    const std::optional<std::string>& output,
                    const std::optional<std::string>& output_directory) {
  Needs needs{.inputs = paths_of(inputs)};
  if (output) {
    if (*output != "-") {
      needs.outputs.emplace_back(*output);
    }
    return needs;
  }
  if (output_directory) {
    const bool has_others = std::ranges::any_of(
        inputs, [](const Input& input) { return input.below.has_parent_path(); });
    if (has_others) {
      context.files().create_directories(*output_directory);
    }
    needs.inside.emplace_back(*output_directory);
    return needs;
  }
  for (const Input& input : inputs) {
    if (input.path != "-") {
      needs.inside.push_back(directory_of(input.path));
    }
  }
  return needs;
}

void confine(Context& context, const Needs& needs) {
  std::set<std::pair<Path, May>> named;  // each once, for a thousand files lie in one place
  os::Confinement confinement;
  const auto allow = [&](const Path& path, May may) {
    if (named.emplace(path, may).second) {
      confinement.reaches.push_back({.path = path, .may = may});
    }
  };
  for (const auto& [path, may] : system) {
    allow(path, may);
  }
  if (needs.is_recorded && context.settings().audit.is_on) {
    allow(audit_directory(context), May::manage);  // how the run ended is written at its end
  }
  for (const std::string& input : needs.inputs) {
    allow(input, May::read);
  }
  for (const Path& each : context.read_later()) {
    allow(each, May::read);
  }
  for (const Path& output : needs.outputs) {
    is_device(context, output) ? allow(output, May::write)
                               : allow(directory_of(output), May::manage);
  }
  for (const Path& each : needs.read_below) {
    allow(each, May::read_below);
  }
  for (const Path& each : needs.inside) {
    allow(each, May::manage);
  }
  for (const std::string& each : needs.removed) {
    allow(directory_of(each), May::remove);
  }
  context.interrupt().without_waiter([&] { os::confine(confinement); });
  context.set_confined();
}

}  // namespace trackier::cli
