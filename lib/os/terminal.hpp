#pragma once
/// What kind of place we talk to.

namespace trackier::os {

enum class Stream { input, output, error };

/// Whether a standard stream is a terminal.
bool is_terminal(Stream stream);

/// Columns of the terminal a standard stream is connected to; 80 when it is none or does not know.
int terminal_columns(Stream stream);

}  // namespace trackier::os
