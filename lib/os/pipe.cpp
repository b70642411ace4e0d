#include "os/pipe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "core/error.hpp"

namespace trackier::os {

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

void Descriptor::close() noexcept {
  if (is_open()) {
    ::close(std::exchange(number_, -1));
  }
}

void Descriptor::make_non_blocking() const {
  if (::fcntl(number_, F_SETFL, O_NONBLOCK) == -1) {
    throw Error{Code::io, fmt::format("setting up a pipe: {}", errno_text(errno))};
  }
}

Pipe::Pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) == -1) {
    throw Error{Code::io, fmt::format("making a pipe: {}", errno_text(errno))};
  }
  reading = Descriptor{ends[0]};
  writing = Descriptor{ends[1]};
}

}  // namespace trackier::os
