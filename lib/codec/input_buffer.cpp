#include "codec/input_buffer.hpp"

#include <algorithm>

namespace trackier::codec {

bool InputBuffer::fill() {
  if (ended_) {
    return false;  // a terminal gives more after its end, but what was asked for was one input
  }
  if (begin_ > 0) {
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_),
              bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  const std::size_t count = input_.read(MutBytes{bytes_}.subspan(end_));
  end_ += count;
  ended_ = count == 0;
  return !ended_;
}

bool InputBuffer::fill_to(std::size_t count) {
  while (end_ - begin_ < count) {
    if (!fill()) {
      return false;
    }
  }
  return true;
}

std::size_t InputBuffer::read_directly(MutBytes into) {
  if (ended_) {
    return 0;
  }
  const std::size_t count = input_.read(into);
  offset_ += count;
  ended_ = count == 0;
  return count;
}

}  // namespace trackier::codec
