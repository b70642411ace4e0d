#pragma once
/// Asking before something that cannot be undone.

#include <string>

#include "context.hpp"

namespace trackier::cli {

/// On a terminal says what would happen and has `word` typed. Throws Error{Code::usage} when
/// something else is typed, or there is nobody to ask: standard input is no terminal.
/// instead: the hint for who runs it without one.
void confirm(Context& context, const std::string& what, const std::string& word,
             const std::string& instead);

}  // namespace trackier::cli
