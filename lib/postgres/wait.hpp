#pragma once
/// Waiting for a socket, in steps, so that a signal is noticed. Of interest inside this area only.

namespace trackier::postgres {

/// Waits a tenth of a second at most. events: of poll(2). Throws Interrupted when a signal asks the
/// run to end, and Error{Code::io}.
void wait_a_step(int socket, short events);

/// Without waiting.
bool is_ready(int socket, short events);

}  // namespace trackier::postgres
