#include "os/shared_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"

namespace trackier::os {

SharedLibrary::SharedLibrary(const char* name, Texts texts)
    : library_(::dlopen(name, RTLD_NOW | RTLD_LOCAL)), name_(name), texts_(std::move(texts)) {
  if (library_ == nullptr) {
    throw Error{Code::unavailable, texts_.missing, texts_.cure};
  }
}

void* SharedLibrary::address_of(const char* function) const {
  void* const found = ::dlsym(library_, function);
  if (found == nullptr) {
    throw Error{Code::unavailable, fmt::format("{} has no {}", name_, function),
                fmt::format("install {} or later: {}", texts_.least, texts_.cure)};
  }
  return found;
}

}  // namespace trackier::os
