#pragma once
/// The one exception type of the project, and the exit statuses it stands for.
///
/// A code tells a caller how to react; the message says what happened; the hint says how to mend
/// it. Codes are exit statuses (sysexits where one fits); trackier-ctl(1), EXIT STATUS, is their
/// reference.

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace trackier {

enum class Code : int {
  ok = 0,
  verdict = 1,         ///< a check ran and the answer is no
  usage = 64,          ///< the command line makes no sense; nothing was done
  data = 65,           ///< input is corrupt, forged, or not ours
  no_input = 66,       ///< an input is missing or unreadable
  unavailable = 69,    ///< a service cannot be reached
  bug = 70,            ///< our mistake
  cannot_create = 73,  ///< the output exists or cannot be made
  io = 74,             ///< reading, writing or syncing failed; disk full
  busy = 75,           ///< another run holds the lock
  no_permission = 77,  ///< key missing or wrong, file mode too open
  config = 78,         ///< the settings are wrong; nothing was done
};

class Error : public std::runtime_error {
 public:
  /// what: lower case, no full stop, names the thing and the cause. hint: the cure; may be empty.
  /// Text that came from outside must already be escaped (see core/text.hpp, `printable`).
  explicit Error(Code code, const std::string& what, std::string hint = {});

  [[nodiscard]] Code code() const noexcept { return code_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

  /// The same error seen from further out: "context: what".
  [[nodiscard]] Error within(const std::string& context) const;

 private:
  Code code_;
  std::string hint_;
};

/// Runs `action`; an Error that leaves it reads from the aim to the cause: "aim: cause".
template <typename Action>
std::invoke_result_t<Action> doing(const std::string& aim, Action&& action) {
  try {
    return std::forward<Action>(action)();
  } catch (Error& error) {
    error = error.within(aim);
    throw;  // the same exception, so that a class derived from Error stays what it is
  }
}

/// The text of an errno value, e.g. "no space left on device" (first letter lowered, C locale
/// wording).
std::string errno_text(int number);

}  // namespace trackier
