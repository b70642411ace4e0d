#pragma once
/// What kind of place we talk to, and asking there for what nobody else may see.

#include <cstddef>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace trackier::os {

enum class Stream { input, output, error };

/// Whether a standard stream is a terminal.
bool is_terminal(Stream stream);

/// Columns of the terminal a standard stream is connected to; 80 when it is none or does not know.
int terminal_columns(Stream stream);

/// Asks on the terminal of the process, wherever its streams lead, and does not show what is typed.
/// Fills the beginning of `into` with the line, without its end, and returns its length; 0 for an
/// empty line or the end of input. What else was typed ahead is left for the next question.
/// The terminal is as it was afterwards, also after a signal, which is Interrupted.
/// Throws Error{Code::no_permission} when there is no terminal, or the line is longer than `into`.
std::size_t read_passphrase(std::string_view prompt, MutBytes into);

/// Asks on the terminal of the process and returns the line that is typed, without its end, at most
/// 1000 bytes of it. Throws as read_passphrase does.
std::string read_answer(std::string_view prompt);

}  // namespace trackier::os
