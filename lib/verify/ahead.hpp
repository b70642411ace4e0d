#pragma once
/// What is made before its check is run, beside something else. Of interest inside this area only.

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

namespace trackier::verify {

/// A value, or why there is none. Made once, taken once, in whatever threads, one after the other.
template <typename Value>
class Ahead {
 public:
  /// Keeps whatever `make` throws.
  template <typename Make>
  void make(const Make& make) {
    const auto begun = std::chrono::steady_clock::now();
    try {
      value_ = make();
    } catch (...) {
      failure_ = std::current_exception();
    }
    took_ = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                  begun);
  }

  /// Throws what `make` threw.
  Value take() {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    return std::move(*value_);
  }
  [[nodiscard]] std::chrono::milliseconds took() const { return took_; }

 private:
  std::optional<Value> value_;
  std::exception_ptr failure_;
  std::chrono::milliseconds took_{0};
};

}  // namespace trackier::verify
