#include "net/smtp.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

#include "core/text.hpp"
#include "net/curl.hpp"
#include "os/signals.hpp"

namespace trackier::net {
namespace {

constexpr std::size_t most_of_reply = 512;  // RFC 5321, section 4.5.3.1.5

Error wrong_of_us(const std::string& what) {
  return Error{Code::bug, "a mail cannot be sent: " + what};
}

/// An address as a command of SMTP has it. What could end the command early is not let through.
std::string path_of(std::string_view address) {
  const bool is_sound = !address.empty() && std::ranges::all_of(address, [](char each) {
    return each > ' ' && each < 0x7f && each != '<' && each != '>';
  });
  if (!is_sound) {
    throw wrong_of_us(printable(address) + " is no address");
  }
  return fmt::format("<{}>", address);
}

/// A line feed alone ends a line for some servers and not for others: one could read commands where
/// the other reads text.
void check_lines(std::string_view message) {
  if (!message.ends_with("\r\n")) {
    throw wrong_of_us("its last line has no end");
  }
  for (std::size_t i = 0; i < message.size(); ++i) {
    const bool is_half = (message[i] == '\r' && message[i + 1] != '\n') ||
                         (message[i] == '\n' && (i == 0 || message[i - 1] != '\r'));
    if (is_half) {
      throw wrong_of_us("a line does not end with CRLF");
    }
  }
}

/// The code of a reply's last line; none: more lines follow, or it is no reply.
std::optional<int> code_of(std::string_view line) {
  const auto is_digit = [](char each) { return each >= '0' && each <= '9'; };
  constexpr std::size_t digits = 3;
  if (line.size() < digits || !std::all_of(line.begin(), line.begin() + digits, is_digit) ||
      (line.size() > digits && line[digits] == '-')) {
    return std::nullopt;
  }
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/// One mail on its way.
class Delivery {
 public:
  Delivery(const MailServer& server, const crypto::Secret& password, const Letter& letter,
           const Handover& handover, const std::stop_token& stop)
      : server_(server), letter_(letter), handover_(handover), stop_(stop) {
    connect_as_asked();
    log_in(password);
    address();
    call_back();
  }

  void run() {
    const CURLcode code = handle_.perform();
    if (thrown_) {
      std::rethrow_exception(thrown_);
    }
    if (is_accepted_) {
      return;  // whatever became of the farewell
    }
    if (is_handed_over() && !answer_) {
      throw OutcomeUnknown{
          Code::unavailable,
          fmt::format("{} was given the whole mail, and then {}: it is not known whether it was "
                      "accepted",
                      place(), stop_.stop_requested() ? "this run was ended" : reason(code)),
          "look at the log of the mail server"};
    }
    os::throw_if_stopped(stop_);
    throw failure(code);
  }

 private:
  void connect_as_asked() {
    const bool is_literal = server_.host.find(':') != std::string::npos;
    const bool is_tls = server_.security == MailServer::Security::tls;
    handle_.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    handle_.set(CURLOPT_URL,
                fmt::format("{}://{}{}{}:{}", is_tls ? "smtps" : "smtp", is_literal ? "[" : "",
                            server_.host, is_literal ? "]" : "", server_.port)
                    .c_str());
    handle_.set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    handle_.expect_trusted_tls(server_.ca_file);
    handle_.refuse_surroundings();
    const long seconds = server_.timeout.count();
    handle_.set(CURLOPT_CONNECTTIMEOUT, seconds);
    handle_.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
    handle_.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    handle_.set(CURLOPT_LOW_SPEED_TIME, seconds);
    handle_.set(CURLOPT_FORBID_REUSE, 1L);  // the farewell is part of the run, and can be cut short
  }

  void log_in(const crypto::Secret& password) {
    if (server_.user.empty()) {
      return;
    }
    crypto::Secret text{password.size() + 1};  // and a NUL
    std::ranges::copy(password.bytes(), text.writable().begin());
    handle_.set(CURLOPT_USERNAME, server_.user.c_str());
    handle_.set(CURLOPT_PASSWORD, as_text(text.bytes()).data());
  }

  void address() {
    check_lines(as_text(letter_.message));
    if (letter_.to.empty()) {
      throw wrong_of_us("it is to nobody");
    }
    handle_.set(CURLOPT_MAIL_FROM, path_of(letter_.from).c_str());
    for (const std::string& each : letter_.to) {
      append(to_, path_of(each));
    }
    handle_.set(CURLOPT_MAIL_RCPT, to_.get());
  }

  void call_back() {
    handle_.set(CURLOPT_UPLOAD, 1L);
    handle_.set(CURLOPT_READFUNCTION, &Delivery::on_read);
    handle_.set(CURLOPT_READDATA, static_cast<void*>(this));
    handle_.set(CURLOPT_HEADERFUNCTION, &Delivery::on_line);
    handle_.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    handle_.set(CURLOPT_WRITEFUNCTION, &Delivery::on_body);
    handle_.set(CURLOPT_XFERINFOFUNCTION, &Delivery::on_progress);
    handle_.set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    handle_.set(CURLOPT_NOPROGRESS, 0L);
  }

  /// libcurl is C: no exception may pass through it.
  template <typename Action>
  bool succeeds(Action&& action) noexcept {
    try {
      action();
      return true;
    } catch (...) {
      thrown_ = std::current_exception();
      return false;
    }
  }

  static std::size_t on_read(char* into, std::size_t size, std::size_t count, void* data) noexcept {
    auto& self = *static_cast<Delivery*>(data);
    const auto begin = [&] {
      if (self.handover_.begins) {
        self.handover_.begins();
      }
    };
    if (!self.has_begun_ && !self.succeeds(begin)) {
      return CURL_READFUNC_ABORT;
    }
    self.has_begun_ = true;
    const Bytes rest = self.letter_.message.subspan(self.taken_);
    const std::size_t taken = std::min(size * count, rest.size());
    std::memcpy(into, rest.data(), taken);
    self.taken_ += taken;
    return taken;
  }

  static std::size_t on_line(char* text, std::size_t size, std::size_t count, void* data) noexcept {
    auto& self = *static_cast<Delivery*>(data);
    return self.succeeds([&] { self.take_line({text, size * count}); }) ? size * count : 0;
  }

  static std::size_t on_body(char* /*text*/, std::size_t size, std::size_t count,
                             void* /*data*/) noexcept {
    return size * count;  // a reply to no question of ours: never to standard output
  }

  static int on_progress(void* data, curl_off_t /*all*/, curl_off_t /*done*/, curl_off_t /*all_up*/,
                         curl_off_t /*done_up*/) noexcept {
    constexpr std::chrono::seconds for_farewell{2};
    const auto& self = *static_cast<const Delivery*>(data);
    const bool is_over =
        self.is_accepted_ && std::chrono::steady_clock::now() - self.accepted_at_ > for_farewell;
    return self.stop_.stop_requested() || is_over ? 1 : 0;
  }

  void take_line(std::string_view line) {
    line = line.substr(0, std::min(line.find_first_of("\r\n"), line.size()));
    const auto code = code_of(line);
    constexpr int farewell = 221;
    if (!code || answer_ || *code == farewell) {  // which says nothing of what was refused before
      return;
    }
    reply_ = printable(line, most_of_reply);
    reply_code_ = *code;
    if (!is_handed_over()) {
      return;
    }
    answer_ = code;
    if (*code / 100 == 2) {
      is_accepted_ = true;
      accepted_at_ = std::chrono::steady_clock::now();
      if (handover_.accepted) {
        handover_.accepted(reply_);
      }
    }
  }

  /// The final dot follows the last byte without another question.
  [[nodiscard]] bool is_handed_over() const {
    return has_begun_ && taken_ == letter_.message.size();
  }

  [[nodiscard]] std::string place() const {
    return fmt::format("the mail server {}:{}", server_.host, server_.port);
  }

  [[nodiscard]] std::string reason(CURLcode code) const { return handle_.reason(code); }

  [[nodiscard]] Error failure(CURLcode code) const {
    switch (code) {
      case CURLE_USE_SSL_FAILED:
        return Error{Code::unavailable,
                     place() +
                         " does not offer STARTTLS; nothing was sent to it, neither the mail "
                         "nor a password",
                     "if it speaks TLS from the first byte, usually at port 465, set security to "
                     "\"tls\"; there is no sending in plain text"};
      case CURLE_PEER_FAILED_VERIFICATION:
        return Error{Code::unavailable,
                     fmt::format("the certificate of {} is not trusted: {}", place(), reason(code)),
                     "it has to be for the name of the server as it is set, and signed by an "
                     "authority of the system, or of ca_file"};
      case CURLE_SSL_CACERT_BADFILE:
        return Error{Code::no_input,
                     fmt::format("{} has no certificates that can be read: {}",
                                 printable(server_.ca_file), reason(code)),
                     "name a file of certificates in PEM"};
      case CURLE_LOGIN_DENIED:
        return Error{Code::no_permission,
                     fmt::format("{} refuses the login of {}: {}", place(), printable(server_.user),
                                 reply_.empty() ? reason(code) : reply_),
                     "look at user and password"};
      default:
        return reply_code_ >= 400 ? refusal() : breaking_off(code);
    }
  }

  [[nodiscard]] Error refusal() const {
    const bool is_for_good = reply_code_ >= 500;
    return Error{is_for_good ? Code::verdict : Code::unavailable,
                 fmt::format("{} refuses a mail from {} to {}: {}", place(), letter_.from,
                             fmt::join(letter_.to, ", "), reply_),
                 is_for_good ? "look at the addresses, and at what the server says" : "try later"};
  }

  [[nodiscard]] Error breaking_off(CURLcode code) const {
    return Error{Code::unavailable,
                 reply_.empty() ? fmt::format("{} cannot be reached: {}", place(), reason(code))
                                : fmt::format("{} broke off, and does not have the mail: {}",
                                              place(), reason(code)),
                 "look at its name, the port and security, and try again"};
  }

  const MailServer& server_;
  const Letter& letter_;
  const Handover& handover_;
  const std::stop_token& stop_;
  std::unique_ptr<curl_slist, EndList> to_;
  Handle handle_;
  std::string reply_;  ///< the last line that ended one
  int reply_code_ = 0;
  std::size_t taken_ = 0;
  bool has_begun_ = false;
  std::optional<int> answer_;  ///< to the whole message
  bool is_accepted_ = false;
  std::chrono::steady_clock::time_point accepted_at_;
  std::exception_ptr thrown_;
};

}  // namespace

void send_mail(const MailServer& server, const crypto::Secret& password, const Letter& letter,
               const Handover& handover, const std::stop_token& stop) {
  os::throw_if_stopped(stop);
  Delivery{server, password, letter, handover, stop}.run();
}

}  // namespace trackier::net
