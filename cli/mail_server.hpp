#pragma once
/// The mail server of the settings.

#include "context.hpp"
#include "crypto/secret.hpp"
#include "net/smtp.hpp"

namespace trackier::cli {

/// Throws Error{Code::usage} when the settings name none; hint: what to do then.
net::MailServer mail_server(Context& context, const std::string& hint);

/// Of its login; empty without one. Throws as loading keys does.
crypto::Secret mail_password(Context& context);

}  // namespace trackier::cli
