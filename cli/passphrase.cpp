#include "passphrase.hpp"

#include "os/terminal.hpp"

namespace trackier::cli {
namespace {

constexpr std::size_t longest = 1024;

}  // namespace

crypto::Secret ask_passphrase(Context& context, std::string_view prompt) {
  context.progress().clear();
  crypto::Secret typed{longest};
  std::size_t size = 0;
  try {
    size = os::read_passphrase(prompt, typed.writable());
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    throw NoPassphrase{error.code(), error.what(), error.hint()};
  }
  if (size == 0) {
    throw NoPassphrase{Code::no_permission, "no passphrase was typed"};
  }
  return crypto::Secret::copy_of(typed.bytes().first(size));
}

crypto::Secret ask_new_passphrase(Context& context) {
  crypto::Secret passphrase = ask_passphrase(context, "Passphrase: ");
  if (!(ask_passphrase(context, "The same once more: ") == passphrase)) {
    throw NoPassphrase{Code::no_permission, "the two passphrases differ"};
  }
  return passphrase;
}

}  // namespace trackier::cli
