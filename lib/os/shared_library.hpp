#pragma once
/// Libraries that are loaded when they are needed: linking one costs every start of the program
/// milliseconds, for all the libraries it brings along.

#include <string>

namespace trackier::os {

class SharedLibrary {
 public:
  struct Texts {
    std::string missing;  ///< "mail needs libcurl, which is not installed"
    std::string cure;     ///< "apt-get install libcurl4"
    std::string least;    ///< "libcurl 7.85": the version that has all functions
  };

  /// name: "libcurl.so.4". Never unloaded: what it has registered for the end of the process stays
  /// callable. Throws Error{Code::unavailable}.
  SharedLibrary(const char* name, Texts texts);

  /// Throws Error{Code::unavailable} when the library has no such function.
  template <typename Function>
  void find(const char* function, Function*& into) const {
    into = reinterpret_cast<Function*>(address_of(function));  // as POSIX has it
  }

 private:
  [[nodiscard]] void* address_of(const char* function) const;

  void* library_;
  std::string name_;
  Texts texts_;
};

}  // namespace trackier::os
