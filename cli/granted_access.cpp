#include "granted_access.hpp"

#include <fmt/format.h>

#include <array>

#include "access/approval.hpp"
#include "access/officer.hpp"
#include "core/text.hpp"
#include "keyring_access.hpp"

namespace trackier::cli {
namespace {

constexpr std::size_t largest_text = 16384;

std::string text_of(Context& context, const std::string& name) {
  const auto file = context.files().open(name);
  std::array<std::byte, largest_text> bytes{};
  std::size_t size = 0;
  for (std::size_t got = 1; got > 0 && size < bytes.size(); size += got) {
    got = file->read(MutBytes{bytes}.subspan(size));
  }
  if (size == bytes.size()) {
    throw Error{Code::data, fmt::format("{} is longer than 16 KiB", printable(name)),
                "requests and approvals are a few lines of text"};
  }
  return std::string{as_text(Bytes{bytes}.first(size))};
}

crypto::Secret one_time_key(Context& context, const std::string& request) {
  const std::filesystem::path path = one_time_key_of(request);
  if (!context.files().status(path)) {
    throw Error{Code::no_permission,
                fmt::format("{} is not there: the approvals open with this key alone",
                            printable(path.native())),
                "keys request wrote it beside the request; bring it back, or ask anew"};
  }
  return load_named_key(context, "file:" + path.native());
}

}  // namespace

std::vector<access::Officer> known_officers(Context& context) {
  std::vector<access::Officer> officers;
  for (const std::string& text : context.settings().encrypt.officers) {
    if (text.starts_with("tko1 ")) {
      officers.push_back(access::parse_officer(text));
    }
  }
  return officers;
}

std::filesystem::path one_time_key_of(const std::string& request) {
  return request + ".key";
}

access::Request read_request(Context& context, const std::string& file) {
  return access::parse_request(text_of(context, file), printable(file));
}

std::shared_ptr<const envelope::Identity> granted_identity(
    Context& context, const std::string& request, const std::vector<std::string>& approvals) {
  const access::Request asked = read_request(context, request);
  const crypto::Secret key = one_time_key(context, request);
  const auto known = known_officers(context);
  std::vector<envelope::OfficerShare> shares;
  for (const std::string& file : approvals) {
    const std::string name = printable(file);
    const auto approval = access::parse_approval(text_of(context, file), name);
    shares.push_back(access::open_approval(approval, asked, key, known, now(), name));
  }
  return envelope::officer_shares_identity(std::move(shares));
}

}  // namespace trackier::cli
