#pragma once
/// Where bytes come from and where they go. Stages of a stream are Sinks in front of Sinks, or
/// Sources behind Sources, put together in one place so that a reader sees every byte's path.

#include <algorithm>
#include <string_view>

#include "core/bytes.hpp"

namespace trackier {

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  Source(Source&&) = delete;
  Source& operator=(Source&&) = delete;
  virtual ~Source() = default;

  /// Reads at least one byte into `into` (not empty) and returns how many; 0 only at the end.
  /// Returns as soon as something is there: a pipe gives what it has. Throws Error{Code::io} when
  /// reading fails and Error{Code::data} when what was read is damaged.
  virtual std::size_t read(MutBytes into) = 0;
};

class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  Sink(Sink&&) = delete;
  Sink& operator=(Sink&&) = delete;
  virtual ~Sink() = default;

  /// Takes all of `bytes`. Throws Error{Code::io}.
  virtual void write(Bytes bytes) = 0;

  /// Called once after the last write; finishes the next stage too. Without it the output is
  /// incomplete.
  virtual void finish() = 0;
};

/// Reads a text that is kept elsewhere.
class TextSource final : public Source {
 public:
  explicit TextSource(std::string_view text) : rest_(text) {}
  std::size_t read(MutBytes into) override {
    const std::size_t count = std::min(into.size(), rest_.size());
    std::ranges::copy(as_bytes(rest_.substr(0, count)), into.begin());
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

/// Where nothing is kept.
class NoSink final : public Sink {
 public:
  void write(Bytes /*bytes*/) override {}
  void finish() override {}
};

}  // namespace trackier
