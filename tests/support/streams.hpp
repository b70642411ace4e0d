#pragma once
/// Sources and sinks in memory, as awkward as a pipe can be.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/stream.hpp"

namespace trackier::test {

/// Gives `content` in pieces of at most `piece` bytes. After the end it counts further reads, for a
/// reader must not ask a terminal again.
class MemorySource final : public Source {
 public:
  explicit MemorySource(std::string content, std::size_t piece = std::string::npos)
      : content_(std::move(content)), piece_(piece) {}

  std::size_t read(MutBytes into) override {
    if (into.empty()) {
      throw Error{Code::bug, "a read of no bytes"};
    }
    const std::size_t count = std::min({into.size(), piece_, content_.size() - at_});
    std::ranges::copy(as_bytes(content_).subspan(at_, count), into.begin());
    at_ += count;
    ends_seen_ += count == 0 ? 1 : 0;
    return count;
  }

  [[nodiscard]] std::size_t ends_seen() const noexcept { return ends_seen_; }
  [[nodiscard]] std::size_t given() const noexcept { return at_; }

 private:
  std::string content_;
  std::size_t piece_;
  std::size_t at_ = 0;
  std::size_t ends_seen_ = 0;
};

/// Keeps what was written to it.
class MemorySink final : public Sink {
 public:
  void write(Bytes bytes) override {
    if (finished_) {
      throw Error{Code::bug, "written to after finish"};
    }
    content_ += as_text(bytes);
  }

  void finish() override {
    if (finished_) {
      throw Error{Code::bug, "finished twice"};
    }
    finished_ = true;
  }

  [[nodiscard]] const std::string& content() const noexcept { return content_; }
  [[nodiscard]] bool finished() const noexcept { return finished_; }

 private:
  std::string content_;
  bool finished_ = false;
};

/// Everything `source` gives, asked for in pieces of `piece` bytes.
inline std::string read_all(Source& source, std::size_t piece = 64 * 1024) {
  std::string content;
  std::string buffer(piece, '\0');
  for (;;) {
    const std::size_t count =
        source.read(std::as_writable_bytes(std::span{buffer.data(), buffer.size()}));
    if (count == 0) {
      return content;
    }
    content.append(buffer, 0, count);
  }
}

}  // namespace trackier::test
