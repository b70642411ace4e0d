#pragma once
/// The channels of the settings: what they want to be told, and how a message reaches them.

#include <chrono>

#include "alert/outbox.hpp"
#include "context.hpp"

namespace trackier::cli {

using AlertChannel = config::Alerts::Channel;

/// patience: for another run that tells the channel.
alert::Outbox alert_outbox(Context& context, const AlertChannel& channel,
                           std::chrono::milliseconds patience = std::chrono::seconds{10});

/// Hands the message over. patience: for each answer, at most; the channel's own may be less.
/// Throws as net::send_mail and net::post do; Error{Code::unavailable} for a command that fails.
void deliver(Context& context, const AlertChannel& channel, const alert::Message& message,
             std::chrono::seconds patience);

/// At the end of a run: tells at once what is to be told at once, if the settings have runs do so
/// and the run can still reach others.
/// What cannot be delivered is told as a warning, and waits for `alert flush`. Throws nothing but
/// what is no Error.
void deliver_after_run(Context& context);

}  // namespace trackier::cli
