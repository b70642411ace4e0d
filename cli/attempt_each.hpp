#pragma once
/// One that fails does not keep the others from being done.

#include <optional>

#include "context.hpp"
#include "core/error.hpp"
#include "os/signals.hpp"

namespace trackier::cli {

/// Does `one` for each of `all`; it returns a Code. Errors are told as they occur. Returns the
/// first code that is not ok, as an exit status. Interrupted is let through.
template <typename All, typename One>
int attempt_each(Context& context, const All& all, One one) {
  std::optional<Code> failure;
  for (const auto& each : all) {
    try {
      const Code code = one(each);
      if (code != Code::ok) {
        failure = failure.value_or(code);
      }
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      context.progress().clear();
      context.out().error(error);
      failure = failure.value_or(error.code());
    }
  }
  return static_cast<int>(failure.value_or(Code::ok));
}

}  // namespace trackier::cli
