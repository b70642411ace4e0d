#pragma once
/// Ascending page numbers in few bytes: one for a page that is near the one before, two for a run.
/// trackier-store(5), PAGE LISTS.

#include <cstdint>
#include <span>
#include <vector>

#include "core/binary.hpp"

namespace trackier::backup {

void write_page_list(std::span<const std::uint32_t> pages, BinaryWriter& writer);

/// Throws Error{Code::data} unless all are below `limit`.
std::vector<std::uint32_t> read_page_list(BinaryReader& reader, std::uint32_t limit);

}  // namespace trackier::backup
