#pragma once
/// Pipes between us and a program. Of interest inside this area only.

namespace trackier::os {

/// A descriptor of ours, closed with the object; -1: none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }

  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] bool is_open() const noexcept { return number_ != -1; }
  void close() noexcept;

  /// Of this end alone: the other end, the program's, blocks as programs expect. Throws
  /// Error{Code::io}.
  void make_non_blocking() const;

 private:
  int number_ = -1;
};

/// Both ends, which programs we start do not inherit unless told so.
struct Pipe {
  /// Throws Error{Code::io}.
  Pipe();
  Descriptor reading;
  Descriptor writing;
};

}  // namespace trackier::os
