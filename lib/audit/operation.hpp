#pragma once
/// What a command does, recorded before and after.

#include <string>
#include <string_view>

#include "audit/log.hpp"
#include "core/error.hpp"

namespace trackier::audit {

/// What a command does, between its intent and its outcome.
class Operation {
 public:
  /// Begins: see Log::begin.
  Operation(Log& log, std::string name, Values args, std::string tenant = {});
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  Operation(Operation&&) = delete;
  Operation& operator=(Operation&&) = delete;

  /// Without one of the calls below, it records "unfinished", if it can: silently.
  ~Operation();

  /// Records how it ended. Throws as Log::end().
  void ended(Result result, Values args = {});
  void succeeded(Values args = {});

  /// code: of the Error, or Code::verdict. Never its text, which may name people.
  void failed(Code code, Values args = {});

  [[nodiscard]] const OperationId& id() const noexcept { return id_; }

 private:
  Log& log_;
  std::string name_;
  std::string tenant_;
  OperationId id_;
  bool ended_ = false;
};

/// The word of an exit status: "ok", "io", ...
std::string_view word_of(Code code);

}  // namespace trackier::audit
