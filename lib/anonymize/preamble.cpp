#include "anonymize/preamble.hpp"

#include "anonymize/characters.hpp"
#include "anonymize/chunker.hpp"
#include "anonymize/detect_format.hpp"

namespace trackier::anonymize {
namespace {

bool is_directed(Format format) {
  return format == Format::w3c || format == Format::cloudfront || format == Format::zeek;
}

}  // namespace

Preamble::Preamble(Format format)
    : format_(format), wants_more_(is_directed(format) || is_delimited(format)) {}

void Preamble::read(std::string_view piece) {
  if (is_directed(format_)) {
    read_directives(piece);
  } else if (is_delimited(format_) && wants_more_) {
    read_header(piece);
  }
}

void Preamble::read_directives(std::string_view piece) {
  if (at_start_ && piece.starts_with(character::byte_order_mark)) {
    piece.remove_prefix(character::byte_order_mark.size());
  }
  at_start_ = false;
  while (!piece.empty()) {
    const std::size_t line = piece.find('\n');
    const std::string_view front = piece.substr(0, line);
    const bool ends = line != std::string_view::npos;
    piece.remove_prefix(ends ? line + 1 : piece.size());
    if (!in_line_ && (!line_.empty() || is_directive(front))) {
      line_.append(front);
      if (line_.size() > ChunkLimits{}.record_bytes) {  // as Chunker: nobody has read all of it
        directives_.forget();
        line_.clear();
        in_line_ = true;
      }
    } else {
      in_line_ = true;
    }
    if (ends) {
      if (!line_.empty()) {
        directives_.read_line(line_);
      }
      line_.clear();
      in_line_ = false;
    }
  }
}

void Preamble::read_header(std::string_view piece) {
  line_.append(piece);
  const std::size_t end = first_record_end(format_, line_);
  if (end != std::string_view::npos) {
    header_ = line_.substr(0, end);
  }
  wants_more_ = end == std::string_view::npos && line_.size() < ChunkLimits{}.record_bytes;
  if (!wants_more_) {
    line_.clear();
  }
}

std::string Preamble::text() const {
  const auto directives = directives_.text();
  return directives ? *directives : header_;
}

}  // namespace trackier::anonymize
