#include "postgres/wait.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <cerrno>

#include "core/error.hpp"
#include "os/signals.hpp"

namespace trackier::postgres {
namespace {

constexpr int step_milliseconds = 100;

}  // namespace

void wait_a_step(int socket, short events) {
  os::throw_if_interrupted();
  pollfd waiting{.fd = socket, .events = events, .revents = 0};
  if (::poll(&waiting, 1, step_milliseconds) == -1 && errno != EINTR) {
    throw Error{Code::io, fmt::format("waiting for PostgreSQL: {}", errno_text(errno))};
  }
  os::throw_if_interrupted();
}

bool is_ready(int socket, short events) {
  pollfd waiting{.fd = socket, .events = events, .revents = 0};
  return ::poll(&waiting, 1, 0) == 1;
}

}  // namespace trackier::postgres
