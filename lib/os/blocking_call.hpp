#pragma once
/// How system calls that block learn of a signal. Of interest inside this area only.

namespace trackier::os {

/// While it lives, its thread is one that Interrupt wakes: a signal that asks the run to end makes
/// a system call of the thread fail with EINTR, again and again, so that none is missed between the
/// look at throw_if_interrupted() and the call.
class BlockingCall {
 public:
  /// Throws Interrupted when the run has been asked to end.
  BlockingCall();
  BlockingCall(const BlockingCall&) = delete;
  BlockingCall& operator=(const BlockingCall&) = delete;
  BlockingCall(BlockingCall&&) = delete;
  BlockingCall& operator=(BlockingCall&&) = delete;
  ~BlockingCall();
};

/// Makes the system calls of all those threads fail with EINTR. For Interrupt.
void wake_blocking_calls(int wake_signal) noexcept;

}  // namespace trackier::os
