#include "config/smtp_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "config/toml_string.hpp"
#include "config/values.hpp"
#include "core/text.hpp"

namespace trackier::config {
namespace {

constexpr std::uint16_t starttls_port = 587;  // RFC 6409, section 3.1
constexpr std::uint16_t tls_port = 465;       // RFC 8314, section 3.3

/// A name of DNS or an address: nothing that would mean something else in a URL.
void check_server(const Table& table, const std::string& server) {
  constexpr std::string_view others = "-.:";
  const bool is_address = std::ranges::count(server, ':') > 1;  // of IPv6
  const bool is_host = !server.empty() && std::ranges::all_of(server, [&](char each) {
    const char small = static_cast<char>(each | 0x20);
    return (small >= 'a' && small <= 'z') || (each >= '0' && each <= '9') ||
           others.find(each) != std::string_view::npos;
  });
  if (!is_host || (server.find(':') != std::string::npos && !is_address)) {
    throw table.error(
        "server", fmt::format("{}: {} is no host", table.full_name("server"), printable(server)),
        "write a name alone, as \"mail.example.org\"; the port goes into smtp.port");
  }
}

Smtp::Security read_security(Table& table) {
  const std::string security = table.text("security").value_or("starttls");
  if (security != "starttls" && security != "tls") {
    throw table.error(
        "security",
        fmt::format("{}: there is no {}", table.full_name("security"), printable(security)),
        "it is \"starttls\", or \"tls\" for TLS from the first byte; there is no "
        "sending in plain text");
  }
  return security == "tls" ? Smtp::Security::tls : Smtp::Security::starttls;
}

void read_login(Table& table, Smtp& made) {
  made.user = table.text("user").value_or("");
  const bool has_controls = std::ranges::any_of(
      made.user, [](char each) { return static_cast<unsigned char>(each) < ' ' || each == 0x7f; });
  if (has_controls) {
    throw table.error("user", table.full_name("user") + ": more than one line");
  }
  if (const auto password = table.text("password")) {
    expect_secret_reference(table, "password", *password, "password");
    made.password = *password;
  }
  if (made.user.empty() != made.password.empty()) {
    throw table.error(
        made.user.empty() ? "password" : "user",
        fmt::format("{} goes with {}", table.full_name(made.user.empty() ? "password" : "user"),
                    table.full_name(made.user.empty() ? "user" : "password")),
        "a server that asks for no login needs neither");
  }
}

}  // namespace

Smtp read_smtp(Table& root, Origins& origins) {
  Smtp made;
  auto table = root.table("smtp");
  if (table) {
    const auto server = table->text("server");
    if (!server) {
      throw table->error("server", "smtp.server is missing",
                         "name the mail server: server = \"mail.example.org\"");
    }
    check_server(*table, *server);
    made.server = *server;
    made.security = read_security(*table);
    made.port = static_cast<std::uint16_t>(table->integer("port", 1, 65'535).value_or(0));
    read_login(*table, made);
    if (const auto path = table->path("ca_file")) {
      made.ca_file = *path;
    }
    made.timeout = read_timeout(*table, made.timeout, std::chrono::hours{1});
    table->refuse_others();
  }
  const bool is_tls = made.security == Smtp::Security::tls;
  if (made.port == 0) {
    made.port = is_tls ? tls_port : starttls_port;
  }
  const auto note = [&](std::string_view key, std::string value) {
    if (table) {
      origins.note(*table, key, std::move(value));
    } else {
      origins.note_default("smtp." + std::string{key}, std::move(value));
    }
  };
  note("server", toml_string(made.server));
  note("port", fmt::format("{}", made.port));
  note("security", toml_string(is_tls ? "tls" : "starttls"));
  note("user", toml_string(made.user));
  note("password", toml_string(made.password));
  note("ca_file", toml_string(made.ca_file));
  note("timeout", toml_string(fmt::format("{}s", made.timeout.count())));
  return made;
}

}  // namespace trackier::config
