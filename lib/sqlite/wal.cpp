#include "sqlite/wal.hpp"

#include <algorithm>
#include <cstring>

#include "core/error.hpp"

namespace trackier::sqlite {
namespace {

constexpr std::size_t log_header_bytes = 32;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::size_t salt_offset_in_log = 16;
constexpr std::size_t salt_offset_in_frame = 8;
constexpr std::uint32_t index_version = 3007000;
constexpr std::uint32_t magic_without_order = 0x377f0682;

// Of WalIndexHdr, in the byte order of the machine.
constexpr std::size_t header_bytes = 48;
constexpr std::size_t at_version = 0;
constexpr std::size_t at_initialized = 12;
constexpr std::size_t at_page_bytes = 14;
constexpr std::size_t at_most_frame = 16;
constexpr std::size_t at_pages = 20;
constexpr std::size_t at_salts = 32;
constexpr std::size_t at_backfilled = 2 * header_bytes;

template <typename Number>
Number native(Bytes bytes, std::size_t offset) {
  Number number{};
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

std::uint32_t big_endian(Bytes bytes, std::size_t offset) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number = number << 8U | static_cast<std::uint32_t>(bytes[offset + i]);
  }
  return number;
}

}  // namespace

std::optional<WalIndexHeader> read_wal_index_header(os::File& index) {
  std::array<std::byte, at_backfilled + sizeof(std::uint32_t)> bytes{};
  if (index.read_at(0, bytes) != bytes.size()) {
    return std::nullopt;
  }
  const Bytes all{bytes};
  // Written second copy first: when they differ, somebody is in between.
  if (std::memcmp(bytes.data(), bytes.data() + header_bytes, header_bytes) != 0 ||
      bytes[at_initialized] == std::byte{0} ||
      native<std::uint32_t>(all, at_version) != index_version) {
    return std::nullopt;
  }
  WalIndexHeader header;
  std::copy_n(bytes.begin(), header.bytes.size(), header.bytes.begin());
  header.most_frame = native<std::uint32_t>(all, at_most_frame);
  header.pages = native<std::uint32_t>(all, at_pages);
  const auto page_bytes = native<std::uint16_t>(all, at_page_bytes);
  header.page_bytes = page_bytes == 1 ? 65536 : page_bytes;
  std::copy_n(bytes.begin() + at_salts, header.salts.size(), header.salts.begin());
  header.backfilled = native<std::uint32_t>(all, at_backfilled);
  return header;
}

WalPages::WalPages(os::File& log, const WalIndexHeader& header, std::uint32_t page_bytes)
    : page_bytes_(page_bytes) {
  std::array<std::byte, log_header_bytes> head{};
  if (log.read_at(0, head) != head.size() || (big_endian(head, 0) & ~1U) != magic_without_order ||
      big_endian(head, salt_offset_in_frame) != page_bytes ||
      std::memcmp(head.data() + salt_offset_in_log, header.salts.data(), header.salts.size()) !=
          0) {
    throw Error{Code::data, "the write-ahead log is not the one its index is of"};
  }
  const std::uint64_t frame_bytes = frame_header_bytes + std::uint64_t{page_bytes};
  frames_.reserve(header.most_frame);
  for (std::uint32_t number = 1; number <= header.most_frame; ++number) {
    std::array<std::byte, frame_header_bytes> frame{};
    if (log.read_at(log_header_bytes + (number - 1) * frame_bytes, frame) != frame.size() ||
        std::memcmp(frame.data() + salt_offset_in_frame, header.salts.data(),
                    header.salts.size()) != 0) {
      throw Error{Code::data, "the write-ahead log ends before its index says"};
    }
    frames_.push_back({.page = big_endian(frame, 0), .number = number});
  }
  // Of a page the last frame counts.
  std::ranges::sort(frames_, [](const Frame& left, const Frame& right) {
    return left.page != right.page ? left.page < right.page : left.number > right.number;
  });
  frames_.erase(
      std::unique(frames_.begin(), frames_.end(),
                  [](const Frame& left, const Frame& right) { return left.page == right.page; }),
      frames_.end());
  frames_.shrink_to_fit();
}

void WalPages::overlay(os::File& log, std::uint32_t first, MutBytes into) const {
  if (frames_.empty()) {
    return;
  }
  const std::uint64_t end = first + into.size() / page_bytes_;
  const std::uint64_t frame_bytes = frame_header_bytes + std::uint64_t{page_bytes_};
  for (auto frame = std::ranges::lower_bound(frames_, first, {}, &Frame::page);
       frame != frames_.end() && frame->page < end; ++frame) {
    const MutBytes page = into.subspan(std::size_t{frame->page - first} * page_bytes_, page_bytes_);
    const std::uint64_t offset =
        log_header_bytes + (frame->number - 1) * frame_bytes + frame_header_bytes;
    if (log.read_at(offset, page) != page.size()) {
      throw Error{Code::data, "the write-ahead log is cut short"};
    }
  }
}

bool WalPages::has(std::uint32_t page) const {
  return std::ranges::binary_search(frames_, page, {}, &Frame::page);
}

}  // namespace trackier::sqlite
