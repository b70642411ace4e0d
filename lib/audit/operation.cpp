#include "audit/operation.hpp"

#include <utility>

namespace trackier::audit {

Operation::Operation(Log& log, std::string name, Values args, std::string tenant)
    : log_(log),
      name_(std::move(name)),
      tenant_(std::move(tenant)),
      id_(log.begin(name_, std::move(args), tenant_)) {}

Operation::~Operation() {
  if (!ended_) {
    try {
      log_.end(id_, name_, {.exit = static_cast<std::uint64_t>(Code::bug), .code = "unfinished"},
               {}, tenant_);
    } catch (...) {  // NOLINT(bugprone-empty-catch) the intent stays open, which the next run tells
    }
  }
}

void Operation::ended(Result result, Values args) {
  ended_ = true;
  log_.end(id_, name_, std::move(result), std::move(args), tenant_);
}

void Operation::succeeded(Values args) {
  ended({.exit = 0, .code = "ok"}, std::move(args));
}

void Operation::failed(Code code, Values args) {
  ended({.exit = static_cast<std::uint64_t>(code), .code = std::string{word_of(code)}},
        std::move(args));
}

std::string_view word_of(Code code) {
  switch (code) {
    case Code::ok:
      return "ok";
    case Code::verdict:
      return "verdict";
    case Code::usage:
      return "usage";
    case Code::data:
      return "data";
    case Code::no_input:
      return "no_input";
    case Code::unavailable:
      return "unavailable";
    case Code::bug:
      return "bug";
    case Code::cannot_create:
      return "cannot_create";
    case Code::io:
      return "io";
    case Code::busy:
      return "busy";
    case Code::no_permission:
      return "no_permission";
    case Code::config:
      return "config";
  }
  return "bug";
}

}  // namespace trackier::audit
