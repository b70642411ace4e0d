#pragma once
/// Sources and sinks in memory.

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "core/stream.hpp"

namespace trackier::fuzz {

/// Gives `step` bytes at a time, as a slow pipe does; 0: as many as are wanted.
class TextSource final : public Source {
 public:
  explicit TextSource(std::string_view text, std::size_t step = 0) : rest_(text), step_(step) {}

  std::size_t read(MutBytes into) override {
    const std::size_t wanted = step_ == 0 ? into.size() : std::min(step_, into.size());
    const std::size_t count = std::min(wanted, rest_.size());
    if (count > 0) {
      std::memcpy(into.data(), rest_.data(), count);
    }
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
  std::size_t step_;
};

class TextSink final : public Sink {
 public:
  void write(Bytes bytes) override { text_.append(as_text(bytes)); }
  void finish() override { finished_ = true; }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool finished() const { return finished_; }

 private:
  std::string text_;
  bool finished_ = false;
};

}  // namespace trackier::fuzz
