#include "access/approval.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "access/field_lines.hpp"
#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "envelope/stanza.hpp"

namespace trackier::access {
namespace {

constexpr std::string_view kind = "trackier-approval/1";
constexpr unsigned most_officers = 24;
constexpr std::size_t share_bytes = 32;
constexpr std::size_t sealed_share_bytes = share_bytes + 16;

/// Binds a released share to everything it was released for: the request names envelope, set,
/// requester, reason and expiry.
std::string info_of(const Approval& approval) {
  std::string info{"trackier-access/1 share"};
  info.push_back('\0');
  info.append(as_text(approval.request));
  info.push_back(static_cast<char>(approval.threshold));
  info.push_back(static_cast<char>(approval.x));
  return info;
}

std::string signed_text(const Approval& approval) {
  return FieldWriter{kind}
      .add("request", approval.request)
      .add("officer", to_text(approval.officer))
      .add("made", approval.made)
      .add("statement", approval.statement)
      .add("threshold", std::to_string(approval.threshold))
      .add("x", std::to_string(approval.x))
      .add("encapsulated", approval.share.encapsulated)
      .add("share", approval.share.sealed)
      .text();
}

std::string statement_on(const Request& request) {
  // The texts inside are up to 500 bytes each; the whole has to stay a line.
  const auto shortened = [](const std::string& text) {
    constexpr std::size_t most = 120;
    std::size_t end = std::min(text.size(), most);
    while (end > 0 && end < text.size() &&
           (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) {
      --end;  // not inside a UTF-8 character
    }
    return text.substr(0, end) + (end < text.size() ? "..." : "");
  };
  return fmt::format("I release my share of envelope {} to {} until {}, because: {}",
                     envelope::to_text(request.envelope), shortened(request.requester),
                     to_rfc3339(request.expires), shortened(request.reason));
}

}  // namespace

Approval approve(const Request& request, const envelope::Block& block,
                 std::string_view officer_name, const crypto::Secret& officer_key, Time now) {
  check_time(request, now);
  if (block.id != request.envelope) {
    throw Error{Code::no_permission,
                fmt::format("the request is for envelope {}, and this is {}",
                            envelope::to_text(request.envelope), envelope::to_text(block.id)),
                "name the envelope that the request is for"};
  }
  const auto share = envelope::open_officer_share(officer_key, block);
  if (!share || share->set != request.set) {
    throw Error{Code::no_permission, "this officer has no share in that envelope",
                "\"inspect\" lists the key ids of its officers"};
  }
  Approval approval{.request = digest_of(request),
                    .officer = officer_of(officer_name, officer_key),
                    .made = now,
                    .statement = statement_on(request),
                    .threshold = share->threshold,
                    .x = share->x,
                    .share = {},
                    .signature = {}};
  approval.share =
      crypto::hpke_seal(request.one_time, as_bytes(info_of(approval)), share->y.bytes());
  approval.signature = crypto::sign(signing_key_of(officer_key), as_bytes(signed_text(approval)));
  return approval;
}

std::string to_text(const Approval& approval) {
  return fmt::format("{}signature {}\n", signed_text(approval), crypto::base64(approval.signature));
}

Approval parse_approval(std::string_view text, const std::string& name) {
  Approval approval;
  FieldReader fields{text, kind, name};
  fields.bytes("request", approval.request);
  const std::string officer = fields.text("officer");
  approval.officer = doing(name, [&] { return parse_officer(officer); });
  approval.made = fields.time("made");
  approval.statement = fields.text("statement");
  approval.threshold = fields.number("threshold", 2, most_officers);
  approval.x = fields.number("x", 1, most_officers);
  fields.bytes("encapsulated", approval.share.encapsulated);
  approval.share.sealed.resize(sealed_share_bytes);
  fields.bytes("share", approval.share.sealed);
  fields.bytes("signature", approval.signature);
  fields.end();
  return approval;
}

envelope::OfficerShare open_approval(const Approval& approval, const Request& request,
                                     const crypto::Secret& one_time_key,
                                     std::span<const Officer> known, Time now,
                                     const std::string& name) {
  return doing(name, [&] {
    check_time(request, now);
    if (approval.request != digest_of(request)) {
      throw Error{Code::no_permission, "it approves another request"};
    }
    if (!known.empty() && std::ranges::find(known, approval.officer) == known.end()) {
      throw Error{Code::no_permission,
                  fmt::format("{} is not an officer of the settings", approval.officer.name),
                  "the line of each officer stands in encrypt.officers"};
    }
    if (!crypto::verify(approval.officer.signs, as_bytes(signed_text(approval)),
                        approval.signature)) {
      throw Error{Code::data, "the signature is not right: it was changed after it was signed"};
    }
    if (crypto::x25519_public(one_time_key) != request.one_time) {
      throw Error{Code::no_permission, "the key is not the one the request was made with"};
    }
    auto share = crypto::hpke_open(one_time_key, as_bytes(info_of(approval)), approval.share);
    if (!share || share->size() != share_bytes) {
      throw Error{Code::data, "the share does not open"};
    }
    return envelope::OfficerShare{.set = request.set,
                                  .threshold = static_cast<std::uint8_t>(approval.threshold),
                                  .x = static_cast<std::uint8_t>(approval.x),
                                  .y = std::move(*share)};
  });
}

}  // namespace trackier::access
