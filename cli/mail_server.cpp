#include "mail_server.hpp"

#include "keyring_access.hpp"
#include "os/process.hpp"

namespace trackier::cli {

net::MailServer mail_server(Context& context, const std::string& hint) {
  const config::Smtp& settings = context.settings().smtp;
  if (settings.server.empty()) {
    throw Error{Code::usage, "the settings name no mail server", hint};
  }
  return {.host = settings.server,
          .port = settings.port,
          .security = settings.security == config::Smtp::Security::tls
                          ? net::MailServer::Security::tls
                          : net::MailServer::Security::starttls,
          .ca_file = settings.ca_file,
          .user = settings.user,
          .timeout = settings.timeout};
}

crypto::Secret mail_password(Context& context) {
  const std::string& reference = context.settings().smtp.password;
  if (reference.empty()) {
    return {};
  }
  os::forbid_inspection();
  return load_named_password(context, reference);
}

}  // namespace trackier::cli
