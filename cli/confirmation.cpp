#include "confirmation.hpp"

#include <fmt/format.h>

#include "os/terminal.hpp"

namespace trackier::cli {

void confirm(Context& context, const std::string& what, const std::string& word,
             const std::string& instead) {
  if (!os::is_terminal(os::Stream::input)) {
    throw Error{Code::usage, what, instead};
  }
  context.out().finish();  // what is said of the plan, before the question
  context.progress().clear();
  if (os::read_answer(fmt::format("{}. Type {} to do it: ", what, word)) != word) {
    throw Error{Code::usage, "nothing was done: what was typed is something else"};
  }
}

}  // namespace trackier::cli
