#include "backup/page_list.hpp"

#include "core/error.hpp"

namespace trackier::backup {
namespace {

/// Length of the run of successive numbers at the beginning.
std::size_t run_length(std::span<const std::uint32_t> pages) {
  std::size_t length = 1;
  while (length < pages.size() && pages[length] == pages[0] + length) {
    ++length;
  }
  return length;
}

}  // namespace

void write_page_list(std::span<const std::uint32_t> pages, BinaryWriter& writer) {
  writer.number(pages.size());
  std::uint32_t next = 0;  // the least number that can follow
  while (!pages.empty()) {
    const std::size_t run = run_length(pages);
    const std::uint64_t gap = pages[0] - next;
    writer.number(gap << 1U | (run > 1 ? 1U : 0U));
    if (run > 1) {
      writer.number(run - 2);
    }
    next = pages[run - 1] + 1;
    pages = pages.subspan(run);
  }
}

std::vector<std::uint32_t> read_page_list(BinaryReader& reader, std::uint32_t limit) {
  const std::uint64_t count = reader.number(limit);
  std::vector<std::uint32_t> pages;
  pages.reserve(static_cast<std::size_t>(count));
  std::uint64_t next = 0;
  while (pages.size() < count) {
    const std::uint64_t first = reader.number(std::uint64_t{limit} << 1U | 1U);
    std::uint64_t run = 1;
    if ((first & 1U) != 0) {
      run = 2 + reader.number(limit);
    }
    next += first >> 1U;
    if (run > count - pages.size() || next + run > limit) {
      throw Error{Code::data, "a page list names pages that cannot be"};
    }
    for (; run > 0; --run) {
      pages.push_back(static_cast<std::uint32_t>(next++));
    }
  }
  return pages;
}

}  // namespace trackier::backup
