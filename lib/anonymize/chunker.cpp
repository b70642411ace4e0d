#include "anonymize/chunker.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "anonymize/characters.hpp"

namespace trackier::anonymize {

using character::byte_order_mark;

void Room::reserve(std::size_t capacity) {
  if (capacity > capacity_) {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) {
      std::memcpy(larger.get(), data_.get(), size_);
    }
    data_ = std::move(larger);
    capacity_ = capacity;
  }
}

void Room::assign(std::string_view text) {
  size_ = 0;
  reserve(text.size());
  if (!text.empty()) {
    std::memcpy(data_.get(), text.data(), text.size());
  }
  size_ = text.size();
}

void Room::remove_front(std::size_t bytes) {
  size_ -= bytes;
  std::memmove(data_.get(), data_.get() + bytes, size_);
}

Chunker::Chunker(Source& input, const ChunkLimits& limits) : input_(input), limits_(limits) {
  ahead_.reserve(limits.chunk_bytes);
}

void Chunker::set_format(Format format, const Columns& columns) {
  delimited_ = format == Format::csv || format == Format::tsv;
  documents_ = format == Format::json && columns.documents;
  directed_ = format == Format::w3c || format == Format::cloudfront || format == Format::zeek;
  delimiter_ = columns.delimiter;
  whole_ = 0;
  scan_ = DelimitedScan{delimiter_};
  find_whole(0);
}

/// Reads once, to fill `limit` bytes at most.
void Chunker::read_more(std::size_t limit) {
  ahead_.reserve(limit);
  const std::size_t before = ahead_.size();
  const std::size_t got =
      input_.read(std::as_writable_bytes(std::span{ahead_.data() + before, limit - before}));
  ahead_.set_size(before + got);
  end_ = got == 0;
  find_whole(before);
}

/// Brings whole_ up to date when the bytes behind `from` are new.
void Chunker::find_whole(std::size_t from) {
  const std::string_view text = ahead_.text();
  if (documents_) {
    std::size_t end = in_long_record_ ? std::string_view::npos : 0;
    while (end != std::string_view::npos) {
      whole_ += end;
      end = document_scan_.record_end(text.substr(whole_));
    }
    return;
  }
  const std::size_t line = text.substr(from).rfind('\n');  // a long line comes in many reads
  if (line == std::string_view::npos) {
    return;
  }
  if (!delimited_) {
    whole_ = from + line + 1;
    return;
  }
  for (;;) {
    const std::string_view rest = text.substr(whole_);
    if (may_be_marked_ && rest.size() < byte_order_mark.size() &&
        byte_order_mark.starts_with(rest)) {
      return;
    }
    if (may_be_marked_ && rest.starts_with(byte_order_mark)) {
      scan_.pass_over(byte_order_mark.size());
      may_be_marked_ = false;
    }
    const std::size_t end = scan_.record_end(rest);
    if (end == std::string_view::npos) {
      return;
    }
    may_be_marked_ =
        may_be_marked_ && rest.substr(0, end).find_first_not_of("\r\n") == std::string_view::npos;
    whole_ += end;
  }
}

std::string_view Chunker::peek(std::size_t most) {
  while (!end_ && ahead_.size() < most && (whole_ == 0 || limits_.fill)) {
    read_more(std::max(most, limits_.chunk_bytes));
  }
  return ahead_.text().substr(0, most);
}

bool Chunker::next(Chunk& chunk) {
  for (;;) {
    if (in_long_record_) {
      return give_window(chunk);
    }
    if (std::exchange(begin_anew_, false)) {
      scan_ = DelimitedScan{delimiter_};
      document_scan_ = {};
      find_whole(0);
    }
    const bool enough = end_ || ahead_.size() >= limits_.chunk_bytes || !limits_.fill;
    if (whole_ > 0 && enough) {
      give(chunk);
      return true;
    }
    if (end_) {
      if (ahead_.size() == 0) {
        return false;
      }
      whole_ = ahead_.size();  // no line end behind the last record
      continue;
    }
    if (ahead_.size() >= limits_.record_bytes) {
      if (documents_ || ahead_.text().find('\n') == std::string_view::npos) {
        begin_long_record();
      } else {
        give_up_record();
      }
      continue;
    }
    const bool filling = ahead_.size() < limits_.chunk_bytes;
    read_more(filling ? limits_.chunk_bytes : std::min(2 * ahead_.size(), limits_.record_bytes));
  }
}

void Chunker::begin_long_record() {
  in_long_record_ = true;
  first_ = false;
  if (directed_ && is_directive(ahead_.text())) {
    directives_.forget();
  }
}

/// A quote was left open. The record is taken to be the first line, and reading goes on behind it.
/// Each time costs a look at record_bytes: when there are more such lines than there would be by
/// accident, all lines that are ahead pass for records. (What is decided here depends on the input
/// alone, not on how it arrives.)
void Chunker::give_up_record() {
  constexpr std::uint64_t by_accident = 8;
  ++given_up_;
  const bool often = given_up_ > by_accident + by_accident * given_ / limits_.record_bytes;
  whole_ = (often ? ahead_.text().rfind('\n') : ahead_.text().find('\n')) + 1;
  lines_ = true;
}

void Chunker::give(Chunk& chunk) {
  chunk.part = Chunk::Part::whole;
  chunk.lines = std::exchange(lines_, false);
  begin_anew_ = chunk.lines;
  chunk.first = first_;  // of a table: empty lines before its header do not begin it
  std::swap(chunk.bytes, ahead_);
  const std::size_t whole = end_ ? chunk.bytes.size() : whole_;
  ahead_.set_size(0);
  ahead_.reserve(limits_.chunk_bytes);
  ahead_.assign(chunk.bytes.text().substr(whole));
  chunk.bytes.set_size(whole);
  given_ += whole;
  if (directed_) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    const std::string_view text = chunk.bytes.text();
    chunk.directives = directives_.text();
    directives_.read(text.substr(first_ && text.starts_with(mark) ? mark.size() : 0));
  }
  first_ = first_ && chunk.bytes.text().find_first_not_of("\r\n") == std::string_view::npos;
  whole_ = 0;
}

/// Behind the line end, or the document, that the bytes from `from` on bring to an end; npos.
std::size_t Chunker::long_record_end(std::size_t from) {
  if (documents_) {
    return document_scan_.record_end(ahead_.text());
  }
  const std::size_t line = ahead_.text().find('\n', from);
  return line == std::string_view::npos ? line : line + 1;
}

bool Chunker::give_window(Chunk& chunk) {
  std::size_t end = long_record_end(0);
  while (end == std::string_view::npos && !end_ && ahead_.size() < limits_.record_bytes) {
    const std::size_t before = ahead_.size();
    read_more(limits_.record_bytes);
    end = long_record_end(before);
  }
  const bool ends = end != std::string_view::npos || end_;
  const std::size_t size = end != std::string_view::npos ? end : ahead_.size();
  chunk.part = ends ? Chunk::Part::tail : Chunk::Part::window;
  chunk.first = false;
  chunk.lines = false;
  chunk.bytes.assign(ahead_.text().substr(0, size));
  if (ends) {
    in_long_record_ = false;
    begin_anew_ = true;
  }
  whole_ = 0;
  return true;
}

}  // namespace trackier::anonymize
